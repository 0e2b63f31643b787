using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Cmos;

/// <summary>
/// Bytes of the RTC's NVRAM that a set-up program would have stored, in the places that SeaBIOS and QEMU's <c>pc</c> board
/// use. The clock's own registers (00-0D) are the RTC's; index 32 (century) is given as 20 for an RTC that has none.
/// </summary>
public static class CmosContents
{
    /// <summary>Index of the century byte (BCD), as the FADT tells.</summary>
    public const byte CenturyIndex = 0x32;

    private const byte FloppyTypes = 0x10, HardDiskTypes = 0x12, Equipment = 0x14, BaseMemory = 0x15, ExtendedMemory = 0x17;
    private const byte ExtendedMemoryCopy = 0x30, MemoryAbove16M = 0x34, Century = CenturyIndex, Ps2Century = 0x37;
    private const byte BootOrderLast = 0x38, Translation = 0x39, BootOrder = 0x3D, MemoryAbove4G = 0x5B, ExtraCpus = 0x5F;
    private const byte ExtendedType = 0x19, UserType = 47;

    private static readonly byte[] GeometryStart = [0x1B, 0x24];

    /// <summary>The bytes as (index, value) pairs, in index order.</summary>
    /// <exception cref="FirmwareException">The description is impossible.</exception>
    public static IReadOnlyList<(byte Index, byte Value)> Build(MachineDescription machine)
    {
        machine.Validate();
        var cmos = new SortedDictionary<byte, byte>();
        AddMemory(cmos, machine.RamSize);
        AddFloppies(cmos, machine);
        AddHardDisks(cmos, machine);
        AddBootOrder(cmos, machine);
        cmos[Century] = 0x20;
        cmos[Ps2Century] = 0x20;
        cmos[ExtraCpus] = (byte)(machine.CpuCount - 1);
        return [.. cmos.Select(pair => (pair.Key, pair.Value))];
    }

    private static void AddMemory(SortedDictionary<byte, byte> cmos, ulong ramSize)
    {
        ulong below = MemoryMap.Below4G(ramSize);
        Put16(cmos, BaseMemory, Math.Min(below >> 10, 640));
        ulong extendedKiB = (below >> 10) - 1024;
        Put16(cmos, ExtendedMemory, Math.Min(extendedKiB, 0xFFFF));
        Put16(cmos, ExtendedMemoryCopy, Math.Min(extendedKiB, 0xFFFF));
        const ulong sixteenMiB = 16 << 20;
        Put16(cmos, MemoryAbove16M, below > sixteenMiB ? Math.Min((below - sixteenMiB) >> 16, 0xFFFF) : 0);
        ulong above = MemoryMap.Above4G(ramSize) >> 16;
        Put16(cmos, MemoryAbove4G, above & 0xFFFF);
        cmos[MemoryAbove4G + 2] = (byte)(above >> 16);
    }

    private static void AddFloppies(SortedDictionary<byte, byte> cmos, MachineDescription machine)
    {
        cmos[FloppyTypes] = (byte)(((int)machine.FloppyA << 4) | (int)machine.FloppyB);
        int drives = (machine.FloppyA != FloppyType.None ? 1 : 0) + (machine.FloppyB != FloppyType.None ? 1 : 0);

        // Bit 0: there are floppy drives; bits 7-6: how many, less one; bit 1: FPU; bit 2: PS/2 mouse.
        const int fpuAndMouse = 6;
        cmos[Equipment] = (byte)(fpuAndMouse | (drives switch { 0 => 0, 1 => 0x01, _ => 0x41 }));
    }

    private static void AddHardDisks(SortedDictionary<byte, byte> cmos, MachineDescription machine)
    {
        byte types = 0, translation = 0;
        foreach (IdeDrive drive in machine.IdeDrives)
        {
            if (drive.Geometry is not { } geometry)
            {
                continue;
            }
            int slot = (drive.Channel * 2) + drive.Unit;
            translation |= (byte)((geometry.NeedsTranslation ? 1 : 0) << (slot * 2));
            if (slot < 2)
            {
                types |= (byte)(slot == 0 ? 0xF0 : 0x0F);
                cmos[(byte)(ExtendedType + slot)] = UserType;
                PutGeometry(cmos, GeometryStart[slot], geometry);
            }
        }
        cmos[HardDiskTypes] = types;
        cmos[Translation] = translation;
    }

    private static void PutGeometry(SortedDictionary<byte, byte> cmos, byte start, DiskGeometry geometry)
    {
        Put16(cmos, start, (ulong)geometry.Cylinders);
        cmos[(byte)(start + 2)] = (byte)geometry.Heads;
        Put16(cmos, (byte)(start + 3), 0xFFFF); // write precompensation: none
        cmos[(byte)(start + 5)] = (byte)(0xC0 | (geometry.Heads > 8 ? 8 : 0));
        Put16(cmos, (byte)(start + 6), (ulong)geometry.Cylinders); // landing zone
        cmos[(byte)(start + 8)] = (byte)geometry.Sectors;
    }

    private static void AddBootOrder(SortedDictionary<byte, byte> cmos, MachineDescription machine)
    {
        int[] codes = [.. machine.BootOrder.Select(Code), 0, 0, 0];
        cmos[BootOrder] = (byte)((codes[1] << 4) | codes[0]);

        // Bit 0: a floppy's boot signature is not looked at.
        cmos[BootOrderLast] = (byte)(codes[2] << 4 | (machine.ChecksFloppySignature ? 0 : 1));
    }

    private static int Code(char device) => device switch { 'a' or 'b' => 1, 'c' => 2, 'd' => 3, 'n' => 4, _ => 0 };

    private static void Put16(SortedDictionary<byte, byte> cmos, byte index, ulong value)
    {
        cmos[index] = (byte)value;
        cmos[(byte)(index + 1)] = (byte)(value >> 8);
    }
}
