using Emulator.Firmware.Bios.Rom;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Bios.Services;

/// <summary>INT 15h. Sources: IBM PS/2 BIOS Interface Technical Reference, INT 15h; ACPI 6.5, section 15.1 (E820h).</summary>
internal sealed class SystemService(IBiosHost host, MachineDescription machine, MouseService mouse, ClockService clock, ApmService apm)
{
    private const uint Smap = 0x534D4150;
    private const ushort SystemControlA = 0x92;
    private const byte Unsupported = 0x86, A20Open = 2;

    /// <summary>INT 15h; AH is the function.</summary>
    public void Handle(BiosCall call)
    {
        switch (call.Ah)
        {
            case 0x24:
                A20(call);
                break;
            case 0x4F:
                call.Carry = true; // nobody wants the key
                break;
            case 0x52 or 0x80 or 0x81 or 0x82 or 0x85 or 0x90 or 0x91:
                call.Ah = 0;
                call.Carry = false;
                break;
            case 0x53:
                apm.Handle(call);
                break;
            case 0x83:
                EventWait(call);
                break;
            case 0x86:
                clock.Wait(call);
                break;
            case 0x87:
                BlockMove(call);
                break;
            case 0x88:
                ulong extended = Math.Min(UsableEnd - MemoryMap.HighMemoryStart, 63ul << 20);
                call.Ax = (ushort)(extended >> 10);
                call.Carry = false;
                break;
            case 0xC0:
                call.SetEs(SystemRom.Segment);
                call.Bx = SystemRom.ConfigurationTable;
                call.Ah = 0;
                call.Carry = false;
                break;
            case 0xC1:
                call.SetEs(ExtendedData.Segment);
                call.Ah = 0;
                call.Carry = false;
                break;
            case 0xC2:
                mouse.Handle(call);
                break;
            case 0xE8:
                MemorySize(call);
                break;
            default:
                Fail(call);
                break;
        }
    }

    // End of the RAM below 4 GiB that an operating system may use: the firmware's tables follow.
    private ulong UsableEnd => DirectBoot.TablesStart(machine);

    private static void Fail(BiosCall call)
    {
        call.Ah = Unsupported;
        call.Carry = true;
    }

    private void A20(BiosCall call)
    {
        byte control = (byte)host.In(SystemControlA);
        switch (call.Al)
        {
            case 0 or 1:
                host.Out(SystemControlA, (uint)(call.Al == 1 ? control | A20Open : control & ~A20Open) & ~1u);
                break;
            case 2:
                call.Al = (byte)(control >> 1 & 1);
                break;
            case 3:
                call.Bx = 3; // by the keyboard controller and by port 92
                break;
            default:
                Fail(call);
                return;
        }
        call.Ah = 0;
        call.Carry = false;
    }

    private void EventWait(BiosCall call)
    {
        switch (call.Al)
        {
            case 0:
                bool started = clock.StartWait((uint)(call.Cx << 16 | call.Dx), call.Es.Selector, call.Bx);
                call.Carry = !started;
                call.Ah = (byte)(started ? 0 : 0x83);
                break;
            case 1:
                clock.CancelWait();
                call.Ah = 0;
                call.Carry = false;
                break;
            default:
                Fail(call);
                break;
        }
    }

    // ES:SI: a descriptor table; the third descriptor is the source, the fourth the target. CX words.
    private void BlockMove(BiosCall call)
    {
        const int mostWords = 0x8000;
        if (call.Cx > mostWords)
        {
            call.Ah = 2;
            call.Carry = true;
            return;
        }
        var data = new byte[call.Cx * 2];
        uint source = DescriptorBase(call, 0x10), target = DescriptorBase(call, 0x18);
        host.Physical.Read(source, data);
        host.Physical.Write(target, data);
        call.Ah = 0;
        call.Carry = false;
        call.Zero = true;
    }

    private uint DescriptorBase(BiosCall call, int offset)
    {
        uint at = call.InEs((ushort)(call.Si + offset));
        return (host.Memory.Load(at + 2, 4) & 0xFF_FFFF) | host.Memory.Load(at + 7, 1) << 24;
    }

    private void MemorySize(BiosCall call)
    {
        const uint sixteenMiB = 16 << 20;
        switch (call.Al)
        {
            case 0x01 or 0x81:
                ulong end = UsableEnd;
                uint low = (uint)((Math.Min(end, sixteenMiB) - MemoryMap.HighMemoryStart) >> 10);
                uint high = end > sixteenMiB ? (uint)((end - sixteenMiB) >> 16) : 0;
                if (call.Al == 0x81)
                {
                    (call.Eax, call.Ebx, call.Ecx, call.Edx) = (low, high, low, high);
                }
                else
                {
                    (call.Ax, call.Bx, call.Cx, call.Dx) = ((ushort)low, (ushort)high, (ushort)low, (ushort)high);
                }
                call.Carry = false;
                break;
            case 0x20 when call.Edx == Smap:
                NextRange(call);
                break;
            default:
                Fail(call);
                break;
        }
    }

    private void NextRange(BiosCall call)
    {
        const uint entryBytes = 20;
        IReadOnlyList<E820Entry> map = MemoryMap.ForKernel(machine.RamSize, DirectBoot.TablesStart(machine));
        if (call.Ebx >= map.Count || call.Ecx < entryBytes)
        {
            Fail(call);
            return;
        }
        host.Memory.Write(call.InEs(call.Di), MemoryMap.ToBytes([map[(int)call.Ebx]]));
        call.Ebx = call.Ebx + 1 < map.Count ? call.Ebx + 1 : 0;
        call.Eax = Smap;
        call.Ecx = entryBytes;
        call.Carry = false;
    }
}
