namespace Emulator.BT.Translator.Il;

/// <summary>How a run of translated code ended. Registers, flags and budget are exact in every case.</summary>
public enum RegionExit
{
    /// <summary>Look at RIP.</summary>
    Left,

    /// <summary>At an exit that is not linked: <c>CpuState.PendingSlot</c>. Look at RIP.</summary>
    Unlinked,

    /// <summary>The interpreter has to do the instruction at RIP.</summary>
    Bail,

    /// <summary>A helper ended the block; a guest fault may be recorded.</summary>
    Ended,

    /// <summary>At a computed transfer that the jump cache does not know. Look at RIP.</summary>
    Indirect,

    /// <summary>The interpreter's handler has to do one instruction: <c>CpuState.PendingSlot</c> is its record, which says where to go on.</summary>
    Trap,

    /// <summary>Host code wants the x87 loaded, then to go on at <c>CpuState.PendingSlot</c>.</summary>
    LoadFpu,

    /// <summary>The host's MMU does not know a page that host code touched: <c>CpuState.HostFault</c>.</summary>
    HostFault,
}
