using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>The terminal, files or pipes the program was started with. The end of the input is not an end of the output.</summary>
public sealed class StdioBackend : ICharBackend
{
    private readonly IDisposable? terminal;
    private readonly Stream? console = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : null;
    private readonly InputBuffer input;
    private readonly OutputBuffer output;

    /// <summary>Puts a terminal into raw mode and starts to read.</summary>
    /// <param name="spec">Only <see cref="CharSpec.Signals"/> and the label are used.</param>
    /// <param name="post">Runs an action on the machine thread.</param>
    public StdioBackend(CharSpec spec, Action<Action> post)
    {
        terminal = OperatingSystem.IsWindows() ? WindowsConsole.Enter(spec.Signals) : RawTerminal.Enter(spec.Signals);
        input = new InputBuffer(post);
        output = new OutputBuffer(spec.Label, WriteOutput, () => input.Announce(CharEvent.Drained));
        input.Announce(CharEvent.Opened);
        new Thread(ReadInput) { IsBackground = true, Name = "stdin" }.Start();
    }

    /// <inheritdoc/>
    public ICharReceiver? Receiver
    {
        get => input.Receiver;
        set => input.Receiver = value;
    }

    /// <inheritdoc/>
    public bool CanSend => !output.IsFull;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data) => output.Send(data);

    /// <inheritdoc/>
    public void AcceptInput() => input.AcceptInput();

    /// <inheritdoc/>
    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
        terminal?.Dispose();
    }

    // Console's own stream sends the terminal commands of its own before the first byte.
    private void WriteOutput(ReadOnlySpan<byte> data)
    {
        if (console is not null)
        {
            console.Write(data);
        }
        else if (!Posix.WriteAll(1, data))
        {
            throw new IOException("standard output is closed");
        }
    }

    // Console's own stream gives whole lines only, edited and echoed by the terminal.
    private void ReadInput()
    {
        using var keys = OperatingSystem.IsWindows() ? Console.OpenStandardInput() : null;
        byte[] buffer = new byte[4096];
        int n;
        while ((n = keys?.Read(buffer) ?? Posix.Read(0, buffer)) > 0)
        {
            input.Offer(buffer.AsSpan(0, n));
        }
        input.Announce(CharEvent.Closed);
    }
}
