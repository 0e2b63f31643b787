namespace Emulator.BT.Translator.Il;

/// <summary>How a run of translated code ended. RIP, registers, flags and budget are exact in every case.</summary>
public enum RegionExit
{
    /// <summary>At a block boundary, or after an instruction that changed this code: look at RIP.</summary>
    Left,

    /// <summary>With a guest fault recorded in the state, RIP at the instruction that took it.</summary>
    Fault,

    /// <summary>Before the first instruction: the state is not one that the region was made for.</summary>
    Refused,
}

/// <summary>The signature of translated code.</summary>
public unsafe delegate RegionExit RegionCode(Core.Cpu.CpuState* cpu);
