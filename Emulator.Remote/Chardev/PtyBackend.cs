using System.Runtime.InteropServices;
using System.Text;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>A pseudo-terminal; its name is printed. Output is dropped while nobody has it open.</summary>
public sealed unsafe class PtyBackend : ICharBackend
{
    private const int LookMs = 50;
    private const int TermiosBytes = 256;

    private readonly int master;
    private readonly InputBuffer input;
    private readonly OutputBuffer output;
    private readonly Thread reader;
    private volatile bool closing;

    /// <summary>Makes the pseudo-terminal and prints where it is.</summary>
    /// <param name="spec">Only label and origin are used.</param>
    /// <param name="post">Runs an action on the machine thread.</param>
    /// <param name="info">Gets the line with the name.</param>
    /// <exception cref="UserErrorException">The host has no pseudo-terminal.</exception>
    public PtyBackend(CharSpec spec, Action<Action> post, TextWriter info)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new UserErrorException($"{spec.Origin}: Windows has no pseudo-terminals; use tcp:127.0.0.1:PORT,server=on,wait=off");
        }
        master = Posix.OpenPseudoTerminal(Posix.ReadWriteNoControllingTerminal);
        if (master < 0 || Posix.GrantPseudoTerminal(master) != 0 || Posix.UnlockPseudoTerminal(master) != 0)
        {
            throw new UserErrorException(
                $"{spec.Origin}: the host gives no pseudo-terminal: {Marshal.GetLastPInvokeErrorMessage()}; use unix:PATH,server=on,wait=off");
        }
        Path = SlaveName();
        MakeSlaveRaw();
        input = new InputBuffer(post);
        output = new OutputBuffer(spec.Label, Write, () => input.Announce(CharEvent.Drained));
        info.WriteLine($"char device redirected to {Path} (label {spec.Label})");
        info.Flush();
        reader = new Thread(ReadInput) { IsBackground = true, Name = $"input {spec.Label}" };
        reader.Start();
    }

    /// <summary>The end to open, e.g. <c>/dev/pts/3</c>.</summary>
    public string Path { get; }

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
        closing = true;
        input.Dispose();
        output.Dispose();
        reader.Join();
        Posix.Close(master);
    }

    private string SlaveName()
    {
        Span<byte> name = stackalloc byte[128];
        fixed (byte* p = name)
        {
            // SAFETY: the buffer is on our stack, zeroed, and its length is passed.
            Posix.PseudoTerminalName(master, p, (nuint)name.Length);
        }
        return Encoding.UTF8.GetString(name[..name.IndexOf((byte)0)]);
    }

    // Once the other end was open and is closed again, the master tells by a hang-up that nobody is there.
    private void MakeSlaveRaw()
    {
        int slave = Posix.Open(Path, Posix.ReadWriteNoControllingTerminal);
        byte* termios = stackalloc byte[TermiosBytes];
        if (Posix.GetAttributes(slave, termios) == 0)
        {
            Posix.MakeRaw(termios);
            Posix.SetAttributes(slave, 0, termios);
        }
        Posix.Close(slave);
    }

    private void ReadInput()
    {
        byte[] buffer = new byte[4096];
        bool connected = false;
        while (!closing)
        {
            short events = Posix.Poll(master, Posix.PollIn, LookMs);
            int n = (events & Posix.PollIn) != 0 ? Posix.Read(master, buffer) : 0;
            bool present = n > 0 || (events & (Posix.PollHangUp | Posix.PollError)) == 0;
            if (present != connected)
            {
                connected = present;
                input.Announce(connected ? CharEvent.Opened : CharEvent.Closed);
            }
            if (n > 0)
            {
                input.Offer(buffer.AsSpan(0, n));
            }
            else if (!present)
            {
                Thread.Sleep(LookMs);
            }
        }
    }

    private void Write(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            short events = Posix.Poll(master, Posix.PollOut, LookMs);
            if ((events & (Posix.PollHangUp | Posix.PollError)) != 0)
            {
                return;
            }
            if ((events & Posix.PollOut) == 0)
            {
                if (closing)
                {
                    return;
                }
                continue;
            }

            // A full terminal takes less than it was asked to; more than it says it takes would block.
            fixed (byte* p = data)
            {
                nint n = Posix.Write(master, p, Math.Min(data.Length, 256));
                if (n <= 0)
                {
                    return;
                }
                data = data[(int)n..];
            }
        }
    }
}
