using System.Collections.Concurrent;

namespace Emulator.Machine;

/// <summary>Where other threads leave work for the machine thread. It exists before the machine, because backends need it first.</summary>
public sealed class MachineInbox : IDisposable
{
    /// <summary>Work in order of arrival.</summary>
    public ConcurrentQueue<Action> Actions { get; } = new();

    /// <summary>Set when there is work, to end an idle wait.</summary>
    public AutoResetEvent Wake { get; } = new(false);

    /// <summary>Makes a running processor return to the run loop.</summary>
    public Action? Interrupt { get; set; }

    /// <summary>Leaves work. From any thread.</summary>
    public void Post(Action action)
    {
        Actions.Enqueue(action);
        Interrupt?.Invoke();
        Wake.Set();
    }

    /// <inheritdoc/>
    public void Dispose() => Wake.Dispose();
}
