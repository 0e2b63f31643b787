using System.Numerics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = a + b.</summary>
    public static uint Add(Float80* d, Float80* a, Float80* b, uint control)
    {
        uint x = a->SignExponent, y = b->SignExponent;
        ulong sx = a->Significand, sy = b->Significand;
        return IsPlain(x & ExponentMask, sx, y & ExponentMask, sy, control)
            ? AddNumbers(d, x & SignBit, (int)(x & ExponentMask), sx, y & SignBit, (int)(y & ExponentMask), sy, control)
            : AddSlow(d, a, b, 0, control);
    }

    /// <summary>d = a - b.</summary>
    public static uint Subtract(Float80* d, Float80* a, Float80* b, uint control)
    {
        uint x = a->SignExponent, y = b->SignExponent;
        ulong sx = a->Significand, sy = b->Significand;
        return IsPlain(x & ExponentMask, sx, y & ExponentMask, sy, control)
            ? AddNumbers(d, x & SignBit, (int)(x & ExponentMask), sx, ~y & SignBit, (int)(y & ExponentMask), sy, control)
            : AddSlow(d, a, b, SignBit, control);
    }

    /// <summary>Sum of two normalised numbers.</summary>
    private static uint AddNumbers(Float80* d, uint signA, int ea, ulong a, uint signB, int eb, ulong b, uint control)
    {
        // order by magnitude: a >= b
        // align b as 128 bits; add, or subtract and normalise; round
        if (ea < eb || (ea == eb && a < b))
        {
            (ea, eb) = (eb, ea);
            (a, b) = (b, a);
            (signA, signB) = (signB, signA);
        }
        int distance = ea - eb;
        ulong lo = 0;
        if (distance != 0)
        {
            if (distance < 64)
            {
                lo = b << (64 - distance);
                b >>= distance;
            }
            else
            {
                lo = distance == 64 ? b : distance < 128 ? b >> (distance - 64) | (b << (128 - distance) != 0 ? 1ul : 0) : 1;
                b = 0;
            }
        }
        if (signA == signB)
        {
            ulong sum = a + b;
            if (sum < a)
            {
                lo = lo >> 1 | (lo & 1) | sum << 63;
                sum = sum >> 1 | IntegerBit;
                ea++;
            }
            return RoundPack(d, signA, ea, sum, lo, control);
        }
        ulong hi = a - b - (lo != 0 ? 1ul : 0);
        lo = 0 - lo;
        if ((long)hi >= 0)
        {
            if (hi != 0)
            {
                int n = BitOperations.LeadingZeroCount(hi);
                hi = hi << n | lo >> (64 - n);
                lo <<= n;
                ea -= n;
            }
            else if (lo != 0)
            {
                int n = BitOperations.LeadingZeroCount(lo);
                hi = lo << n;
                lo = 0;
                ea -= 64 + n;
            }
            else
            {
                Set(d, (control & FpuControl.RoundingMask) == FpuControl.Down ? SignBit : 0, 0);
                return 0;
            }
        }
        return RoundPack(d, signA, ea, hi, lo, control);
    }

    private static uint AddSlow(Float80* d, Float80* a, Float80* b, uint flipB, uint control)
    {
        if (SpecialOperands(d, a, b, control, out uint flags))
        {
            return flags;
        }
        uint signA = Sign(a), signB = Sign(b) ^ flipB;
        bool infinityA = IsInfinity(a), infinityB = IsInfinity(b);
        if (infinityA && infinityB && signA != signB)
        {
            return Invalid(d, control);
        }
        if (DenormalStops(a, b, control, ref flags))
        {
            return flags;
        }
        if (infinityA || infinityB)
        {
            Set(d, (infinityA ? signA : signB) | ExponentMask, IntegerBit);
            return flags;
        }
        bool zeroA = IsZero(a), zeroB = IsZero(b);
        if (zeroA && zeroB)
        {
            Set(d, signA == signB ? signA : (control & FpuControl.RoundingMask) == FpuControl.Down ? SignBit : 0, 0);
            return flags;
        }
        Unpack(a, out int ea, out ulong sa);
        Unpack(b, out int eb, out ulong sb);
        if (zeroB)
        {
            return flags | RoundPack(d, signA, ea, sa, 0, control);
        }
        return flags | (zeroA ? RoundPack(d, signB, eb, sb, 0, control) : AddNumbers(d, signA, ea, sa, signB, eb, sb, control));
    }
}
