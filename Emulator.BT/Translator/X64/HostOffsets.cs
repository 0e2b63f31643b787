using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>Displacements from <see cref="HostRegister.State"/> of what translated code touches.</summary>
internal static unsafe class HostOffsets
{
#pragma warning disable CS1591 // fields of CpuState
    public static readonly int FlagsImage, FlagsStash, StopBelow, PendingSlot, FlagsOther, LiveUnits, UsableUnits, Mxcsr, HostMxcsr, Xmm, FxImage, FpuInstruction, FpuOpcode, FpuCode, FpuDataPointer, FpuData, Selector, Limit, RegionKey, SpillStart, Window, CodeSlide, ReturnTop, ReturnStack, Sysenter, Sysexit, Cpl, CodeMode, StackMask;
    public static readonly int GateCalls, OuterReturn, InnerReturn, InnerReturnSelector, InterruptLine, NmiBlocked, LoadedSegments, SystemView, UserView, ViewReadTable, ViewWriteTable, ViewTracedTable, ViewWindow, TracedTable, Cr0, ReadLimit, WriteLimit, Access;
    public static readonly int FaultRip, FaultRflags, FaultR8, FaultR9, FaultR10, FaultErrorCode, FaultVector, FaultAddress, FaultTarget, FaultUnits;
    public static readonly int Rip = Of(StateOffsets.Rip), Budget = Of(StateOffsets.Budget), JumpCache = Of(StateOffsets.JumpCache);
    public static readonly int ReadTable = Of(StateOffsets.ReadTable), WriteTable = Of(StateOffsets.WriteTable);
#pragma warning restore CS1591

    static HostOffsets()
    {
        CpuState state = default;
        var start = (byte*)&state;
        FlagsImage = Of((int)((byte*)&state.FlagsImage - start));
        FlagsStash = Of((int)((byte*)&state.FlagsStash - start));
        StopBelow = Of((int)((byte*)&state.AttentionLow - start));
        PendingSlot = Of((int)((byte*)&state.PendingSlot - start));
        LiveUnits = Of((int)((byte*)&state.LiveUnits - start));
        UsableUnits = Of((int)((byte*)&state.UsableUnits - start));
        Mxcsr = Of((int)((byte*)&state.Mxcsr - start));
        HostMxcsr = Of((int)((byte*)&state.HostMxcsr - start));
        Xmm = Of((int)((byte*)&state.Xmm - start));
        FxImage = Of((int)((byte*)&state.FxImage - start));
        FpuInstruction = Of((int)((byte*)&state.Fpu.InstructionPointer - start));
        FpuOpcode = Of((int)((byte*)&state.Fpu.Opcode - start));
        FpuCode = Of((int)((byte*)&state.Fpu.InstructionSelector - start));
        FpuDataPointer = Of((int)((byte*)&state.Fpu.DataPointer - start));
        FpuData = Of((int)((byte*)&state.Fpu.DataSelector - start));
        SegmentRegister segment = default;
        Selector = (int)((byte*)&segment.Selector - (byte*)&segment);
        Limit = (int)((byte*)&segment.Limit - (byte*)&segment);
        RegionKey = Of((int)((byte*)&state.RegionKey - start));
        Sysenter = Of((int)((byte*)&state.Sysenter - start));
        Sysexit = Of((int)((byte*)&state.Sysexit - start));
        GateCalls = Of((int)((byte*)&state.GateCalls - start));
        OuterReturn = Of((int)((byte*)&state.OuterReturn - start));
        InnerReturn = Of((int)((byte*)&state.InnerReturn - start));
        InnerReturnSelector = Of((int)((byte*)&state.InnerReturnSelector - start));
        InterruptLine = Of((int)((byte*)&state.InterruptLine - start));
        NmiBlocked = Of((int)((byte*)&state.NmiBlocked - start));
        LoadedSegments = Of((int)((byte*)&state.LoadedSegments - start));
        SystemView = Of((int)((byte*)&state.SystemView - start));
        UserView = Of((int)((byte*)&state.UserView - start));
        ViewReadTable = (int)((byte*)&state.SystemView.ReadTable - (byte*)&state.SystemView);
        ViewWriteTable = (int)((byte*)&state.SystemView.WriteTable - (byte*)&state.SystemView);
        ViewTracedTable = (int)((byte*)&state.SystemView.TracedTable - (byte*)&state.SystemView);
        TracedTable = Of((int)((byte*)&state.TracedTable - start));
        ViewWindow = (int)((byte*)&state.SystemView.Window - (byte*)&state.SystemView);
        Cr0 = Of((int)((byte*)&state.Cr0 - start));
        ReadLimit = (int)((byte*)&segment.ReadLimit - (byte*)&segment);
        WriteLimit = (int)((byte*)&segment.WriteLimit - (byte*)&segment);
        Access = (int)((byte*)&segment.Access - (byte*)&segment);
        Cpl = Of((int)((byte*)&state.Cpl - start));
        CodeMode = Of((int)((byte*)&state.CodeMode - start));
        StackMask = Of((int)((byte*)&state.StackMask - start));
        Window = Of((int)((byte*)&state.Window - start));
        CodeSlide = Of((int)((byte*)&state.CodeSlide - start));
        ReturnTop = Of((int)((byte*)&state.ReturnTop - start));
        ReturnStack = Of((int)((byte*)&state.ReturnStack[0] - start));
        FaultRip = Of((int)((byte*)&state.HostFault.Rip - start));
        FaultRflags = Of((int)((byte*)&state.HostFault.Rflags - start));
        FaultR8 = Of((int)((byte*)&state.HostFault.R8 - start));
        FaultR9 = Of((int)((byte*)&state.HostFault.R9 - start));
        FaultR10 = Of((int)((byte*)&state.HostFault.R10 - start));
        FaultErrorCode = Of((int)((byte*)&state.HostFault.ErrorCode - start));
        FaultVector = Of((int)((byte*)&state.HostFault.Vector - start));
        FaultAddress = Of((int)((byte*)&state.HostFault.Address - start));
        FaultTarget = Of((int)((byte*)&state.HostFault.Target - start));
        FaultUnits = Of((int)((byte*)&state.HostFault.Units - start));
        SpillStart = Of((int)((byte*)&state.HostSpill[0] - start));
        FlagsOther = Of((int)((byte*)&state.FlagsOther - start));
    }

    /// <summary>Word <paramref name="n"/> of what has no register for a moment.</summary>
    public static int Spill(int n) => SpillStart + (8 * n);

    /// <summary>General register <paramref name="n"/>.</summary>
    public static int Gpr(int n) => Of(CpuState.GprOffset(n));

    /// <summary>A field of a segment register.</summary>
    public static int Segment(int segment, int field) => Of(StateOffsets.Segment(segment, field));

    private static int Of(int offset) => offset - HostRegister.StateBias;
}
