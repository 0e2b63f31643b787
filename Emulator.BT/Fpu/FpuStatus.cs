namespace Emulator.BT.Fpu;

#pragma warning disable CS1591 // the manual's own names

/// <summary>Bits of the x87 status word (SDM Vol. 1, 8.1.3). TOP lives in <see cref="Core.Cpu.FpuState.Top"/>.</summary>
public static class FpuStatus
{
    public const uint IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, SF = 64, ES = 128;

    public const uint C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, B = 0x8000;

    /// <summary>The six exception flags.</summary>
    public const uint Exceptions = IE | DE | ZE | OE | UE | PE;

    /// <summary>Exceptions that stop an operation before it has a result (SDM Vol. 1, 8.5).</summary>
    public const uint PreComputation = IE | DE | ZE;

    /// <summary>The four condition codes.</summary>
    public const uint Conditions = C0 | C1 | C2 | C3;

    /// <summary>What a masked or unmasked exception raises besides its flag: the error summary and its copy, the busy bit.</summary>
    public const uint Summary = ES | B;
}
