namespace Emulator.Firmware.Bios.Services;

/// <summary>INT 14h on the ports that the data area names. Source: IBM PS/2 BIOS Interface Technical Reference, INT 14h; 16550A data sheet.</summary>
internal sealed class SerialService(IBiosHost host)
{
    private const int LineControl = 3, ModemControl = 4, LineStatus = 5, ModemStatus = 6, DivisorLatch = 0x80;
    private const byte HasData = 0x01, CanSend = 0x20, TimedOut = 0x80;
    private const long UnitNs = 1_000_000_000;

    private static readonly ushort[] Divisors = [0x417, 0x300, 0x180, 0xC0, 0x60, 0x30, 0x18, 0x0C];
    private static readonly ushort[] ExtendedDivisors = [0x417, 0x300, 0x180, 0xC0, 0x60, 0x30, 0x18, 0x0C, 0x06];

    /// <summary>INT 14h; DX is the port's number.</summary>
    public void Handle(BiosCall call)
    {
        var data = new BiosData(host.Memory);
        ushort port = call.Dx < 4 ? data.Word(BiosData.Serial + (call.Dx * 2)) : (ushort)0;
        if (port == 0)
        {
            call.Ah = TimedOut;
            return;
        }
        switch (call.Ah)
        {
            case 0x00:
                Initialize(port, Divisors[call.Al >> 5], call.Al & 0x1F);
                Status(call, port);
                break;
            case 0x01:
                host.Out((ushort)(port + ModemControl), host.In((ushort)(port + ModemControl)) | 3u);
                if (Await(call, port, CanSend))
                {
                    host.Out(port, call.Al);
                    call.Ah = (byte)(host.In((ushort)(port + LineStatus)) & 0x7F);
                }
                break;
            case 0x02:
                host.Out((ushort)(port + ModemControl), host.In((ushort)(port + ModemControl)) | 1u);
                if (Await(call, port, HasData))
                {
                    call.Ah = (byte)(host.In((ushort)(port + LineStatus)) & 0x1E);
                    call.Al = (byte)host.In(port);
                }
                break;
            case 0x03:
                Status(call, port);
                break;
            case 0x04 when call.Cl < ExtendedDivisors.Length:
                // BH parity, BL stop bits, CH word length, AL break.
                int parity = call.Bh switch { 0 => 0, 1 => 1, 2 => 3, 3 => 5, _ => 7 };
                Initialize(port, ExtendedDivisors[call.Cl], (call.Ch & 3) | (call.Bl & 1) << 2 | parity << 3 | (call.Al & 1) << 6);
                Status(call, port);
                break;
            case 0x05:
                if (call.Al == 1)
                {
                    host.Out((ushort)(port + ModemControl), call.Bl);
                }
                call.Bl = (byte)host.In((ushort)(port + ModemControl));
                Status(call, port);
                break;
        }
    }

    private void Initialize(ushort port, ushort divisor, int lineControl)
    {
        host.Out((ushort)(port + LineControl), (uint)(lineControl | DivisorLatch));
        host.Out(port, (byte)divisor);
        host.Out((ushort)(port + 1), (uint)(divisor >> 8));
        host.Out((ushort)(port + LineControl), (uint)lineControl);
        host.Out((ushort)(port + 1), 0);
    }

    private void Status(BiosCall call, ushort port)
    {
        call.Ah = (byte)host.In((ushort)(port + LineStatus));
        call.Al = (byte)host.In((ushort)(port + ModemStatus));
    }

    // Polls until a bit of the line status is set, as many seconds as the data area has for the port.
    private bool Await(BiosCall call, ushort port, byte bit)
    {
        byte status = (byte)host.In((ushort)(port + LineStatus));
        if ((status & bit) != 0)
        {
            return true;
        }
        if (call.Scratch == 0)
        {
            byte units = new BiosData(host.Memory).Byte(BiosData.SerialTimeouts + call.Dx);
            call.Scratch = (ulong)(host.NowNs + (Math.Max((int)units, 1) * UnitNs));
        }
        if ((ulong)host.NowNs < call.Scratch)
        {
            call.Outcome = BiosOutcome.Poll;
            return false;
        }
        call.Ah = (byte)(status | TimedOut);
        return false;
    }
}
