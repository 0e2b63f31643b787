using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>What the emitter takes for granted about the code and the state that it is entered with; entry checks the latter.</summary>
/// <param name="Block">The interpreter's block: its death ends the region.</param>
/// <param name="Count">Guest instructions.</param>
/// <param name="Length">Guest bytes.</param>
/// <param name="CodeMode">A <see cref="Core.Cpu.CodeMode"/> value.</param>
/// <param name="StackMask">Value of <c>CpuState.StackMask</c>.</param>
/// <param name="FlatReads">Bit by segment: base 0 and all of 4 GiB plainly readable.</param>
/// <param name="FlatWrites">The same for writes.</param>
public readonly unsafe record struct RegionShape(
    nint Block, int Count, int Length, int CodeMode, ulong StackMask, int FlatReads, int FlatWrites)
{
    /// <summary>The shape of a block in the present state.</summary>
    public static RegionShape Of(Block* block, CpuState* cpu)
    {
        int reads = 0, writes = 0;
        for (int n = 0; n < 6; n++)
        {
            ref SegmentRegister s = ref cpu->Segments[n];
            if (s.Base == 0)
            {
                reads |= s.ReadLimit == uint.MaxValue ? 1 << n : 0;
                writes |= s.WriteLimit == uint.MaxValue ? 1 << n : 0;
            }
        }
        return new RegionShape((nint)block, block->Count, block->Length, cpu->CodeMode, cpu->StackMask, reads, writes);
    }
}
