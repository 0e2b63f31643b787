using System.Buffers.Binary;
using Emulator.Core.Bus;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>
/// The BIOS data area (400-4FF) and the extended one (9FC00) as a BIOS leaves them in text mode 3, as far as protected-mode
/// kernels and memory testers read them. Source: IBM PS/2 BIOS Interface Technical Reference, section 3.
/// </summary>
public static class BiosDataArea
{
    /// <summary>First address of the area.</summary>
    public const uint Address = 0x400;

    private const int Size = 0x100;
    private const ushort KeyboardBuffer = 0x1E, KeyboardBufferEnd = 0x3E;
    private static readonly ushort[] SerialBases = [0x3F8, 0x2F8, 0x3E8, 0x2E8];

    /// <summary>Writes both areas.</summary>
    public static void Write(IDmaBus memory, MachineDescription machine)
    {
        memory.Write(Address, Build(machine));
        var extended = new byte[0x400];
        extended[0] = 1; // its size in KiB
        memory.Write(MemoryMap.EbdaStart, extended);
    }

    /// <summary>The 256 bytes at 400.</summary>
    public static byte[] Build(MachineDescription machine)
    {
        var area = new byte[Size];
        int serialPorts = Math.Min(machine.SerialPorts, SerialBases.Length);
        for (int i = 0; i < serialPorts; i++)
        {
            Put16(area, i * 2, SerialBases[i]);
        }
        Put16(area, 0x0E, (ushort)(MemoryMap.EbdaStart >> 4));
        Put16(area, 0x10, Equipment(machine, serialPorts));
        Put16(area, 0x13, (ushort)(MemoryMap.EbdaStart >> 10));
        Put16(area, 0x1A, KeyboardBuffer);
        Put16(area, 0x1C, KeyboardBuffer);
        area[0x49] = 3; // video mode
        Put16(area, 0x4A, 80); // columns
        Put16(area, 0x4C, 0x1000); // bytes of a text page
        Put16(area, 0x60, 0x0607); // cursor shape
        Put16(area, 0x63, 0x3D4); // CRT controller
        area[0x75] = (byte)machine.IdeDrives.Count(drive => !drive.IsCdRom);
        Put16(area, 0x80, KeyboardBuffer);
        Put16(area, 0x82, KeyboardBufferEnd);
        area[0x84] = 24; // rows less one
        Put16(area, 0x85, 16); // height of a character
        area[0x87] = 0x60; // 256 KiB of video memory
        area[0x88] = 0xF9;
        area[0x89] = 0x51; // VGA active, 400 lines
        area[0x96] = 0x10; // 101-key keyboard
        return area;
    }

    // Bit 0 floppies, 1 FPU, 2 PS/2 mouse, 5-4 first video mode (10: colour 80x25), 7-6 floppies less one, 11-9 serial ports.
    private static ushort Equipment(MachineDescription machine, int serialPorts)
    {
        int floppies = (machine.FloppyA != FloppyType.None ? 1 : 0) + (machine.FloppyB != FloppyType.None ? 1 : 0);
        int floppyBits = floppies == 0 ? 0 : 1 | ((floppies - 1) << 6);
        return (ushort)(floppyBits | 0x26 | (serialPorts << 9));
    }

    private static void Put16(byte[] area, int offset, ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(area.AsSpan(offset), value);
}
