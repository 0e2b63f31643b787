using System.Buffers.Binary;

namespace Emulator.Firmware.Boot;

/// <summary>The Multiboot 1 header of a kernel file. Source: Multiboot Specification 0.6.96, section 3.1.</summary>
/// <param name="Offset">Where it stands in the file.</param>
/// <param name="Flags">What the kernel asks for.</param>
internal sealed record MultibootHeader(int Offset, uint Flags)
{
    private const uint Magic = 0x1BADB002, AddressFieldsFlag = 1 << 16, RequiredMask = 0xFFFF, Understood = 0x7;
    private const int SearchSize = 8192, BasicSize = 12;

    /// <summary>Bytes of the header with its address fields.</summary>
    public const int SizeWithAddresses = 32;

    /// <summary>True when the header says where to load (the "a.out kludge").</summary>
    public bool HasAddresses => (Flags & AddressFieldsFlag) != 0;

    /// <summary>Required features that this loader does not know; bits 0 (page alignment), 1 (memory) and 2 (video) are known.</summary>
    public uint UnknownRequirements => Flags & RequiredMask & ~Understood;

    /// <summary>Looks for the header in the first 8192 bytes, 4-aligned; null when there is none.</summary>
    public static MultibootHeader? Find(ReadOnlySpan<byte> file)
    {
        for (int offset = 0; offset + BasicSize <= Math.Min(file.Length, SearchSize); offset += 4)
        {
            uint magic = BinaryPrimitives.ReadUInt32LittleEndian(file[offset..]);
            if (magic != Magic)
            {
                continue;
            }
            uint flags = BinaryPrimitives.ReadUInt32LittleEndian(file[(offset + 4)..]);
            uint checksum = BinaryPrimitives.ReadUInt32LittleEndian(file[(offset + 8)..]);
            if (magic + flags + checksum == 0)
            {
                return new MultibootHeader(offset, flags);
            }
        }
        return null;
    }
}
