using Emulator.Core.Backends;

namespace Emulator.Remote.Chardev;

/// <summary>A stream whose output goes to a second one too: <c>logfile=</c>.</summary>
/// <param name="main">The stream; owned.</param>
/// <param name="copy">Gets what is sent; owned.</param>
public sealed class CopiedBackend(ICharBackend main, ICharBackend copy) : ICharBackend
{
    /// <inheritdoc/>
    public ICharReceiver? Receiver
    {
        get => main.Receiver;
        set => main.Receiver = value;
    }

    /// <inheritdoc/>
    public bool CanSend => main.CanSend;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        main.Send(data);
        copy.Send(data);
    }

    /// <inheritdoc/>
    public void AcceptInput() => main.AcceptInput();

    /// <inheritdoc/>
    public void Dispose()
    {
        main.Dispose();
        copy.Dispose();
    }
}
