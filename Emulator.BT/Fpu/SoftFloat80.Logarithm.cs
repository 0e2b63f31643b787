using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>The 64-bit significand of the square root of 2, rounded down.</summary>
    private const ulong Sqrt2 = 0xB504_F333_F9DE_6484;

    /// <summary>d = y * log2 x (FYL2X).</summary>
    public static uint YLog2X(Float80* d, Float80* y, Float80* x, uint control)
    {
        if (SpecialOperands(d, y, x, control, out uint flags))
        {
            return flags;
        }
        bool zeroX = IsZero(x), zeroY = IsZero(y), infinityX = IsInfinity(x), infinityY = IsInfinity(y);
        bool one = x->SignExponent == Bias && x->Significand == IntegerBit;
        if ((Sign(x) != 0 && !zeroX) || (zeroX && zeroY) || (one && infinityY) || (infinityX && zeroY))
        {
            return Invalid(d, control);
        }
        bool belowOne = (x->SignExponent & ExponentMask) < Bias;
        uint sign = Sign(y) ^ (belowOne ? SignBit : 0);
        if (zeroX && !infinityY)
        {
            if ((control & FpuStatus.ZE) != 0)
            {
                Set(d, sign | ExponentMask, IntegerBit);
            }
            return FpuStatus.ZE;
        }
        if (DenormalStops(y, x, control, ref flags))
        {
            return flags;
        }
        if (infinityX || infinityY)
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return flags;
        }
        if (one || zeroY)
        {
            Set(d, sign, 0);
            return flags;
        }
        Unpack(x, out int exponent, out ulong significand);
        UInt128 m = Log2(exponent - Bias, significand, out int e);
        return flags | PackTimesY(d, sign, y, m, e, significand == IntegerBit, control);
    }

    /// <summary>|log2| of significand * 2^(power - 63) as a wide number; the argument is not 1.</summary>
    private static UInt128 Log2(int power, ulong significand, out int e)
    {
        UInt128 m = 0;
        bool negative = significand > Sqrt2;
        if (significand == IntegerBit)
        {
            e = 0;
        }
        else
        {
            // s = (f - 1) / (f + 1) with f in [sqrt 1/2, sqrt 2]
            ulong distance = negative ? 0 - significand : significand - IntegerBit;
            UInt128 sum = negative ? new UInt128(1, significand) : (UInt128)significand + IntegerBit;
            m = Transcendental.Quotient(distance, sum, out e);
            Transcendental.LogRatio(ref m, ref e);
        }
        power += negative ? 1 : 0;
        if (power == 0)
        {
            return m;
        }
        // 16 integer bits hold every power.
        UInt128 whole = (UInt128)(uint)Math.Abs(power) << 112, fraction = e < -112 ? 0 : m >> (15 - e);
        m = (power < 0) == negative ? whole + fraction : whole - fraction;
        e = 15 - Wide.Normalize(ref m);
        return m;
    }

    private static uint PackTimesY(Float80* d, uint sign, Float80* y, UInt128 m, int e, bool exact, uint control)
    {
        Unpack(y, out int exponent, out ulong significand);
        m = Wide.MulHigh(new UInt128(significand, 0), m);
        e += exponent - Bias + 1 - Wide.Normalize(ref m);
        return exact ? PackExactWide(d, sign, e, m, control) : PackWide(d, sign, e, m, control);
    }

    /// <summary>
    /// d = y * log2(x + 1) (FYL2XP1). For x of -1 and less, where the manual defines nothing, the P6 gives x back as inexact.
    /// </summary>
    public static uint YLog2XPlus1(Float80* d, Float80* y, Float80* x, uint control)
    {
        if (SpecialOperands(d, y, x, control, out uint flags))
        {
            return flags;
        }
        bool zeroX = IsZero(x), zeroY = IsZero(y), infinityX = IsInfinity(x), infinityY = IsInfinity(y);
        bool belowMinusOne = Sign(x) != 0 && (x->SignExponent & ExponentMask) >= Bias;
        if ((belowMinusOne && infinityX) || (zeroX && infinityY) || (infinityX && zeroY))
        {
            return Invalid(d, control);
        }
        if (DenormalStops(y, x, control, ref flags))
        {
            return flags;
        }
        uint sign = Sign(y) ^ Sign(x);
        if (infinityX || infinityY)
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return flags;
        }
        if (zeroX || zeroY)
        {
            Set(d, sign, 0);
            return flags;
        }
        if (belowMinusOne)
        {
            Set(d, x->SignExponent, x->Significand);
            return flags | FpuStatus.PE;
        }
        Unpack(x, out int exponent, out ulong significand);
        UInt128 m = Log2Plus1(Sign(x) != 0, exponent - Bias, significand, out int e);
        return flags | PackTimesY(d, sign, y, m, e, false, control);
    }

    /// <summary>|log2(1 + x)| for |x| = significand * 2^(power - 63), x above -1.</summary>
    private static UInt128 Log2Plus1(bool negative, int power, ulong significand, out int e)
    {
        UInt128 m;
        if (power >= -2)
        {
            return Log2OfSum(negative, power, significand, out e);
        }
        // s = x / (2 + x) in units of 2^-126; bits of x below that don't reach the result
        UInt128 x = power < -126 ? 0 : new UInt128(significand, 0) >> (1 - power);
        UInt128 two = UInt128.One << 127;
        m = Transcendental.Quotient(new UInt128(significand, 0), negative ? two - x : two + x, out e);
        e += power - 1;
        Transcendental.LogRatio(ref m, ref e);
        return m;
    }

    /// <summary>The same for |x| of 1/4 and more, where 1 + x loses nothing that matters.</summary>
    private static UInt128 Log2OfSum(bool negative, int power, ulong significand, out int e)
    {
        int scale = Math.Max(power, 0);
        UInt128 x = new UInt128(significand >> 1, significand << 63) >> (scale - power);
        UInt128 one = scale > 126 ? 0 : UInt128.One << (126 - scale);
        UInt128 sum = negative ? one - x : one + x;
        int exponent = scale + 1 - Wide.Normalize(ref sum);
        bool upper = sum > new UInt128(Sqrt2, 0);
        UInt128 m = 0;
        e = 0;
        UInt128 bit = UInt128.One << 127;
        if (sum != bit)
        {
            UInt128 distance = upper ? 0 - sum : sum - bit;
            m = Transcendental.Quotient(distance, (sum >> 1) + (upper ? bit : bit >> 1), out e);
            e--;
            Transcendental.LogRatio(ref m, ref e);
        }
        exponent += upper ? 1 : 0;
        if (exponent == 0)
        {
            return m;
        }
        UInt128 whole = (UInt128)(uint)Math.Abs(exponent) << 112, fraction = e < -112 ? 0 : m >> (15 - e);
        m = (exponent < 0) == upper ? whole + fraction : whole - fraction;
        e = 15 - Wide.Normalize(ref m);
        return m;
    }
}
