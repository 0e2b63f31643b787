using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = a * 2^(b truncated) (FSCALE). The precision control does not apply.</summary>
    public static uint Scale(Float80* d, Float80* a, Float80* b, uint control)
    {
        if (SpecialOperands(d, a, b, control, out uint flags))
        {
            return flags;
        }
        bool zeroA = IsZero(a), infinityA = IsInfinity(a);
        if (IsInfinity(b) && (Sign(b) != 0 ? infinityA : zeroA))
        {
            return Invalid(d, control);
        }
        if (DenormalStops(a, b, control, ref flags))
        {
            return flags;
        }
        if (IsInfinity(b))
        {
            Set(d, Sign(b) != 0 ? Sign(a) : Sign(a) | ExponentMask, Sign(b) != 0 ? 0 : IntegerBit);
            return flags;
        }
        if (zeroA || infinityA)
        {
            Set(d, a->SignExponent, a->Significand);
            return flags;
        }
        int power = 0;
        uint exponentB = b->SignExponent & ExponentMask;
        if (exponentB >= Bias)
        {
            // Anything from 2^16 on leaves every range.
            power = exponentB >= Bias + 16 ? 1 << 16 : (int)(b->Significand >> (int)(Bias + 63 - exponentB));
            power = Sign(b) != 0 ? -power : power;
        }
        Unpack(a, out int exponent, out ulong significand);
        if (IsZero(b))
        {
            // A denormal passes through without an underflow, even unmasked.
            return flags | RoundPack(d, Sign(a), exponent, significand, 0, control | FpuControl.Precision64 | FpuStatus.UE);
        }
        return flags | ScaleNumber(d, Sign(a), exponent + power, significand, control | FpuControl.Precision64);
    }

    private static uint ScaleNumber(Float80* d, uint sign, int exponent, ulong significand, uint control)
    {
        if (exponent >= ExponentMask + ExponentWrap && (control & FpuStatus.OE) == 0)
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return FpuStatus.OE | FpuStatus.PE | FpuStatus.C1;
        }
        if (exponent <= -ExponentWrap && (control & FpuStatus.UE) == 0)
        {
            Set(d, sign, 0);
            return FpuStatus.UE | FpuStatus.PE;
        }
        return RoundPack(d, sign, exponent, significand, 0, control);
    }

    /// <summary>Splits a into its exponent (as a number) and its significand with exponent 0 (FXTRACT).</summary>
    public static uint Extract(Float80* exponentPart, Float80* significandPart, Float80* a, uint control)
    {
        if (SpecialOperand(significandPart, a, control, out uint flags))
        {
            *exponentPart = *significandPart;
            return flags;
        }
        uint sign = Sign(a);
        if (IsZero(a))
        {
            if ((control & FpuStatus.ZE) != 0)
            {
                Set(significandPart, sign, 0);
                Set(exponentPart, SignBit | ExponentMask, IntegerBit);
            }
            return FpuStatus.ZE;
        }
        if (DenormalStops(a, a, control, ref flags))
        {
            return flags;
        }
        if (IsInfinity(a))
        {
            Set(significandPart, sign | ExponentMask, IntegerBit);
            Set(exponentPart, ExponentMask, IntegerBit);
            return flags;
        }
        Unpack(a, out int exponent, out ulong significand);
        Set(significandPart, sign | Bias, significand);
        FromInteger(exponentPart, exponent - Bias);
        return flags;
    }
}
