using System.Buffers.Binary;

namespace Emulator.Firmware.Boot;

/// <summary>The parts of an ELF executable that a loader needs. Source: System V ABI, chapter 4, and its i386 supplement.</summary>
internal static class Elf32
{
    private const int HeaderSize = 52, ProgramHeaderSize = 32, MachineI386 = 3, TypeExecutable = 2, LoadType = 1;

    /// <summary>True when the file starts as ELF does.</summary>
    public static bool IsElf(byte[] file) => file.AsSpan().StartsWith("\x7F"u8) && file.AsSpan(1).StartsWith("ELF"u8);

    /// <summary>True for the 64-bit form.</summary>
    public static bool Is64Bit(byte[] file) => IsElf(file) && file.Length > 4 && file[4] == 2;

    /// <summary>The load segments by physical address, and the entry point as a physical address.</summary>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public static (IReadOnlyList<LoadSegment> Segments, uint Entry) Parse(string path, byte[] file)
    {
        if (file.Length < HeaderSize)
        {
            throw new FirmwareException($"kernel {path} is cut off inside its ELF header: copy it again");
        }
        int machine = U16(file, 18);
        if (file[4] != 1 || file[5] != 1 || machine != MachineI386)
        {
            throw new FirmwareException($"kernel {path} is an ELF file for machine type {machine}, not for the i386: build it for i386");
        }
        if (U16(file, 16) != TypeExecutable)
        {
            throw new FirmwareException($"kernel {path} is an ELF file but no executable (type {U16(file, 16)}): link it to fixed addresses");
        }
        uint entry = U32(file, 24);
        uint tableOffset = U32(file, 28);
        int entrySize = U16(file, 42), count = U16(file, 44);
        if (entrySize < ProgramHeaderSize || tableOffset + ((ulong)entrySize * (ulong)count) > (ulong)file.Length)
        {
            throw new FirmwareException($"kernel {path} is cut off or damaged: its ELF program headers lie outside the file");
        }
        var segments = new List<LoadSegment>();
        uint physicalEntry = entry;
        for (int i = 0; i < count; i++)
        {
            int at = (int)tableOffset + (i * entrySize);
            uint offset = U32(file, at + 4), virtualAddress = U32(file, at + 8), physicalAddress = U32(file, at + 12);
            uint fileSize = U32(file, at + 16), memorySize = U32(file, at + 20);
            if (U32(file, at) != LoadType || memorySize == 0)
            {
                continue;
            }
            if (offset + (ulong)fileSize > (ulong)file.Length || fileSize > memorySize)
            {
                throw new FirmwareException($"kernel {path} is cut off: an ELF segment reaches beyond the file's {file.Length} bytes; copy it again");
            }
            if (entry - virtualAddress < memorySize)
            {
                physicalEntry = entry - virtualAddress + physicalAddress;
            }
            segments.Add(new LoadSegment((int)offset, (int)fileSize, physicalAddress, memorySize));
        }
        return segments.Count > 0 ? (segments, physicalEntry) : throw new FirmwareException($"kernel {path} is an ELF file without anything to load");
    }

    private static int U16(byte[] file, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(offset));

    private static uint U32(byte[] file, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(offset));
}
