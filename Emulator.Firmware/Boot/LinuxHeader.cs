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
    public const int FirstWithCommandLinePointer = 0x0202;

    // Linux 2.6.22: kernels since then look into the zero page for all that older ones asked the BIOS for in their setup.
    private const int FirstWith32BitEntry = 0x0206;

    private const int BootFlag = 0x1FE, Magic = 0x202, MagicValue = 0x53726448, SectorSize = 512;

    /// <summary>True when "HdrS" is in its place.</summary>
    public static bool IsPresent(byte[] image) => image.Length >= Magic + 4 && BinaryPrimitives.ReadInt32LittleEndian(image.AsSpan(Magic)) == MagicValue;

    /// <summary>True when the boot sector's signature is in its place.</summary>
    public bool HasBootFlag => U16(BootFlag) == 0xAA55;

    /// <summary>Protocol version, major in the high byte.</summary>
    public int Version => U16(0x206);

    /// <summary>True when the protected-mode part goes to 1 MiB.</summary>
    public bool IsLoadedHigh => (image[0x211] & 1) != 0;

    /// <summary>True when only the 16-bit setup is a way in: an old protocol, a zImage, or no 32-bit entry (iPXE).</summary>
    public bool StartsInRealMode => Version < FirstWith32BitEntry || !IsLoadedHigh || Code32Start == 0;

    /// <summary>True when the protected-mode part is code for long mode ("xloadflags" since protocol 2.12, bit 0: there is a 64-bit entry).</summary>
    public bool Is64Bit => Version >= 0x020C && (U16(0x236) & 1) != 0;

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

    /// <summary>Checks that the protected-mode part is there, all of it.</summary>
    /// <exception cref="FirmwareException">It is cut off.</exception>
    public void CheckSize(string path)
    {
        if (image.Length <= ProtectedModeOffset)
        {
            throw new FirmwareException(
                $"kernel {path} is cut off: it has {image.Length} bytes, but its protected-mode part starts at {ProtectedModeOffset}; copy it again");
        }
        // The count may be rounded up to a whole unit of 16 bytes.
        if (image.Length + 15 < FileSize)
        {
            throw new FirmwareException($"kernel {path} is cut off: it has {image.Length} bytes where its header promises {FileSize}; copy it again");
        }
    }

    /// <summary>Checks a command line of <paramref name="length"/> bytes, without its NUL, against the kernel's limit and the room that there is.</summary>
    /// <exception cref="FirmwareException">It is too long.</exception>
    public void CheckCommandLine(string path, int length, uint room)
    {
        uint most = Math.Min(CommandLineMax, room);
        if (length > most)
        {
            throw new FirmwareException($"the command line has {length} bytes, but kernel {path} takes {most}: shorten -append");
        }
    }

    private int U16(int offset) => BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(offset));

    private uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(image.AsSpan(offset));
}
