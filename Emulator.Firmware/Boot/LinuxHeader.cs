using System.Buffers.Binary;

namespace Emulator.Firmware.Boot;

/// <summary>
/// The setup header of a Linux bzImage (offsets from the file's start). Source: Linux
/// <c>Documentation/arch/x86/boot.rst</c>, "The Real-Mode Kernel Header".
/// </summary>
internal sealed class LinuxHeader(byte[] image)
{
    /// <summary>Start of the header in the file and in the zero page.</summary>
    public const int Start = 0x1F1;

    /// <summary>Bytes that every header of protocol 2.02 has.</summary>
    public const int MinimumFileSize = 0x230;

    /// <summary>Version with a 32-bit command line pointer.</summary>
    public const int OldestVersion = 0x0202;

    private const int BootFlag = 0x1FE, Magic = 0x202, MagicValue = 0x53726448, SectorSize = 512;

    /// <summary>True when "HdrS" is in its place.</summary>
    public static bool IsPresent(byte[] image) => image.Length >= Magic + 4 && BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(Magic)) == MagicValue;

    /// <summary>True when the boot sector's signature is in its place.</summary>
    public bool HasBootFlag => U16(BootFlag) == 0xAA55;

    /// <summary>Protocol version, major in the high byte.</summary>
    public int Version => U16(0x206);

    /// <summary>True when the protected-mode part goes to 1 MiB.</summary>
    public bool IsLoadedHigh => (image[0x211] & 1) != 0;

    /// <summary>Offset of the protected-mode part in the file.</summary>
    public int ProtectedModeOffset => ((image[Start] == 0 ? 4 : image[Start]) + 1) * SectorSize;

    /// <summary>Bytes that the file must have: "syssize" counts the protected-mode part in units of 16 bytes (32 bits of it since protocol 2.04).</summary>
    public long FileSize => ProtectedModeOffset + ((Version >= 0x0204 ? U32(0x1F4) : 0) * 16L);

    /// <summary>Offset after the header's last byte: the jump at 200 leads over the header.</summary>
    public int End => Magic + image[0x201];

    /// <summary>The 32-bit entry point.</summary>
    public uint Code32Start => U32(0x214);

    /// <summary>Highest address that the initial RAM disk's last byte may have.</summary>
    public uint InitrdAddressMax => Version >= 0x0203 ? U32(0x22C) : 0x37FFFFFF;

    /// <summary>Longest command line in bytes, without its NUL.</summary>
    public uint CommandLineMax => Version >= 0x0206 ? U32(0x238) : 255;

    /// <summary>True when the kernel reads the ACPI root pointer from the zero page.</summary>
    public bool TakesRsdpAddress => Version >= 0x020E;

    /// <summary>Address after the last byte that the kernel needs before it knows the memory map.</summary>
    /// <param name="loadAddress">Where the protected-mode part is.</param>
    public ulong RuntimeEnd(uint loadAddress)
    {
        ulong loadEnd = loadAddress + (ulong)(image.Length - ProtectedModeOffset);
        if (Version < 0x020A)
        {
            return loadEnd;
        }

        // A relocatable kernel unpacks at its load address, aligned, but not below the preferred address.
        const int kernelAlignment = 0x230, relocatable = 0x234, preferredAddress = 0x258, initSize = 0x260;
        ulong start = U32(preferredAddress);
        if (image[relocatable] != 0 && U32(kernelAlignment) is var alignment and not 0)
        {
            start = Math.Max(start, (loadAddress + (ulong)alignment - 1) / alignment * alignment);
        }
        return Math.Max(loadEnd, start + U32(initSize));
    }

    private int U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(offset));
}
