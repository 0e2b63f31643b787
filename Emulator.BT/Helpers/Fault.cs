using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>Records a guest fault and returns false, as every helper and memory operation does.</summary>
public static unsafe class Fault
{
    /// <summary>An exception with an error code (0 for those that push none).</summary>
    public static bool Raise(CpuState* cpu, int vector, uint errorCode = 0)
    {
        cpu->FaultVector = vector;
        cpu->FaultErrorCode = errorCode;
        return false;
    }

    /// <summary>#GP.</summary>
    public static bool GP(CpuState* cpu, uint errorCode = 0) => Raise(cpu, Vector.GP, errorCode);

    /// <summary>#UD.</summary>
    public static bool UD(CpuState* cpu) => Raise(cpu, Vector.UD);

    /// <summary>True for the exceptions that push an error code (SDM Vol. 3A, table 6-1).</summary>
    public static bool HasErrorCode(int vector) =>
        vector is Vector.DF or Vector.TS or Vector.NP or Vector.SS or Vector.GP or Vector.PF or Vector.AC;

    /// <summary>Contributory exceptions (SDM Vol. 3A, table 6-4).</summary>
    public static bool IsContributory(int vector) => vector is Vector.DE or Vector.TS or Vector.NP or Vector.SS or Vector.GP;
}
