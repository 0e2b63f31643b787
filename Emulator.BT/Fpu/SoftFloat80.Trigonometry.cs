using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>Pi / 2 in units of 2^-65: the 66 bits of pi that the P6 reduces with (SDM Vol. 1, 8.3.8).</summary>
    private static readonly UInt128 HalfPi66 = new(3, 0x243F_6A88_85A3_08D3);

    /// <summary>Angles below 2^-68 are their own sine and tangent, in every rounding mode.</summary>
    private const int TinyAngle = -68;

    /// <summary>d = sin a. C2 alone, and nothing written, when |a| is 2^63 or more.</summary>
    public static uint Sine(Float80* d, Float80* a, uint control)
    {
        if (TrigSpecial(d, a, false, control, out uint flags))
        {
            return flags;
        }
        UInt128 m = ReduceAngle(a, out int e, out int quadrant, out bool negative);
        if (quadrant == 0 && e < TinyAngle)
        {
            return flags | PackExactWide(d, Sign(a), e, m, control);
        }
        return flags | PackSine(d, Sign(a), quadrant, negative, m, e, control);
    }

    /// <summary>d = cos a, with the same range as <see cref="Sine"/>.</summary>
    public static uint Cosine(Float80* d, Float80* a, uint control)
    {
        if (TrigSpecial(d, a, true, control, out uint flags))
        {
            return flags;
        }
        UInt128 m = ReduceAngle(a, out int e, out int quadrant, out bool negative);
        if (quadrant == 0 && e < TinyAngle)
        {
            return flags | PackExactWide(d, 0, 0, UInt128.One << 127, control);
        }
        return flags | PackSine(d, 0, quadrant + 1, negative, m, e, control);
    }

    /// <summary>d = tan a, with the same range as <see cref="Sine"/>.</summary>
    public static uint Tangent(Float80* d, Float80* a, uint control)
    {
        if (TrigSpecial(d, a, false, control, out uint flags))
        {
            return flags;
        }
        UInt128 m = ReduceAngle(a, out int e, out int quadrant, out bool negative);
        if (quadrant == 0 && e < TinyAngle)
        {
            return flags | PackExactWide(d, Sign(a), e, m, control);
        }
        uint sign = Sign(a) ^ (negative != ((quadrant & 1) != 0) ? SignBit : 0);
        if (e < -58)
        {
            // tan r = r (1 + r^2/3 + ...) and the second term is out of reach; the sticky bit stands for it.
            if ((quadrant & 1) == 0)
            {
                return flags | PackWide(d, sign, e, m, control);
            }
            m = Transcendental.Quotient(UInt128.One << 127, m, out int reciprocal);
            return flags | PackWide(d, sign, reciprocal - e, m, control);
        }
        UInt128 sin = m, cos = m;
        int es = e, ec = e;
        Transcendental.Sin(ref sin, ref es);
        Transcendental.Cos(ref cos, ref ec);
        bool inverse = (quadrant & 1) != 0;
        m = inverse ? Transcendental.Quotient(cos, sin, out e) : Transcendental.Quotient(sin, cos, out e);
        return flags | PackWide(d, sign, e + (inverse ? ec - es : es - ec), m, control);
    }

    /// <summary>sin of (quadrant * pi/2 + or - r), r = m * 2^(e - 127), times the sign.</summary>
    private static uint PackSine(Float80* d, uint sign, int quadrant, bool negative, UInt128 m, int e, uint control)
    {
        if ((quadrant & 1) != 0)
        {
            Transcendental.Cos(ref m, ref e);
        }
        else
        {
            Transcendental.Sin(ref m, ref e);
            sign ^= negative ? SignBit : 0;
        }
        return PackWide(d, sign ^ ((quadrant & 2) != 0 ? SignBit : 0), e, m, control);
    }

    private static uint PackWide(Float80* d, uint sign, int e, UInt128 m, uint control) =>
        RoundPack(d, sign, e + Bias, (ulong)(m >> 64), (ulong)m | 1, control | FpuControl.Precision64);

    /// <summary>A result that is exact, or taken for it, and yet reported as inexact: so does the P6 where a series is never run.</summary>
    private static uint PackExactWide(Float80* d, uint sign, int e, UInt128 m, uint control)
    {
        uint flags = RoundPack(d, sign, e + Bias, (ulong)(m >> 64), (ulong)m, control | FpuControl.Precision64) | FpuStatus.PE;
        return e + Bias <= 0 ? flags | FpuStatus.UE : flags;
    }

    /// <summary>NaNs, infinity, zero, denormals and the range; true when that decided the result.</summary>
    private static bool TrigSpecial(Float80* d, Float80* a, bool cosine, uint control, out uint flags)
    {
        if (SpecialOperand(d, a, control, out flags))
        {
            return true;
        }
        uint exponent = a->SignExponent & ExponentMask;
        if (exponent >= Bias + 63)
        {
            flags = exponent == ExponentMask ? Invalid(d, control) : FpuStatus.C2;
            return true;
        }
        if (IsZero(a))
        {
            Set(d, cosine ? (uint)Bias : a->SignExponent, cosine ? IntegerBit : 0);
            return true;
        }
        return DenormalStops(a, a, control, ref flags);
    }

    /// <summary>
    /// |a| = quadrant * pi/2 + or - r with r at most pi/4, exact for the 66-bit pi; returns r's wide significand.
    /// </summary>
    private static UInt128 ReduceAngle(Float80* a, out int e, out int quadrant, out bool negative)
    {
        Unpack(a, out int exponent, out ulong significand);
        e = exponent - Bias;
        quadrant = 0;
        negative = false;
        if (e < -1)
        {
            return new UInt128(significand, 0);
        }
        UInt128 angle = (UInt128)significand << (e + 2);
        if (e < 40)
        {
            // The quotient fits a double's precision, give or take one.
            ulong q = (ulong)((double)angle * (1 / (double)HalfPi66));
            UInt128 product = HalfPi66 * q;
            if (product > angle)
            {
                q--;
                product -= HalfPi66;
            }
            angle -= product;
            if (angle >= HalfPi66)
            {
                q++;
                angle -= HalfPi66;
            }
            quadrant = (int)(q & 3);
        }
        else
        {
            UInt128 q = angle / HalfPi66;
            angle -= q * HalfPi66;
            quadrant = (int)((ulong)q & 3);
        }
        if (angle > HalfPi66 - angle)
        {
            angle = HalfPi66 - angle;
            negative = true;
            quadrant++;
        }
        // Never 0: the 66-bit pi is odd and wider than any significand.
        e = 62 - Wide.Normalize(ref angle);
        return angle;
    }
}
