using Emulator.BT.Model;
using Emulator.BT.Simd;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>Rows of MMX, SSE and SSE2, by family; the features that Iced names for an instruction must be the model's.</summary>
internal static unsafe partial class SimdRows
{
    /// <summary>The row of a SIMD instruction, or null when it is none or the model lacks it.</summary>
    public static Row? Find(in Instruction x, CpuModel model, ref Insn i)
    {
        foreach (CpuidFeature feature in x.CpuidFeatures)
        {
            if (!Has(model, feature))
            {
                return null;
            }
        }
        // The manual files it under MMX, but it came with SSE2.
        if (x.Code == Code.Paddq_mm_mmm64 && !model.Has(CpuFeatures.Sse2))
        {
            return null;
        }
        return FindMove(in x, ref i) ?? FindControl(in x) ?? FindInteger(in x) ?? FindShuffle(in x)
            ?? FindFloat(in x, ref i) ?? FindConversion(in x);
    }

    private static bool Has(CpuModel model, CpuidFeature feature) => feature switch
    {
        CpuidFeature.MMX => model.Has(CpuFeatures.Mmx),
        CpuidFeature.SSE => model.Has(CpuFeatures.Sse),
        CpuidFeature.SSE2 => model.Has(CpuFeatures.Sse2),
        CpuidFeature.FXSR => model.Has(CpuFeatures.Fxsr),
        CpuidFeature.CLFSH => model.Has(CpuFeatures.Clflush),
        _ => false,
    };

    private static Row? FindControl(in Instruction x) => x.Mnemonic switch
    {
        Mnemonic.Ldmxcsr => InsnTable.Helper(&SimdState.LoadControl),
        Mnemonic.Stmxcsr => InsnTable.Helper(&SimdState.StoreControl),
        Mnemonic.Fxsave => InsnTable.Helper(&SimdState.Save),
        Mnemonic.Fxrstor => InsnTable.Helper(&SimdState.Restore),
        Mnemonic.Emms => InsnTable.Helper(&MmxForms.Emms),
        Mnemonic.Sfence or Mnemonic.Lfence or Mnemonic.Mfence => InsnTable.Helper(&SimdState.Fence),
        Mnemonic.Clflush => InsnTable.Helper(&SimdState.FlushLine),
        Mnemonic.Movnti => InsnTable.Helper(&SimdState.StoreInteger),
        _ => null,
    };

    private static bool IsMemory(in Instruction x) => x.Op1Kind == OpKind.Memory;

    private static bool IsMmx(in Instruction x) => x.Op0Register.IsMM();

    private static Row Xmm<Op>(in Instruction x)
        where Op : struct, IVectorBinary => InsnTable.Helper(IsMemory(in x) ? &XmmForms.Memory<Op> : &XmmForms.Register<Op>);

    private static Row Mmx<Op>(in Instruction x)
        where Op : struct, IVectorBinary => InsnTable.Helper(
            !IsMemory(in x) ? &MmxForms.Register<Op> : x.MemorySize.GetSize() == 4 ? &MmxForms.Memory32<Op> : &MmxForms.Memory<Op>);

    /// <summary>One operation for both register files.</summary>
    private static Row Both<Op>(in Instruction x)
        where Op : struct, IVectorBinary => IsMmx(in x) ? Mmx<Op>(in x) : Xmm<Op>(in x);

    /// <summary>Operations that cross lanes differently in the two.</summary>
    private static Row Both<OnXmm, OnMmx>(in Instruction x)
        where OnXmm : struct, IVectorBinary
        where OnMmx : struct, IVectorBinary => IsMmx(in x) ? Mmx<OnMmx>(in x) : Xmm<OnXmm>(in x);

    private static Row XmmImmediate<Op>(in Instruction x)
        where Op : struct, IVectorImmediate =>
        InsnTable.Helper(IsMemory(in x) ? &XmmForms.MemoryImmediate<Op> : &XmmForms.RegisterImmediate<Op>);

    private static Row MmxImmediate<Op>(in Instruction x)
        where Op : struct, IVectorImmediate =>
        InsnTable.Helper(IsMemory(in x) ? &MmxForms.MemoryImmediate<Op> : &MmxForms.RegisterImmediate<Op>);

    private static Row Shift<Op>(in Instruction x)
        where Op : struct, IVectorShift
    {
        bool immediate = x.Op1Kind == OpKind.Immediate8;
        if (IsMmx(in x))
        {
            return InsnTable.Helper(
                immediate ? &MmxForms.ShiftImmediate<Op> : IsMemory(in x) ? &MmxForms.ShiftMemory<Op> : &MmxForms.ShiftRegister<Op>);
        }
        return InsnTable.Helper(
            immediate ? &XmmForms.ShiftImmediate<Op> : IsMemory(in x) ? &XmmForms.ShiftMemory<Op> : &XmmForms.ShiftRegister<Op>);
    }

    private static Row ToInteger<OnXmm, OnMmx>(in Instruction x)
        where OnXmm : struct, IVectorToInteger
        where OnMmx : struct, IVectorToInteger =>
        InsnTable.Helper(x.Op1Register.IsMM() ? &MmxForms.ToInteger<OnMmx> : &XmmForms.ToInteger<OnXmm>);
}
