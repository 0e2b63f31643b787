using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = 2^a - 1 (F2XM1), for a in [-1, 1]. Outside, where the manual defines nothing, a comes back.</summary>
    public static uint Exp2Minus1(Float80* d, Float80* a, uint control)
    {
        if (SpecialOperand(d, a, control, out uint flags))
        {
            return flags;
        }
        uint sign = Sign(a);
        if (IsInfinity(a))
        {
            Set(d, sign != 0 ? SignBit | Bias : ExponentMask, IntegerBit);
            return 0;
        }
        if (IsZero(a))
        {
            Set(d, sign, 0);
            return 0;
        }
        if (DenormalStops(a, a, control, ref flags))
        {
            return flags;
        }
        if ((a->SignExponent & ExponentMask) >= Bias)
        {
            // The P6 calls even the exact results of 1 and -1 inexact.
            flags |= FpuStatus.PE;
            bool minusOne = a->SignExponent == (SignBit | Bias) && a->Significand == IntegerBit;
            Set(d, minusOne ? SignBit | (Bias - 1) : a->SignExponent, a->Significand);
            return flags;
        }
        Unpack(a, out int exponent, out ulong significand);
        var m = new UInt128(significand, 0);
        int e = exponent - Bias;
        Transcendental.Exp2Minus1(sign != 0, ref m, ref e);
        return flags | PackWide(d, sign, e, m, control);
    }
}
