using Emulator.Core.Backends;

namespace Emulator.Remote.Chardev;

/// <summary>
/// Several front ends (a serial port, the monitor) on one host stream. Output of all of them is mixed; input goes to
/// the one that has the focus. An escape byte, Ctrl-a unless told otherwise, starts a command.
/// </summary>
public sealed class CharMux : ICharReceiver, ICharEventReceiver, IDisposable
{
    private const int HeldBytes = 4096;

    private readonly ICharBackend host;
    private readonly byte escape;
    private readonly MuxCommands commands;
    private readonly List<FrontEnd> frontEnds = [];
    private FrontEnd? focus;
    private bool escaped;

    /// <summary>Takes over <paramref name="host"/>.</summary>
    /// <param name="host">The stream that is shared; owned.</param>
    /// <param name="escape">The byte that starts a command: 1 is Ctrl-a.</param>
    /// <param name="commands">What the commands do.</param>
    public CharMux(ICharBackend host, byte escape, MuxCommands commands)
    {
        this.host = host;
        this.escape = escape;
        this.commands = commands;
        host.Receiver = this;
    }

    /// <inheritdoc/>
    public int Room => focus is null ? 0 : HeldBytes - focus.HeldCount;

    /// <summary>Adds a front end. The first that is not a monitor has the focus at the start.</summary>
    /// <param name="isMonitor">True for a monitor.</param>
    public ICharBackend AddFrontEnd(bool isMonitor)
    {
        var frontEnd = new FrontEnd(this, isMonitor);
        frontEnds.Add(frontEnd);
        if (focus is null || (focus.IsMonitor && !isMonitor))
        {
            focus = frontEnd;
        }
        return frontEnd;
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> data)
    {
        foreach (byte b in data)
        {
            if (escaped)
            {
                escaped = false;
                Command(b);
            }
            else if (b == escape)
            {
                escaped = true;
            }
            else
            {
                focus?.Hold(b);
            }
        }
        focus?.AcceptInput();
    }

    /// <inheritdoc/>
    public void OnCharEvent(CharEvent e)
    {
        foreach (var frontEnd in frontEnds)
        {
            frontEnd.Tell(e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => host.Dispose();

    private void Command(byte key)
    {
        switch (key)
        {
            case (byte)'h' or (byte)'?':
                Help();
                break;
            case (byte)'x':
                host.Send("emu: Terminated\n\r"u8);
                commands.Quit();
                break;
            case (byte)'s':
                commands.Commit();
                break;
            case (byte)'b':
                focus?.Tell(CharEvent.Break);
                break;
            case (byte)'c':
                MoveFocus();
                break;
            case var _ when key == escape:
                focus?.Hold(key);
                break;
        }
    }

    private void Help()
    {
        string c = escape is > 0 and <= 26 ? $"C-{(char)('a' + escape - 1)}" : $"0x{escape:x2}";
        string text = $"""

            {c} h    print this help
            {c} x    exit the emulator
            {c} s    write the changes of -snapshot drives to their images
            {c} b    send a break (magic SysRq)
            {c} c    switch between console and monitor
            {c} {c}  send {c}

            """;
        host.Send(System.Text.Encoding.ASCII.GetBytes(text.ReplaceLineEndings("\n\r")));
    }

    private void MoveFocus()
    {
        if (focus is null)
        {
            return;
        }
        focus.Tell(CharEvent.FocusOut);
        focus = frontEnds[(frontEnds.IndexOf(focus) + 1) % frontEnds.Count];
        focus.Tell(CharEvent.FocusIn);
        focus.AcceptInput();
    }

    private sealed class FrontEnd(CharMux mux, bool isMonitor) : ICharBackend
    {
        private readonly Queue<byte> held = new();
        private bool delivering;

        public bool IsMonitor => isMonitor;

        public int HeldCount => held.Count;

        public ICharReceiver? Receiver { get; set; }

        public void Hold(byte b) => held.Enqueue(b);

        public void Tell(CharEvent e) => (Receiver as ICharEventReceiver)?.OnCharEvent(e);

        public bool CanSend => mux.host.CanSend;

        public void Send(ReadOnlySpan<byte> data) => mux.host.Send(data);

        public void AcceptInput()
        {
            if (delivering || held.Count == 0)
            {
                return;
            }
            delivering = true;
            Span<byte> piece = stackalloc byte[64];
            while (Receiver is ICharReceiver receiver && Math.Min(receiver.Room, Math.Min(held.Count, piece.Length)) is int n and > 0)
            {
                for (int i = 0; i < n; i++)
                {
                    piece[i] = held.Dequeue();
                }
                receiver.Receive(piece[..n]);
            }
            delivering = false;
            if (this == mux.focus)
            {
                mux.host.AcceptInput();
            }
        }

        public void Dispose()
        {
            // The stream belongs to all front ends: the mux closes it.
        }
    }
}
