namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// Bytes to the mouse through the 8042, each acknowledged, and the bytes that it answers: a call that polls, with its progress on the
/// caller's stack (<see cref="BiosCall.Scratch"/>): step, then up to five answer bytes, then since when it waits.
/// </summary>
internal sealed class Ps2Exchange(IBiosHost host)
{
    private const ushort DataPort = 0x60, StatusPort = 0x64;
    private const byte OutputFull = 0x01, FromMouse = 0x20, ToMouse = 0xD4, ReadCommandByte = 0x20, WriteCommandByte = 0x60, MouseInterrupt = 0x02;
    private const int Sending = 0x80, MostAnswers = 5;

    // Milliseconds without an answer; a mouse's reset takes up to half a second. How often that is asked for depends on the host.
    private const int LongestWait = 2000, TimeMask = 0x7FFF, IsWaiting = 0x8000;

    /// <summary>Goes on with the exchange.</summary>
    /// <param name="call">The call; its outcome is set to poll while the exchange goes on.</param>
    /// <param name="commands">What is sent.</param>
    /// <param name="answers">Number of bytes after the last acknowledge.</param>
    /// <returns>The answer when all is done; null while it goes on, or an empty array of a device that does not answer (<paramref name="failed"/>).</returns>
    public byte[]? Continue(BiosCall call, ReadOnlySpan<byte> commands, int answers, out bool failed)
    {
        failed = false;
        ulong scratch = call.Scratch;
        int step = (int)(scratch & 0x7F), since = (int)(scratch >> 48), now = (int)(host.NowNs / 1_000_000) & TimeMask;
        if (scratch == 0)
        {
            SetInterrupt(false); // what comes is this exchange's, not INT 74h's
            Drain();
        }
        if ((scratch & Sending) == 0)
        {
            host.Out(StatusPort, ToMouse);
            host.Out(DataPort, commands[step]);
            call.Scratch = scratch | Sending;
            call.Outcome = BiosOutcome.Poll;
            return null;
        }
        byte status = (byte)host.In(StatusPort);
        if ((status & OutputFull) == 0)
        {
            if (since == 0)
            {
                since = now | IsWaiting;
            }
            if (((now - since) & TimeMask) > LongestWait)
            {
                SetInterrupt(true);
                failed = true;
                return null;
            }
            call.Scratch = (scratch & 0xFFFF_FFFF_FFFF) | ((ulong)since << 48);
            call.Outcome = BiosOutcome.Poll;
            return null;
        }
        byte value = (byte)host.In(DataPort);
        if ((status & FromMouse) != 0)
        {
            int position = step - (commands.Length - 1);
            if (position > 0)
            {
                scratch |= (ulong)value << (8 * position);
            }
            step++;
            bool sends = step < commands.Length;
            scratch = (scratch & 0xFFFF_FFFF_FF00) | (uint)step | (sends ? 0u : Sending);
        }
        if (step - commands.Length < Math.Min(answers, MostAnswers))
        {
            call.Scratch = scratch & 0xFFFF_FFFF_FFFF;
            call.Outcome = BiosOutcome.Poll;
            return null;
        }
        if (step < commands.Length)
        {
            call.Scratch = scratch & 0xFFFF_FFFF_FFFF;
            call.Outcome = BiosOutcome.Poll;
            return null;
        }
        SetInterrupt(true);
        var answer = new byte[answers];
        for (int n = 0; n < answers; n++)
        {
            answer[n] = (byte)(scratch >> (8 * (n + 1)));
        }
        return answer;
    }

    private void Drain()
    {
        for (int n = 0; n < 16 && (host.In(StatusPort) & OutputFull) != 0; n++)
        {
            host.In(DataPort);
        }
    }

    private void SetInterrupt(bool on)
    {
        host.Out(StatusPort, ReadCommandByte);
        byte command = (byte)host.In(DataPort);
        host.Out(StatusPort, WriteCommandByte);
        host.Out(DataPort, (uint)(on ? (command | MouseInterrupt) & ~0x20 : command & ~(MouseInterrupt | 0x20)));
    }
}
