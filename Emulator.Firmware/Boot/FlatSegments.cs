using Emulator.Core.Bus;

namespace Emulator.Firmware.Boot;

/// <summary>The descriptor table of directly loaded kernels: flat 4 GiB code at 10, flat data at 18, as Linux asks for.</summary>
internal static class FlatSegments
{
    public const ushort Code = 0x10, Data = 0x18;

    /// <summary>Bytes of the table.</summary>
    public const int Size = 0x20;

    private const ulong CodeDescriptor = 0x00CF9B000000FFFF, DataDescriptor = 0x00CF93000000FFFF;

    public static void Write(IDmaBus memory, uint address) =>
        memory.Write(address, new ByteWriter().U64(0).U64(0).U64(CodeDescriptor).U64(DataDescriptor).ToArray());
}
