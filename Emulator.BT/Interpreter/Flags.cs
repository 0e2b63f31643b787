using BitOperations = System.Numerics.BitOperations;
using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Interpreter;

/// <summary>Conditions on the lazy flags of <see cref="CpuState"/>; with a constant code each is two to five machine instructions.</summary>
public static unsafe class Flags
{
    /// <summary>Condition <paramref name="code"/> as Jcc, SETcc and CMOVcc encode it (SDM Vol. 1, appendix B).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Condition(CpuState* cpu, int code)
    {
        bool holds = (code >> 1) switch
        {
            0 => Overflow(cpu),
            1 => (long)cpu->FlagsAux < 0,
            2 => cpu->FlagsResult == 0,
            3 => (long)cpu->FlagsAux < 0 || cpu->FlagsResult == 0,
            4 => Sign(cpu),
            5 => ((BitOperations.PopCount(cpu->FlagsResult & 0xFF) + (int)cpu->FlagsAux) & 1) == 0,
            6 => Less(cpu),
            _ => Less(cpu) || cpu->FlagsResult == 0,
        };
        return holds ^ ((code & 1) != 0);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Overflow(CpuState* cpu) => (long)(cpu->FlagsAux ^ (cpu->FlagsAux << 1)) < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Sign(CpuState* cpu) => (long)(cpu->FlagsResult ^ (cpu->FlagsAux << 62)) < 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Less(CpuState* cpu) =>
        (long)(cpu->FlagsResult ^ (cpu->FlagsAux << 62) ^ cpu->FlagsAux ^ (cpu->FlagsAux << 1)) < 0;
}
