using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = a * b.</summary>
    public static uint Multiply(Float80* d, Float80* a, Float80* b, uint control)
    {
        uint x = a->SignExponent, y = b->SignExponent;
        ulong sx = a->Significand, sy = b->Significand;
        return IsPlain(x & ExponentMask, sx, y & ExponentMask, sy, control)
            ? MultiplyNumbers(d, (x ^ y) & SignBit, (int)(x & ExponentMask) + (int)(y & ExponentMask), sx, sy, control)
            : MultiplySlow(d, a, b, control);
    }

    private static uint MultiplyNumbers(Float80* d, uint sign, int exponents, ulong a, ulong b, uint control)
    {
        ulong hi = Math.BigMul(a, b, out ulong lo);
        int exponent = exponents - Bias + 1;
        if ((long)hi >= 0)
        {
            hi = hi << 1 | lo >> 63;
            lo <<= 1;
            exponent--;
        }
        return RoundPack(d, sign, exponent, hi, lo, control);
    }

    private static uint MultiplySlow(Float80* d, Float80* a, Float80* b, uint control)
    {
        if (SpecialOperands(d, a, b, control, out uint flags))
        {
            return flags;
        }
        uint sign = Sign(a) ^ Sign(b);
        bool infinity = IsInfinity(a) || IsInfinity(b), zero = IsZero(a) || IsZero(b);
        if (infinity && zero)
        {
            return Invalid(d, control);
        }
        if (DenormalStops(a, b, control, ref flags))
        {
            return flags;
        }
        if (infinity)
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return flags;
        }
        if (zero)
        {
            Set(d, sign, 0);
            return flags;
        }
        Unpack(a, out int ea, out ulong sa);
        Unpack(b, out int eb, out ulong sb);
        return flags | MultiplyNumbers(d, sign, ea + eb, sa, sb, control);
    }
}
