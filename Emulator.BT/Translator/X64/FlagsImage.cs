using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>The arithmetic flags as host code keeps them in the state: OF in bit 0, LAHF's byte in bits 8-15.</summary>
internal static unsafe class FlagsImage
{
    private const uint Low = Eflags.CF | Eflags.PF | Eflags.AF | Eflags.ZF | Eflags.SF;

    // By the image's nine bits (OF on top): what stands for them in the lazy flags.
    private static readonly (ulong Result, ulong Aux)[] LazyOf = MakeTable();

    /// <summary>The image of the lazy flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(CpuState* cpu)
    {
        uint flags = cpu->GetEflags();
        return (flags & Low) << 8 | ((flags >> 11) & 1);
    }

    /// <summary>Brings the image back into the lazy flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(CpuState* cpu)
    {
        // As wide as host code stores it: the load finds it in the store buffer.
        uint image = *(ushort*)&cpu->FlagsImage;
        (cpu->FlagsResult, cpu->FlagsAux) = LazyOf[(image >> 8 & 0xFF) | (image & 1) << 8];
    }

    private static (ulong Result, ulong Aux)[] MakeTable()
    {
        var table = new (ulong, ulong)[512];
        CpuState state = default;
        for (uint n = 0; n < table.Length; n++)
        {
            state.SetArithmeticFlags((n & Low) | (n >> 8) << 11);
            table[n] = (state.FlagsResult, state.FlagsAux);
        }
        return table;
    }
}
