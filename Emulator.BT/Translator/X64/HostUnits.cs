using System.Runtime.CompilerServices;
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

    /// <summary>The x87, whose significands are the MMX registers.</summary>
    public const uint Fpu = 2;

    private const int ImageBytes = 512, MxcsrOffset = 24;

    /// <summary>The units that the guest may use now without any exception that the host would have to take.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Usable(CpuState* cpu)
    {
        if ((cpu->Cr0 & (Cr0.EM | Cr0.TS)) != 0)
        {
            return 0;
        }
        bool simd = (cpu->Cr4 & Cr4.OSFXSR) != 0 && (~cpu->Mxcsr & (Mxcsr.Exceptions << Mxcsr.MaskShift)) == 0;
        bool fpu = (~cpu->Fpu.Control & FpuStatus.Exceptions) == 0 && !X87.HasPendingException(&cpu->Fpu);
        return (simd ? Simd : 0) | (fpu ? Fpu : 0);
    }

    /// <summary>Puts the guest's x87 into the image that host code loads.</summary>
    public static void WriteFpu(CpuState* cpu)
    {
        var image = new Span<byte>((byte*)cpu->FxImage, ImageBytes);
        X87.WriteFx(&cpu->Fpu, image, wide: false);
        // FXRSTOR loads it, and nobody loads the host's again when the guest's SIMD unit stays out.
        *(uint*)(cpu->FxImage + MxcsrOffset) = cpu->HostMxcsr;
    }

    /// <summary>Takes the guest's x87 out of the image again. The last-instruction pointers there are the host's; host code keeps the guest's itself.</summary>
    public static void ReadFpu(CpuState* cpu)
    {
        FpuState* f = &cpu->Fpu;
        var (ip, cs, dp, ds, opcode) = (f->InstructionPointer, f->InstructionSelector, f->DataPointer, f->DataSelector, f->Opcode);
        X87.ReadFx(f, new ReadOnlySpan<byte>((byte*)cpu->FxImage, ImageBytes), wide: false);
        (f->InstructionPointer, f->InstructionSelector, f->DataPointer, f->DataSelector, f->Opcode) = (ip, cs, dp, ds, opcode);
    }
}
