namespace Emulator.Firmware.Bios.Services;

/// <summary>INT 17h on the ports that the data area names. Source: IBM PS/2 BIOS Interface Technical Reference, INT 17h.</summary>
internal sealed class PrinterService(IBiosHost host)
{
    private const byte Strobe = 0x01, Initialize = 0x04, Select = 0x08, NotBusy = 0x80, TimedOut = 0x01, Inverted = 0x48;
    private const long UnitNs = 1_000_000_000;

    /// <summary>INT 17h; DX is the port's number.</summary>
    public void Handle(BiosCall call)
    {
        var data = new BiosData(host.Memory);
        ushort port = call.Dx < 3 ? data.Word(BiosData.Parallel + (call.Dx * 2)) : (ushort)0;
        if (port == 0)
        {
            call.Ah = TimedOut;
            return;
        }
        ushort control = (ushort)(port + 2);
        switch (call.Ah)
        {
            case 0x00:
                if ((host.In((ushort)(port + 1)) & NotBusy) == 0 && !IsLate(call, data))
                {
                    call.Outcome = BiosOutcome.Poll;
                    return;
                }
                bool late = (host.In((ushort)(port + 1)) & NotBusy) == 0;
                if (!late)
                {
                    host.Out(port, call.Al);
                    host.Out(control, Select | Initialize | Strobe);
                    host.Out(control, Select | Initialize);
                }
                call.Ah = (byte)(Status(port) | (late ? TimedOut : 0));
                break;
            case 0x01:
                host.Out(control, Select);
                host.Out(control, Select | Initialize);
                call.Ah = Status(port);
                break;
            case 0x02:
                call.Ah = Status(port);
                break;
        }
    }

    private bool IsLate(BiosCall call, BiosData data)
    {
        if (call.Scratch == 0)
        {
            call.Scratch = (ulong)(host.NowNs + (Math.Max((int)data.Byte(BiosData.PrinterTimeouts + call.Dx), 1) * UnitNs));
        }
        return (ulong)host.NowNs >= call.Scratch;
    }

    // Acknowledge and error come inverted.
    private byte Status(ushort port) => (byte)((host.In((ushort)(port + 1)) ^ Inverted) & 0xF8);
}
