namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// INT 15h AH=C2h and IRQ 12: the pointing device by the 8042's second port. Source: IBM PS/2 BIOS Interface Technical Reference, INT 15h,
/// "Pointing device interface".
/// </summary>
internal sealed class MouseService(IBiosHost host)
{
    private const byte InvalidFunction = 1, InvalidInput = 2, InterfaceError = 3, NoHandler = 5;
    private const int HandlerInstalled = 0x80, SizeMask = 0x07;

    private static readonly byte[] SampleRates = [10, 20, 40, 60, 80, 100, 200];

    private readonly Ps2Exchange exchange = new(host);

    private ExtendedData Data => new(host.Memory);

    /// <summary>IRQ 12: a byte in AL. CF tells the stub to call the handler with status, X and Y in BX, CX and DX.</summary>
    public void Interrupt(BiosCall call)
    {
        ExtendedData data = Data;
        int flags = data.Byte(ExtendedData.MouseFlags), count = data.Byte(ExtendedData.MouseCount);
        call.LiveCarry = false;
        if ((flags & HandlerInstalled) == 0)
        {
            return;
        }
        if (count == 0 && (call.Al & 0x08) == 0)
        {
            return; // no packet starts so
        }
        data.SetByte(ExtendedData.MousePacket + count, call.Al);
        count++;
        if (count < (flags & SizeMask))
        {
            data.SetByte(ExtendedData.MouseCount, count);
            return;
        }
        data.SetByte(ExtendedData.MouseCount, 0);
        call.Bx = data.Byte(ExtendedData.MousePacket);
        call.Cx = data.Byte(ExtendedData.MousePacket + 1);
        call.Dx = data.Byte(ExtendedData.MousePacket + 2);
        call.LiveCarry = data.Dword(ExtendedData.MouseHandler) != 0;
    }

    /// <summary>INT 15h AH=C2h; AL is the function.</summary>
    public void Handle(BiosCall call)
    {
        ExtendedData data = Data;
        switch (call.Al)
        {
            case 0x00 when call.Bh <= 1:
                if (call.Bh == 1 && (data.Byte(ExtendedData.MouseFlags) & HandlerInstalled) == 0)
                {
                    Finish(call, NoHandler);
                    return;
                }
                Exchange(call, [call.Bh == 1 ? (byte)0xF4 : (byte)0xF5], 0);
                break;
            case 0x01:
                if (Exchange(call, [0xFF], 2) is { } reset)
                {
                    call.Bl = reset[0]; // AA: self-test passed
                    call.Bh = reset[1]; // 00: a mouse
                }
                break;
            case 0x02 when call.Bh < SampleRates.Length:
                Exchange(call, [0xF3, SampleRates[call.Bh]], 0);
                break;
            case 0x03 when call.Bh <= 3:
                Exchange(call, [0xE8, call.Bh], 0);
                break;
            case 0x04:
                if (Exchange(call, [0xF2], 1) is { } id)
                {
                    call.Bh = id[0];
                }
                break;
            case 0x05 when call.Bh is >= 1 and <= 8:
                data.SetByte(ExtendedData.MouseCount, 0);
                data.SetByte(ExtendedData.MouseFlags, (data.Byte(ExtendedData.MouseFlags) & HandlerInstalled) | (call.Bh & SizeMask));
                if (Exchange(call, [0xFF], 2) is { } started)
                {
                    call.Bl = started[0];
                    call.Bh = started[1];
                }
                break;
            case 0x06:
                Extended(call);
                break;
            case 0x07:
                data.SetDword(ExtendedData.MouseHandler, FarPointer.Make(call.Es.Selector, call.Bx));
                bool installed = call.Es.Selector != 0 || call.Bx != 0;
                int size = data.Byte(ExtendedData.MouseFlags) & SizeMask;
                data.SetByte(ExtendedData.MouseFlags, (size == 0 ? 3 : size) | (installed ? HandlerInstalled : 0));
                Finish(call, 0);
                break;
            case 0x00 or 0x02 or 0x03 or 0x05:
                Finish(call, InvalidInput);
                break;
            default:
                Finish(call, InvalidFunction);
                break;
        }
    }

    private void Extended(BiosCall call)
    {
        switch (call.Bh)
        {
            case 0:
                if (Exchange(call, [0xE9], 3) is { } status)
                {
                    (call.Bl, call.Cl, call.Dl) = (status[0], status[1], status[2]);
                }
                break;
            case 1 or 2:
                Exchange(call, [call.Bh == 1 ? (byte)0xE6 : (byte)0xE7], 0);
                break;
            default:
                Finish(call, InvalidInput);
                break;
        }
    }

    private byte[]? Exchange(BiosCall call, ReadOnlySpan<byte> commands, int answers)
    {
        byte[]? answer = exchange.Continue(call, commands, answers, out bool failed);
        if (failed)
        {
            Finish(call, InterfaceError);
        }
        else if (answer is not null)
        {
            Finish(call, 0);
        }
        return answer;
    }

    private static void Finish(BiosCall call, byte status)
    {
        call.Ah = status;
        call.Carry = status != 0;
    }
}
