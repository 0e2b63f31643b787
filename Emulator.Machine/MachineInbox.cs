using System.Collections.Concurrent;

namespace Emulator.Machine;

/// <summary>Where other threads leave work for the machine thread. It exists before the machine, because backends need it first.</summary>
public sealed class MachineInbox : IDisposable
{
    private readonly Lock gate = new();
    private Action? interrupt;

    /// <summary>Work in order of arrival.</summary>
    public ConcurrentQueue<Action> Actions { get; } = new();

    /// <summary>Set when there is work, to end an idle wait.</summary>
    public AutoResetEvent Wake { get; } = new(false);

    /// <summary>
    /// Makes a running processor return to the run loop; null while there is none. A processor's state is memory that is freed with it, and streams still
    /// post when the machine has gone: once this is set to null, nobody is in the old one or will come to it.
    /// </summary>
    public Action? Interrupt
    {
        get
        {
            lock (gate)
            {
                return interrupt;
            }
        }
        set
        {
            lock (gate)
            {
                interrupt = value;
            }
        }
    }

    /// <summary>Leaves work. From any thread.</summary>
    public void Post(Action action)
    {
        Actions.Enqueue(action);
        lock (gate)
        {
            interrupt?.Invoke();
        }
        Wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => Wake.Dispose();
}
