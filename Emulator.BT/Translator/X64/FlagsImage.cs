using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>The arithmetic flags as host code keeps them in the state: OF in bit 0, LAHF's byte in bits 8-15.</summary>
internal static unsafe class FlagsImage
{
    private const uint Low = Eflags.CF | Eflags.PF | Eflags.AF | Eflags.ZF | Eflags.SF;

    /// <summary>The image of the lazy flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(CpuState* cpu)
    {
        uint flags = cpu->GetEflags();
        return (flags & Low) << 8 | ((flags >> 11) & 1);
    }

    /// <summary>Brings the image back into the lazy flags.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Apply(CpuState* cpu) => cpu->SetArithmeticFlags(((cpu->FlagsImage >> 8) & Low) | (cpu->FlagsImage & 1) << 11);
}
