using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>Byte offsets in <see cref="CpuState"/> of what translated code touches itself.</summary>
internal static unsafe class StateOffsets
{
    public static readonly int Rip, FlagsAux, ReadTable, WriteTable, BlockRip, Budget, AttentionFlags, Segments, RegionKey, JumpCache, CodeSlide;
    public static readonly int SegmentBase, SegmentReadLimit, SegmentWriteLimit;

    static StateOffsets()
    {
        CpuState state = default;
        var start = (byte*)&state;
        Rip = (int)((byte*)&state.Rip - start);
        FlagsAux = (int)((byte*)&state.FlagsAux - start);
        ReadTable = (int)((byte*)&state.ReadTable - start);
        WriteTable = (int)((byte*)&state.WriteTable - start);
        BlockRip = (int)((byte*)&state.BlockRip - start);
        Budget = (int)((byte*)&state.Budget - start);
        AttentionFlags = (int)((byte*)&state.AttentionFlags - start);
        RegionKey = (int)((byte*)&state.RegionKey - start);
        JumpCache = (int)((byte*)&state.JumpCache - start);
        CodeSlide = (int)((byte*)&state.CodeSlide - start);
        Segments = (int)((byte*)&state.Segments - start);
        SegmentRegister segment = default;
        start = (byte*)&segment;
        SegmentBase = (int)((byte*)&segment.Base - start);
        SegmentReadLimit = (int)((byte*)&segment.ReadLimit - start);
        SegmentWriteLimit = (int)((byte*)&segment.WriteLimit - start);
    }

    /// <summary>Offset of a field of a segment register.</summary>
    public static int Segment(int segment, int field) => Segments + (segment * sizeof(SegmentRegister)) + field;
}
