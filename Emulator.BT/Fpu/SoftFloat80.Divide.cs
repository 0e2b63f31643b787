using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = a / b.</summary>
    public static uint Divide(Float80* d, Float80* a, Float80* b, uint control)
    {
        uint x = a->SignExponent, y = b->SignExponent;
        ulong sx = a->Significand, sy = b->Significand;
        return IsPlain(x & ExponentMask, sx, y & ExponentMask, sy, control)
            ? DivideNumbers(d, (x ^ y) & SignBit, (int)(x & ExponentMask) - (int)(y & ExponentMask), sx, sy, control)
            : DivideSlow(d, a, b, control);
    }

    private static uint DivideNumbers(Float80* d, uint sign, int exponents, ulong a, ulong b, uint control)
    {
        int exponent = exponents + Bias;
        ulong hi, rest;
        if (a >= b)
        {
            // The quotient is in [1, 2): halve the dividend so that 64 bits hold it.
            hi = Wide.Divide(a >> 1, a << 63, b, out rest);
        }
        else
        {
            hi = Wide.Divide(a, 0, b, out rest);
            exponent--;
        }
        // The remainder against half of the divisor is all that rounding needs of the further bits.
        ulong lo = rest == 0 ? 0 : rest > b - rest ? ulong.MaxValue : rest == b - rest ? IntegerBit : 1;
        return RoundPack(d, sign, exponent, hi, lo, control);
    }

    private static uint DivideSlow(Float80* d, Float80* a, Float80* b, uint control)
    {
        if (SpecialOperands(d, a, b, control, out uint flags))
        {
            return flags;
        }
        uint sign = Sign(a) ^ Sign(b);
        bool infinityA = IsInfinity(a), infinityB = IsInfinity(b), zeroA = IsZero(a), zeroB = IsZero(b);
        if ((infinityA && infinityB) || (zeroA && zeroB))
        {
            return Invalid(d, control);
        }
        if (zeroB && !infinityA)
        {
            if ((control & FpuStatus.ZE) != 0)
            {
                Set(d, sign | ExponentMask, IntegerBit);
            }
            return FpuStatus.ZE;
        }
        if (DenormalStops(a, b, control, ref flags))
        {
            return flags;
        }
        if (infinityA)
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return flags;
        }
        if (zeroA || infinityB)
        {
            Set(d, sign, 0);
            return flags;
        }
        Unpack(a, out int ea, out ulong sa);
        Unpack(b, out int eb, out ulong sb);
        return flags | DivideNumbers(d, sign, ea - eb, sa, sb, control);
    }
}
