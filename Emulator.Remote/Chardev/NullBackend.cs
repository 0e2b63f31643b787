using Emulator.Core.Backends;

namespace Emulator.Remote.Chardev;

/// <summary>Output is dropped; there is never input.</summary>
public sealed class NullBackend : ICharBackend
{
    /// <inheritdoc/>
    public ICharReceiver? Receiver { get; set; }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
    }

    /// <inheritdoc/>
    public void AcceptInput()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
