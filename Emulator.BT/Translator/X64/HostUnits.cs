using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Register files that host code keeps in the host's own: bits of <see cref="CpuState.LiveUnits"/>. They are loaded by the first region that
/// needs them and stored on the way out.
/// </summary>
internal static unsafe class HostUnits
{
    /// <summary>XMM0-XMM7 and MXCSR.</summary>
    public const uint Simd = 1;

    /// <summary>The units that the guest may use now without any exception that the host would have to take.</summary>
    public static uint Usable(CpuState* cpu)
    {
        bool on = (cpu->Cr0 & (Cr0.EM | Cr0.TS)) == 0;
        bool simd = on && (cpu->Cr4 & Cr4.OSFXSR) != 0 && (~cpu->Mxcsr & (Mxcsr.Exceptions << Mxcsr.MaskShift)) == 0;
        return simd ? Simd : 0;
    }
}
