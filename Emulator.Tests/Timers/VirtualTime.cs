using Emulator.Core.Time;

namespace Emulator.Tests.Timers;

/// <summary>A manual clock with an event queue, and the stepping that a machine's loop does.</summary>
public sealed class VirtualTime
{
    private readonly ManualClock clock = new();

    public VirtualTime() => Queue = new EventQueue(clock);

    public EventQueue Queue { get; }

    public long NowNs => clock.NowNs;

    /// <summary>Advances by <paramref name="ns"/>, each timer firing at its own time.</summary>
    public void Advance(long ns)
    {
        long end = clock.NowNs + ns;
        while (Queue.NextDeadlineNs <= end)
        {
            clock.NowNs = Math.Max(clock.NowNs, Queue.NextDeadlineNs);
            Queue.RunDue();
        }
        clock.NowNs = end;
    }

    /// <summary>Jumps by <paramref name="ns"/> and only then fires what is due, as after a stall of the host.</summary>
    public int Stall(long ns)
    {
        clock.NowNs += ns;
        return Queue.RunDue();
    }
}
