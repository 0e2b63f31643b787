using Emulator.Core.Backends;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Remote.Display;

/// <summary>
/// Key events on their way to the guest's keyboard, in order, with time between them and not before the keyboard has room:
/// what is typed or pasted faster than the guest reads waits here. Machine thread.
/// </summary>
public sealed class KeyQueue
{
    /// <summary>Events that wait at most; more are dropped, for nobody reads them.</summary>
    public const int Capacity = 4096;

    // The longest scan code sequence, that of Pause, has 8 bytes.
    private const int LongestKeyBytes = 8;
    private const long RetryNs = 5_000_000;

    private readonly IScheduler scheduler;
    private readonly IKeyboardSink keyboard;
    private readonly Func<int> room;
    private readonly ITimer timer;
    private readonly Queue<(string Key, bool Down, long HoldNs)> waiting = new();

    /// <summary>Makes an empty queue.</summary>
    /// <param name="scheduler">The machine's time.</param>
    /// <param name="keyboard">Where events go.</param>
    /// <param name="room">Bytes of scan codes that the keyboard takes now.</param>
    public KeyQueue(IScheduler scheduler, IKeyboardSink keyboard, Func<int> room)
    {
        this.scheduler = scheduler;
        this.keyboard = keyboard;
        this.room = room;
        timer = scheduler.CreateTimer("key-queue", Feed);
    }

    /// <summary>Events that wait.</summary>
    public int Count => waiting.Count;

    /// <summary>Presses the keys in order and releases them in reverse.</summary>
    /// <param name="keys">Names as <c>sendkey</c> has them.</param>
    /// <param name="holdNs">Virtual time after each press and each release, ns.</param>
    public void Strike(IReadOnlyList<string> keys, long holdNs)
    {
        if (waiting.Count + (keys.Count * 2) > Capacity)
        {
            return;
        }
        foreach (string key in keys)
        {
            waiting.Enqueue((key, true, holdNs));
        }
        foreach (string key in keys.Reverse())
        {
            waiting.Enqueue((key, false, holdNs));
        }
        if (!timer.IsArmed)
        {
            Feed();
        }
    }

    private void Feed()
    {
        while (waiting.Count > 0)
        {
            if (room() < LongestKeyBytes)
            {
                timer.Arm(scheduler.NowNs + RetryNs);
                return;
            }
            (string key, bool down, long holdNs) = waiting.Dequeue();
            keyboard.Key(key, down);
            if (holdNs > 0)
            {
                timer.Arm(scheduler.NowNs + holdNs);
                return;
            }
        }
    }
}
