using System.Collections.Concurrent;
using System.Text;
using Emulator.Core.Backends;

namespace Emulator.Tests.Chardev;

/// <summary>A stand-in for the machine thread and a device on it: the test's own thread runs what is posted.</summary>
internal sealed class MachineThread : ICharReceiver, ICharEventReceiver
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly BlockingCollection<Action> posted = [];
    private readonly List<byte> received = [];

    public int Room { get; set; } = int.MaxValue;

    public List<CharEvent> Events { get; } = [];

    public int ReceivedCount => received.Count;

    public string Text => Encoding.UTF8.GetString([.. received]);

    public void Post(Action action) => posted.Add(action);

    public void Receive(ReadOnlySpan<byte> data)
    {
        if (data.Length > Room)
        {
            throw new InvalidOperationException($"{data.Length} bytes into room for {Room}");
        }
        received.AddRange(data);
        if (Room != int.MaxValue)
        {
            Room -= data.Length;
        }
    }

    public void OnCharEvent(CharEvent e) => Events.Add(e);

    /// <summary>Runs what is posted until <paramref name="done"/> holds; false when it does not come to that.</summary>
    public bool RunUntil(Func<bool> done)
    {
        var end = DateTime.UtcNow + Patience;
        while (!done())
        {
            if (!posted.TryTake(out var action, TimeSpan.FromMilliseconds(20)))
            {
                if (DateTime.UtcNow > end)
                {
                    return false;
                }
                continue;
            }
            action();
        }
        return true;
    }

    /// <summary>Runs what is posted already.</summary>
    public void RunPosted()
    {
        while (posted.TryTake(out var action))
        {
            action();
        }
    }
}
