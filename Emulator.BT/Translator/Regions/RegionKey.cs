using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// What a region takes for granted about the processor, in one number that is compared at its door: bits 0-1 code mode, bit 2
/// 32-bit stack, bit 3 flat CS, bits 4-9 and 10-15 by segment "base 0 and all of 4 GiB plainly readable (writable)", bit 16 one.
/// </summary>
public static unsafe class RegionKey
{
    private const int BigStack = 1 << 2, FlatCode = 1 << 3, Valid = 1 << 16;

    /// <summary>The bits of a key that come from ES; those from segment n are n higher.</summary>
    public const int FlatDataBits = 0x410;

    /// <summary>The bits of a key that come from CS and SS, and the one that is always set.</summary>
    public const int CodeAndStackBits = Valid | FlatCode | BigStack | 3 | FlatDataBits << Seg.CS | FlatDataBits << Seg.SS;

    /// <summary>The key of the present state; kept in <c>CpuState.RegionKey</c> until a segment changes.</summary>
    public static int Of(CpuState* cpu)
    {
        int key = cpu->RegionKey;
        return key != 0 ? key : cpu->RegionKey = Compute(cpu);
    }

    /// <summary>Code mode of a key.</summary>
    public static int CodeMode(int key) => key & 3;

    /// <summary>Value of <c>CpuState.StackMask</c> for a key.</summary>
    public static ulong StackMask(int key) => (key & BigStack) != 0 ? 0xFFFF_FFFF : 0xFFFF;

    /// <summary>True when RIP is the linear address and every offset is inside the limit.</summary>
    public static bool IsFlatCode(int key) => (key & FlatCode) != 0;

    /// <summary>True when an offset in the segment is the linear address, and plainly readable or writable.</summary>
    public static bool IsFlat(int key, int segment, bool write) => (key & (1 << (segment + (write ? 10 : 4)))) != 0;

    /// <summary>A segment register was loaded: keeps a known key up to date where that is cheap.</summary>
    public static void SegmentChanged(CpuState* cpu, int segment)
    {
        int key = cpu->RegionKey;
        if (key == 0)
        {
            return;
        }
        key = (key & ~(FlatDataBits << segment)) | FlatBits(ref cpu->Segments[segment]) << segment;
        if (segment == Seg.CS)
        {
            key = (key & ~(3 | FlatCode)) | CodeBits(cpu);
        }
        else if (segment == Seg.SS)
        {
            key = (key & ~BigStack) | StackBit(cpu);
        }
        cpu->RegionKey = key;
    }

    /// <summary>Of ES, bits 4 and 10: base 0 and all of 4 GiB plainly readable, writable.</summary>
    public static int FlatBits(ref SegmentRegister s) =>
        s.Base != 0 ? 0 : (s.ReadLimit == uint.MaxValue ? 0x10 : 0) | (s.WriteLimit == uint.MaxValue ? 0x400 : 0);

    private static int CodeBits(CpuState* cpu)
    {
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        return cpu->CodeMode | (cs.Base == 0 && cs.Limit == uint.MaxValue && cpu->CodeMode == Core.Cpu.CodeMode.Bits32 ? FlatCode : 0);
    }

    private static int StackBit(CpuState* cpu) => cpu->StackMask == 0xFFFF ? 0 : BigStack;

    private static int Compute(CpuState* cpu)
    {
        int key = Valid | CodeBits(cpu) | StackBit(cpu);
        for (int n = 0; n < 6; n++)
        {
            key |= FlatBits(ref cpu->Segments[n]) << n;
        }
        return key;
    }
}
