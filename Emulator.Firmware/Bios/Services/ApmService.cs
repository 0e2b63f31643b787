using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Services;

/// <summary>Advanced Power Management 1.2: INT 15h AH=53h and the protected-mode entries. Source: APM BIOS Interface Specification 1.2.</summary>
internal sealed class ApmService(IBiosHost host)
{
    private const byte Disconnected = 0, RealMode = 1, Bits16 = 2, Bits32 = 3;
    private const byte NotConnected = 0x03, AlreadyReal = 0x02, Already16 = 0x05, Already32 = 0x07, UnknownDevice = 0x09, BadParameter = 0x0A, Unsupported = 0x0C,
        NoEvents = 0x80;

    private ExtendedData Data => new(host.Memory);

    /// <summary>The function in AX.</summary>
    public void Handle(BiosCall call)
    {
        byte connection = Data.Byte(ExtendedData.ApmConnection);
        switch (call.Al)
        {
            case 0x00:
                call.Bx = 0x504D; // "PM"
                call.Cx = 0x0003; // 16- and 32-bit interfaces
                Succeed(call);
                call.Ax = 0x0102;
                break;
            case 0x01 or 0x02 or 0x03:
                Connect(call, connection);
                break;
            case 0x04:
                Data.SetByte(ExtendedData.ApmConnection, Disconnected);
                Finish(call, connection == Disconnected ? NotConnected : (byte)0);
                break;
            case 0x05:
                Idle(call);
                break;
            case 0x06 or 0x08 or 0x0D or 0x0F:
                Succeed(call);
                break;
            case 0x07:
                SetPowerState(call);
                break;
            case 0x0A:
                if (call.Bx != 1)
                {
                    Finish(call, UnknownDevice);
                    break;
                }
                call.Bx = 0x01FF; // on line; battery unknown
                call.Cx = 0x80FF; // no battery
                call.Dx = 0xFFFF;
                Succeed(call);
                break;
            case 0x0B:
                Finish(call, NoEvents);
                break;
            case 0x0C:
                call.Cx = 0; // ready
                Succeed(call);
                break;
            case 0x0E:
                Succeed(call);
                call.Ax = 0x0102;
                break;
            case 0x10:
                call.Bl = 0; // no batteries
                call.Cx = 0;
                Succeed(call);
                break;
            default:
                Finish(call, Unsupported);
                break;
        }
    }

    private static void Succeed(BiosCall call) => Finish(call, 0);

    private static void Finish(BiosCall call, byte status)
    {
        call.Carry = status != 0;
        call.Ah = status;
    }

    private void Connect(BiosCall call, byte connection)
    {
        if (connection != Disconnected)
        {
            Finish(call, connection switch { RealMode => AlreadyReal, Bits16 => Already16, _ => Already32 });
            return;
        }
        Data.SetByte(ExtendedData.ApmConnection, call.Al);
        ushort entry = SystemRom.Instance.ApmEntry;
        switch (call.Al)
        {
            case Bits16:
                call.Cx = SystemRom.Segment; // data
                call.Bx = entry;
                call.Si = 0xFFFF;
                call.Di = 0xFFFF;
                call.Ax = SystemRom.Segment;
                call.Carry = false;
                return;
            case Bits32:
                call.Ebx = entry;
                call.Cx = SystemRom.Segment; // 16-bit code
                call.Dx = SystemRom.Segment; // data
                call.Esi = 0xFFFF_FFFF;
                call.Di = 0xFFFF;
                call.Ax = SystemRom.Segment;
                call.Carry = false;
                return;
            default:
                Succeed(call);
                return;
        }
    }

    // By interrupt the stub halts once. A far call returns at once: its caller halts.
    private static void Idle(BiosCall call)
    {
        if (!call.FlagsAreLive && call.Scratch == 0)
        {
            call.Scratch = 1;
            call.Outcome = BiosOutcome.Wait;
            return;
        }
        Succeed(call);
    }

    private void SetPowerState(BiosCall call)
    {
        const ushort allDevices = 1, off = 3;
        if (call.Bx != allDevices)
        {
            Finish(call, UnknownDevice);
            return;
        }
        if (call.Cx is 0 or > off)
        {
            Finish(call, BadParameter);
            return;
        }
        if (call.Cx == off)
        {
            host.PowerOff();
        }
        Succeed(call); // standby and suspend end at once: something wakes a PC that has nothing to save
    }
}
