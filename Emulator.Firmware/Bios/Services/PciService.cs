using Emulator.Firmware.Bios.Rom;

namespace Emulator.Firmware.Bios.Services;

/// <summary>INT 1Ah AH=B1h, the same by a far call from 32-bit code, and the BIOS32 directory. Sources: PCI BIOS Specification 2.1; Standard
/// BIOS 32-bit Service Directory Proposal 0.4.</summary>
internal sealed class PciService(IBiosHost host)
{
    private const byte Successful = 0x00, NotSupported = 0x81, BadVendor = 0x83, DeviceNotFound = 0x86, BadRegister = 0x87, BufferTooSmall = 0x89;
    private const uint RoutingTable = SystemTables.RoutingAddress;

    /// <summary>BIOS32: EAX names the service; AL tells, EBX ECX EDX are base, length and entry.</summary>
    public void FindService(BiosCall call)
    {
        const uint pci = 0x49435024; // "$PCI"
        if (call.Eax != pci || (call.Ebx & 0xFF) != 0 || !HasPci)
        {
            call.Al = 0x80;
            return;
        }
        call.Al = 0;
        call.Ebx = SystemRom.Segment << 4;
        call.Ecx = SystemRom.Size;
        call.Edx = SystemRom.Instance.Pci32Entry;
    }

    /// <summary>The functions; AL says which.</summary>
    public void Handle(BiosCall call)
    {
        if (call.Ah != 0xB1 || !HasPci)
        {
            Finish(call, NotSupported);
            return;
        }
        int register = call.Di;
        switch (call.Al & 0x7F)
        {
            case 0x01:
                call.Al = 0x01; // configuration mechanism 1, no special cycles
                call.Bx = 0x0210;
                call.Cl = 0; // the last bus
                call.Edx = 0x20494350; // "PCI "
                Finish(call, Successful);
                break;
            case 0x02:
                FindDevice(call);
                break;
            case 0x03:
                FindClass(call);
                break;
            case 0x08 or 0x09 or 0x0A:
                int readSize = 1 << ((call.Al & 0x7F) - 0x08);
                if (!IsValid(register, readSize))
                {
                    Finish(call, BadRegister);
                    break;
                }
                uint value = host.Pci.Read(call.Bh, call.Bl >> 3, call.Bl & 7, register, readSize);
                call.Ecx = readSize switch { 1 => (call.Ecx & 0xFFFF_FF00) | value, 2 => (call.Ecx & 0xFFFF_0000) | value, _ => value };
                Finish(call, Successful);
                break;
            case 0x0B or 0x0C or 0x0D:
                int writeSize = 1 << ((call.Al & 0x7F) - 0x0B);
                if (!IsValid(register, writeSize))
                {
                    Finish(call, BadRegister);
                    break;
                }
                host.Pci.Write(call.Bh, call.Bl >> 3, call.Bl & 7, register, writeSize, writeSize switch { 1 => call.Cl, 2 => call.Cx, _ => call.Ecx });
                Finish(call, Successful);
                break;
            case 0x0E when !call.FlagsAreLive:
                RoutingOptions(call);
                break;
            case 0x0F:
                SetInterrupt(call);
                break;
            default:
                Finish(call, NotSupported);
                break;
        }
    }

    private bool HasPci => host.Pci.Read(0, 0, 0, 0, 4) != uint.MaxValue;

    private static bool IsValid(int register, int size) => register < 256 && (register & (size - 1)) == 0;

    private static void Finish(BiosCall call, byte status)
    {
        call.Ah = status;
        call.Carry = status != Successful;
    }

    private IEnumerable<(int Device, int Function)> Functions()
    {
        for (int device = 0; device < 32; device++)
        {
            int last = (host.Pci.Read(0, device, 0, 0x0E, 1) & 0x80) != 0 ? 7 : 0;
            for (int function = 0; function <= last; function++)
            {
                if ((host.Pci.Read(0, device, function, 0, 4) & 0xFFFF) is not (0xFFFF or 0))
                {
                    yield return (device, function);
                }
            }
        }
    }

    private void FindDevice(BiosCall call)
    {
        if (call.Dx == 0xFFFF)
        {
            Finish(call, BadVendor);
            return;
        }
        uint wanted = (uint)(call.Cx << 16 | call.Dx);
        Return(call, Functions().Where(at => host.Pci.Read(0, at.Device, at.Function, 0, 4) == wanted));
    }

    private void FindClass(BiosCall call)
    {
        uint wanted = call.Ecx & 0xFF_FFFF;
        Return(call, Functions().Where(at => host.Pci.Read(0, at.Device, at.Function, 8, 4) >> 8 == wanted));
    }

    private static void Return(BiosCall call, IEnumerable<(int Device, int Function)> found)
    {
        foreach ((int device, int function) in found.Skip(call.Si))
        {
            call.Bh = 0;
            call.Bl = (byte)(device << 3 | function);
            Finish(call, Successful);
            return;
        }
        Finish(call, DeviceNotFound);
    }

    // ES:DI: size of the buffer, its far address. The slots are those of the $PIR table.
    private void RoutingOptions(BiosCall call)
    {
        const int header = 32;
        uint at = call.InEs(call.Di);
        int length = (int)host.Memory.Load(RoutingTable + 6, 2) - header, room = (int)host.Memory.Load(at, 2);
        host.Memory.Store(at, 2, (uint)length);
        if (room < length)
        {
            Finish(call, BufferTooSmall);
            return;
        }
        uint pointer = host.Memory.Load(at + 2, 4);
        var slots = new byte[length];
        host.Memory.Read(RoutingTable + header, slots);
        host.Memory.Write(FarPointer.Linear(pointer), slots);
        call.Bx = (ushort)host.Memory.Load(RoutingTable + 10, 2);
        Finish(call, Successful);
    }

    // CH: interrupt, CL: pin 0Ah-0Dh. The PIIX3's PIRQ register of that pin.
    private void SetInterrupt(BiosCall call)
    {
        const byte failed = 0x88;
        int pin = call.Cl - 0x0A, device = call.Bl >> 3;
        if (pin is < 0 or > 3 || device == 0 || (1 << call.Ch & 0xDEF8) == 0)
        {
            Finish(call, failed);
            return;
        }
        host.Pci.Write(0, 1, 0, 0x60 + ((device - 1 + pin) & 3), 1, call.Ch);
        Finish(call, Successful);
    }
}
