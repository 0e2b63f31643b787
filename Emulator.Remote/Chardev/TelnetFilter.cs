namespace Emulator.Remote.Chardev;

/// <summary>
/// The telnet protocol of a server that wants single characters of 8 bits (RFC 854-858): commands of the client are taken out of what it
/// sends, byte 255 is doubled on its way there, and a carriage return loses the NUL that follows it.
/// </summary>
internal sealed class TelnetFilter
{
    private const byte Command = 255, SubBegin = 250, SubEnd = 240, Break = 243, Will = 251, Do = 253, DoNot = 254;
    private const byte Binary = 0, Echo = 1, SuppressGoAhead = 3;

    private State state;

    private enum State
    {
        Data,
        AfterReturn,
        Command,
        Option,
        Sub,
        SubCommand,
    }

    /// <summary>What a server says first: it echoes, never asks for a turn, and both sides send 8 bits.</summary>
    public static ReadOnlySpan<byte> Greeting => [Command, Will, Echo, Command, Will, SuppressGoAhead, Command, Will, Binary, Command, Do, Binary];

    /// <summary>Takes the protocol out of what a client sent.</summary>
    /// <param name="data">What came; afterwards its beginning is what was meant.</param>
    /// <param name="sawBreak">True when the client sent a break.</param>
    /// <returns>How many bytes were meant.</returns>
    public int Receive(Span<byte> data, out bool sawBreak)
    {
        int n = 0;
        sawBreak = false;
        foreach (byte b in data)
        {
            switch (state)
            {
                case State.Data or State.AfterReturn when b == Command:
                    state = State.Command;
                    break;
                case State.AfterReturn when b == 0:
                    state = State.Data;
                    break;
                case State.Data or State.AfterReturn:
                    state = b == '\r' ? State.AfterReturn : State.Data;
                    data[n++] = b;
                    break;
                case State.Command when b == Command:
                    state = State.Data;
                    data[n++] = b;
                    break;
                case State.Command:
                    sawBreak |= b == Break;
                    state = b is >= Will and <= DoNot ? State.Option : b == SubBegin ? State.Sub : State.Data;
                    break;
                case State.Option:
                    state = State.Data;
                    break;
                case State.Sub:
                    state = b == Command ? State.SubCommand : State.Sub;
                    break;
                default:
                    state = b == SubEnd ? State.Data : State.Sub;
                    break;
            }
        }
        return n;
    }

    /// <summary>Doubles the bytes that would be commands.</summary>
    public static byte[] Send(ReadOnlySpan<byte> data)
    {
        var bytes = new List<byte>(data.Length + 16);
        foreach (byte b in data)
        {
            bytes.Add(b);
            if (b == Command)
            {
                bytes.Add(b);
            }
        }
        return [.. bytes];
    }
}
