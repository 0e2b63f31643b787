using System.Numerics;
using Emulator.BT.Semantics;
using Emulator.BT.Simd;
using Iced.Intel;

namespace Emulator.BT.Decode;

internal static unsafe partial class SimdRows
{
    private static Row? FindFloat(in Instruction x, ref Insn i)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Addps: return Packed<FloatAdd, float>(in x);
            case Mnemonic.Addpd: return Packed<FloatAdd, double>(in x);
            case Mnemonic.Addss: return Scalar<FloatAdd, float>(in x);
            case Mnemonic.Addsd: return Scalar<FloatAdd, double>(in x);
            case Mnemonic.Subps: return Packed<FloatSubtract, float>(in x);
            case Mnemonic.Subpd: return Packed<FloatSubtract, double>(in x);
            case Mnemonic.Subss: return Scalar<FloatSubtract, float>(in x);
            case Mnemonic.Subsd: return Scalar<FloatSubtract, double>(in x);
            case Mnemonic.Mulps: return Packed<FloatMultiply, float>(in x);
            case Mnemonic.Mulpd: return Packed<FloatMultiply, double>(in x);
            case Mnemonic.Mulss: return Scalar<FloatMultiply, float>(in x);
            case Mnemonic.Mulsd: return Scalar<FloatMultiply, double>(in x);
            case Mnemonic.Divps: return Packed<FloatDivide, float>(in x);
            case Mnemonic.Divpd: return Packed<FloatDivide, double>(in x);
            case Mnemonic.Divss: return Scalar<FloatDivide, float>(in x);
            case Mnemonic.Divsd: return Scalar<FloatDivide, double>(in x);
            case Mnemonic.Sqrtps: return Packed<FloatSquareRoot, float>(in x);
            case Mnemonic.Sqrtpd: return Packed<FloatSquareRoot, double>(in x);
            case Mnemonic.Sqrtss: return Scalar<FloatSquareRoot, float>(in x);
            case Mnemonic.Sqrtsd: return Scalar<FloatSquareRoot, double>(in x);
            case Mnemonic.Minps: return Packed<FloatMin, float>(in x);
            case Mnemonic.Minpd: return Packed<FloatMin, double>(in x);
            case Mnemonic.Minss: return Scalar<FloatMin, float>(in x);
            case Mnemonic.Minsd: return Scalar<FloatMin, double>(in x);
            case Mnemonic.Maxps: return Packed<FloatMax, float>(in x);
            case Mnemonic.Maxpd: return Packed<FloatMax, double>(in x);
            case Mnemonic.Maxss: return Scalar<FloatMax, float>(in x);
            case Mnemonic.Maxsd: return Scalar<FloatMax, double>(in x);
            case Mnemonic.Cmpps: return InsnTable.Helper(IsMemory(in x) ? &CompareForms.PackedMemory<float> : &CompareForms.PackedRegister<float>);
            case Mnemonic.Cmppd: return InsnTable.Helper(IsMemory(in x) ? &CompareForms.PackedMemory<double> : &CompareForms.PackedRegister<double>);
            case Mnemonic.Cmpss: return InsnTable.Helper(IsMemory(in x) ? &CompareForms.ScalarMemory<float> : &CompareForms.ScalarRegister<float>);
            case Mnemonic.Cmpsd: return InsnTable.Helper(IsMemory(in x) ? &CompareForms.ScalarMemory<double> : &CompareForms.ScalarRegister<double>);
            case Mnemonic.Comiss: return Order<float>(in x, ref i, signaling: true);
            case Mnemonic.Comisd: return Order<double>(in x, ref i, signaling: true);
            case Mnemonic.Ucomiss: return Order<float>(in x, ref i, signaling: false);
            case Mnemonic.Ucomisd: return Order<double>(in x, ref i, signaling: false);
            case Mnemonic.Rcpps: return Xmm<PackedReciprocal>(in x);
            case Mnemonic.Rsqrtps: return Xmm<PackedReciprocalRoot>(in x);
            case Mnemonic.Rcpss: return InsnTable.Helper(IsMemory(in x) ? &XmmForms.Memory32<ScalarReciprocal> : &XmmForms.Register<ScalarReciprocal>);
            case Mnemonic.Rsqrtss:
                return InsnTable.Helper(IsMemory(in x) ? &XmmForms.Memory32<ScalarReciprocalRoot> : &XmmForms.Register<ScalarReciprocalRoot>);
            default: return null;
        }
    }

    private static Row? FindConversion(in Instruction x)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Cvtps2pd: return Convert<SinglesToDoubles>(in x);
            case Mnemonic.Cvtpd2ps: return Convert<DoublesToSingles>(in x);
            case Mnemonic.Cvtss2sd: return Convert<SingleToDouble>(in x);
            case Mnemonic.Cvtsd2ss: return Convert<DoubleToSingle>(in x);
            case Mnemonic.Cvtdq2pd: return Convert<IntegersToDoubles>(in x);
            case Mnemonic.Cvtdq2ps: return Convert<IntegersToSingles>(in x);
            case Mnemonic.Cvtps2dq: return Convert<SinglesToIntegers<No>>(in x);
            case Mnemonic.Cvttps2dq: return Convert<SinglesToIntegers<Yes>>(in x);
            case Mnemonic.Cvtpd2dq: return Convert<DoublesToIntegers<No>>(in x);
            case Mnemonic.Cvttpd2dq: return Convert<DoublesToIntegers<Yes>>(in x);
            case Mnemonic.Cvtpi2ps: return Convert<MmxToSingles>(in x);
            case Mnemonic.Cvtpi2pd: return Convert<IntegersToDoubles>(in x);
            case Mnemonic.Cvtps2pi: return Convert<SinglesToMmx<No>>(in x);
            case Mnemonic.Cvttps2pi: return Convert<SinglesToMmx<Yes>>(in x);
            case Mnemonic.Cvtpd2pi: return Convert<DoublesToIntegers<No>>(in x);
            case Mnemonic.Cvttpd2pi: return Convert<DoublesToIntegers<Yes>>(in x);
            case Mnemonic.Cvtsi2ss: return InsnTable.Helper(&ConversionForms.FromInteger<float>);
            case Mnemonic.Cvtsi2sd: return InsnTable.Helper(&ConversionForms.FromInteger<double>);
            case Mnemonic.Cvtss2si: return InsnTable.Helper(&ConversionForms.ToInteger<float, No>);
            case Mnemonic.Cvttss2si: return InsnTable.Helper(&ConversionForms.ToInteger<float, Yes>);
            case Mnemonic.Cvtsd2si: return InsnTable.Helper(&ConversionForms.ToInteger<double, No>);
            case Mnemonic.Cvttsd2si: return InsnTable.Helper(&ConversionForms.ToInteger<double, Yes>);
            default: return null;
        }
    }

    private static Row Packed<Op, T>(in Instruction x)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        InsnTable.Helper(IsMemory(in x) ? &FloatForms.PackedMemory<Op, T> : &FloatForms.PackedRegister<Op, T>);

    private static Row Scalar<Op, T>(in Instruction x)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        InsnTable.Helper(IsMemory(in x) ? &FloatForms.ScalarMemory<Op, T> : &FloatForms.ScalarRegister<Op, T>);

    private static Row Order<T>(in Instruction x, ref Insn i, bool signaling)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        InsnTable.SetSub(ref i, signaling ? 1 : 0);
        return InsnTable.Helper(IsMemory(in x) ? &CompareForms.OrderMemory<T> : &CompareForms.OrderRegister<T>);
    }

    private static Row Convert<Op>(in Instruction x)
        where Op : struct, IFloatConversion
    {
        int size = IsMemory(in x) ? x.MemorySize.GetSize() : 0;
        if (IsMmx(in x))
        {
            return InsnTable.Helper(size switch
            {
                0 => &ConversionForms.MmxFromRegister<Op>,
                8 => &ConversionForms.MmxFromMemory64<Op>,
                _ => &ConversionForms.MmxFromMemory<Op>,
            });
        }
        if (x.Op1Register.IsMM())
        {
            return InsnTable.Helper(&ConversionForms.FromMmx<Op>);
        }
        return InsnTable.Helper(size switch
        {
            0 => &ConversionForms.Register<Op>,
            4 => &ConversionForms.Memory32<Op>,
            8 => &ConversionForms.Memory64<Op>,
            _ => &ConversionForms.Memory<Op>,
        });
    }
}
