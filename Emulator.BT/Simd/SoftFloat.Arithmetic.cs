using System.Numerics;
using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

internal static partial class SoftFloat<T>
{
    /// <summary>a + b.</summary>
    public static ulong Add(ulong a, ulong b, uint mxcsr, ref uint flags)
    {
        a = Flush(a, mxcsr);
        b = Flush(b, mxcsr);
        return TakesNaN(a, b, ref flags, out ulong nan) ? nan : AddNumbers(a, b, mxcsr, ref flags);
    }

    /// <summary>a - b.</summary>
    public static ulong Subtract(ulong a, ulong b, uint mxcsr, ref uint flags)
    {
        a = Flush(a, mxcsr);
        b = Flush(b, mxcsr);
        return TakesNaN(a, b, ref flags, out ulong nan) ? nan : AddNumbers(a, b ^ Ieee<T>.SignBit, mxcsr, ref flags);
    }

    /// <summary>a * b.</summary>
    public static ulong Multiply(ulong a, ulong b, uint mxcsr, ref uint flags)
    {
        a = Flush(a, mxcsr);
        b = Flush(b, mxcsr);
        if (TakesNaN(a, b, ref flags, out ulong nan))
        {
            return nan;
        }
        ulong sign = (a ^ b) & Ieee<T>.SignBit;
        bool zero = Ieee<T>.IsZero(a) || Ieee<T>.IsZero(b), infinite = Ieee<T>.IsInfinity(a) || Ieee<T>.IsInfinity(b);
        if (zero && infinite)
        {
            return Invalid(ref flags);
        }
        flags |= DenormalFlag(a, b);
        if (zero || infinite)
        {
            return infinite ? sign | Ieee<T>.Infinity : sign;
        }
        Unpack(a, out int exponentA, out ulong x);
        Unpack(b, out int exponentB, out ulong y);
        int exponent = exponentA + exponentB - Ieee<T>.Bias + 1;
        ulong high = Math.BigMul(x, y, out ulong low);
        if ((long)high >= 0)
        {
            high = high << 1 | low >> 63;
            low <<= 1;
            exponent--;
        }
        return Pack(sign, exponent, high | (low != 0 ? 1ul : 0), mxcsr, ref flags);
    }

    /// <summary>a / b.</summary>
    public static ulong Divide(ulong a, ulong b, uint mxcsr, ref uint flags)
    {
        a = Flush(a, mxcsr);
        b = Flush(b, mxcsr);
        if (TakesNaN(a, b, ref flags, out ulong nan))
        {
            return nan;
        }
        ulong sign = (a ^ b) & Ieee<T>.SignBit;
        bool zeroA = Ieee<T>.IsZero(a), zeroB = Ieee<T>.IsZero(b), infiniteA = Ieee<T>.IsInfinity(a), infiniteB = Ieee<T>.IsInfinity(b);
        if ((zeroA && zeroB) || (infiniteA && infiniteB))
        {
            return Invalid(ref flags);
        }
        if (zeroB && !infiniteA)
        {
            flags |= Mxcsr.ZE;
            return sign | Ieee<T>.Infinity;
        }
        flags |= DenormalFlag(a, b);
        if (infiniteA || zeroA || infiniteB)
        {
            return infiniteA ? sign | Ieee<T>.Infinity : sign;
        }
        Unpack(a, out int exponentA, out ulong x);
        Unpack(b, out int exponentB, out ulong y);
        int exponent = exponentA - exponentB + Ieee<T>.Bias;
        ulong quotient, remainder;
        if (x >= y)
        {
            quotient = Wide.Divide(x >> 1, x << 63, y, out remainder);
        }
        else
        {
            quotient = Wide.Divide(x, 0, y, out remainder);
            exponent--;
        }
        return Pack(sign, exponent, quotient | (remainder != 0 ? 1ul : 0), mxcsr, ref flags);
    }

    /// <summary>Square root of b.</summary>
    public static ulong SquareRoot(ulong b, uint mxcsr, ref uint flags)
    {
        b = Flush(b, mxcsr);
        if (TakesNaN(b, b, ref flags, out ulong nan))
        {
            return nan;
        }
        if (Ieee<T>.IsZero(b))
        {
            return b;
        }
        if ((b & Ieee<T>.SignBit) != 0)
        {
            return Invalid(ref flags);
        }
        flags |= DenormalFlag(b, b);
        if (Ieee<T>.IsInfinity(b))
        {
            return b;
        }
        Unpack(b, out int exponent, out ulong significand);
        int power = exponent - Ieee<T>.Bias;
        // The radicand, in [2^126, 2^128), has a root in [2^63, 2^64).
        var radicand = (power & 1) == 0 ? new UInt128(significand >> 1, significand << 63) : new UInt128(significand, 0);
        ulong root = SoftFloat80.Root(radicand, out bool exact, out _);
        return Pack(0, (power >> 1) + Ieee<T>.Bias, root | (exact ? 0ul : 1), mxcsr, ref flags);
    }

    private static ulong AddNumbers(ulong a, ulong b, uint mxcsr, ref uint flags)
    {
        ulong signA = a & Ieee<T>.SignBit, signB = b & Ieee<T>.SignBit;
        bool infiniteA = Ieee<T>.IsInfinity(a), infiniteB = Ieee<T>.IsInfinity(b);
        if (infiniteA && infiniteB && signA != signB)
        {
            return Invalid(ref flags);
        }
        flags |= DenormalFlag(a, b);
        if (infiniteA || infiniteB)
        {
            return infiniteA ? a : b;
        }
        ulong zeroSign = (mxcsr & Mxcsr.RoundingMask) == Mxcsr.RoundDown ? Ieee<T>.SignBit : 0;
        bool zeroA = Ieee<T>.IsZero(a), zeroB = Ieee<T>.IsZero(b);
        if (zeroA && zeroB)
        {
            return signA == signB ? signA : zeroSign;
        }
        if (zeroA || zeroB)
        {
            // Through the rounding: a denormal may be flushed.
            Unpack(zeroA ? b : a, out int only, out ulong value);
            return Pack(zeroA ? signB : signA, only, value, mxcsr, ref flags);
        }
        Unpack(a, out int exponent, out ulong x);
        Unpack(b, out int exponentB, out ulong y);
        if (exponentB > exponent || (exponentB == exponent && y > x))
        {
            (exponent, exponentB, x, y, signA, signB) = (exponentB, exponent, y, x, signB, signA);
        }
        // One bit of room above.
        x >>= 1;
        y = ShiftRightJam(y >> 1, exponent - exponentB);
        ulong sum = signA == signB ? x + y : x - y;
        if (sum == 0)
        {
            return zeroSign;
        }
        int shift = BitOperations.LeadingZeroCount(sum);
        return Pack(signA, exponent + 1 - shift, sum << shift, mxcsr, ref flags);
    }
}
