using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Emulator.BT.Fpu;

/// <summary>128-bit integer steps that the soft floating point is made of.</summary>
internal static class Wide
{
    /// <summary>Quotient of hi:lo by <paramref name="divisor"/>, which must exceed <paramref name="hi"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Divide(ulong hi, ulong lo, ulong divisor, out ulong remainder)
    {
#pragma warning disable SYSLIB5004 // the one instruction that does this; the portable form below costs four times as much
        if (X86Base.X64.IsSupported)
        {
            (ulong q, remainder) = X86Base.X64.DivRem(lo, hi, divisor);
            return q;
        }
#pragma warning restore SYSLIB5004
        var dividend = new UInt128(hi, lo);
        UInt128 quotient = dividend / divisor;
        remainder = (ulong)(dividend - quotient * divisor);
        return (ulong)quotient;
    }

    /// <summary>Upper 128 bits of the 256-bit product, at most 2 too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static UInt128 MulHigh(UInt128 a, UInt128 b)
    {
        ulong ah = (ulong)(a >> 64), al = (ulong)a, bh = (ulong)(b >> 64), bl = (ulong)b;
        ulong h = Math.BigMul(ah, bh, out ulong l);
        ulong h1 = Math.BigMul(ah, bl, out ulong l1), h2 = Math.BigMul(al, bh, out ulong l2);
        ulong mid = l1 + l2;
        ulong add = h1 + (mid < l1 ? 1ul : 0);
        ulong carry = add < h1 ? 1ul : 0;
        add += h2;
        carry += add < h2 ? 1ul : 0;
        l += add;
        carry += l < add ? 1ul : 0;
        return new UInt128(h + carry, l);
    }

    /// <summary>floor(n * 2^128 / d), within 3; d has bit 127 set and the upper half of n is below that of d.</summary>
    public static UInt128 DivideFraction(UInt128 n, UInt128 d)
    {
        ulong dh = (ulong)(d >> 64), dl = (ulong)d;
        ulong q1 = Divide((ulong)(n >> 64), (ulong)n, dh, out ulong rest);
        UInt128 left = new UInt128(rest, 0), take = (UInt128)q1 * dl;
        bool negative = left < take;
        left -= take;
        while (negative)
        {
            q1--;
            UInt128 sum = left + d;
            negative = sum >= left;
            left = sum;
        }
        ulong q2 = (ulong)(left >> 64) >= dh ? ulong.MaxValue : Divide((ulong)(left >> 64), (ulong)left, dh, out _);
        return new UInt128(q1, q2);
    }

    /// <summary>Shifts left so that bit 127 is set; returns the distance. The value is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Normalize(ref UInt128 value)
    {
        ulong hi = (ulong)(value >> 64);
        int n = hi != 0 ? BitOperations.LeadingZeroCount(hi) : 64 + BitOperations.LeadingZeroCount((ulong)value);
        value <<= n;
        return n;
    }

    /// <summary>Shifts hi:lo right by a count of 0 or more; bits that fall out are kept as a set bit 0.</summary>
    public static void ShiftRightJam(ref ulong hi, ref ulong lo, int count)
    {
        if (count == 0)
        {
            return;
        }
        if (count < 64)
        {
            bool lost = lo << (64 - count) != 0;
            lo = lo >> count | hi << (64 - count) | (lost ? 1ul : 0);
            hi >>= count;
        }
        else if (count < 128)
        {
            int n = count - 64;
            bool lost = lo != 0 || (n != 0 && hi << (64 - n) != 0);
            lo = hi >> n | (lost ? 1ul : 0);
            hi = 0;
        }
        else
        {
            lo = (hi | lo) != 0 ? 1ul : 0;
            hi = 0;
        }
    }
}
