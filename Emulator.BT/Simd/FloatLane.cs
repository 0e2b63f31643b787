using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>
/// Decides when the host's result is the guest's. In words:
/// <code>
/// quick = MXCSR rounds to nearest, and PE is set and masked (so that inexact results change nothing)
/// plain = operands and result are normal numbers, and the result is not so small that rounding could have hidden an underflow
/// if quick and plain: no flag but PE can have been raised, and DAZ and FTZ have nothing to act on: take the host's result
/// else: element by element, zeros and provably exact results by the host, the rest in software
/// </code>
/// Operations that never round (MIN, MAX, compares) need only operands that are neither NaN nor denormal.
/// </summary>
public static class FloatLane
{
    private const uint QuickMask = Mxcsr.RoundingMask | Mxcsr.PE | Mxcsr.PM, Quick = Mxcsr.PE | Mxcsr.PM;

    /// <summary>True when plain results need no more thought.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsQuick(uint mxcsr) => (mxcsr & QuickMask) == Quick;

    /// <summary>True when the host's result of one element counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<Op, T>(T a, T b, T result, uint mxcsr)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Op.Rounds
            ? IsQuick(mxcsr) && Ieee<T>.IsPlain(Ieee<T>.Bits(a)) && Ieee<T>.IsPlain(Ieee<T>.Bits(b)) && Ieee<T>.IsPlain(Ieee<T>.Bits(result))
            : Ieee<T>.IsOrdinary(Ieee<T>.Bits(a)) && Ieee<T>.IsOrdinary(Ieee<T>.Bits(b));

    /// <summary>True when the host's results of all elements count.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds<Op, T>(Vector128<T> a, Vector128<T> b, Vector128<T> result, uint mxcsr)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        Op.Rounds ? IsQuick(mxcsr) && ArePlain(a, b, result) : AreOrdinary(a, b);

    /// <summary>True when all elements are plain.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ArePlain<T>(Vector128<T> a, Vector128<T> b, Vector128<T> c)
        where T : unmanaged
    {
        // The exponents lie in the upper doublewords; of a double's lower one nothing is left, and it is never found equal to 'none'.
        Vector128<int> step = Upper<T>((int)(Ieee<T>.PlainStep >> (Ieee<T>.IsSingle ? 0 : 32)), 0);
        Vector128<int> mask = Upper<T>((int)(Ieee<T>.PlainMask >> (Ieee<T>.IsSingle ? 0 : 32)), 0);
        Vector128<int> none = Upper<T>(0, -1);
        Vector128<int> least = Vector128.Min(
            Vector128.Min((a.As<T, int>() + step) & mask, (b.As<T, int>() + step) & mask),
            (c.As<T, int>() + step) & mask);
        return !Vector128.EqualsAny(least, none);
    }

    /// <summary>True when all elements are neither NaN nor denormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AreOrdinary<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> least = Vector128.Create(Ieee<T>.Value(Ieee<T>.PlainStep));
        Vector128<T> goodA = Vector128.GreaterThanOrEqual(Vector128.Abs(a), least) | Vector128.Equals(a, Vector128<T>.Zero);
        Vector128<T> goodB = Vector128.GreaterThanOrEqual(Vector128.Abs(b), least) | Vector128.Equals(b, Vector128<T>.Zero);
        return (goodA & goodB).AsUInt64() == Vector128<ulong>.AllBitsSet;
    }

    /// <summary>One element by the least costly way that is exact.</summary>
    public static ulong Run<Op, T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Op.Rounds && (mxcsr & (Mxcsr.RoundingMask | Mxcsr.PM)) == Mxcsr.PM && Ieee<T>.IsOrdinary(a) && Ieee<T>.IsOrdinary(b))
        {
            T x = Ieee<T>.Value(a), y = Ieee<T>.Value(b), result = Op.Run(x, y);
            ulong bits = Ieee<T>.Bits(result);
            if (Ieee<T>.IsPlain(bits) ? (mxcsr & Mxcsr.PE) != 0 || Op.IsExact(x, y, result) : Ieee<T>.IsZero(bits) && Op.GivesZero(x, y))
            {
                return bits;
            }
        }
        return Op.Soft<T>(a, b, mxcsr, ref flags);
    }

    /// <summary>All elements.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Vector128<T> Run<Op, T>(Vector128<T> a, Vector128<T> b, uint mxcsr, ref uint flags)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (Op.Rounds && (mxcsr & (Mxcsr.RoundingMask | Mxcsr.PM)) == Mxcsr.PM && AreOrdinary(a, b))
        {
            Vector128<T> known = Op.Run(a, b), zero = Vector128.Equals(known, Vector128<T>.Zero) & Op.GivesZero(a, b);
            Vector128<T> good = (mxcsr & Mxcsr.PE) != 0 ? Plain(known) : Plain(known) & Op.IsExact(a, b, known);
            if ((good | zero).AsUInt64() == Vector128<ulong>.AllBitsSet)
            {
                return known;
            }
        }
        Vector128<T> result = default;
        for (int n = 0; n < Vector128<T>.Count; n++)
        {
            result = result.WithElement(n, Ieee<T>.Value(Run<Op, T>(Ieee<T>.Bits(a[n]), Ieee<T>.Bits(b[n]), mxcsr, ref flags)));
        }
        return result;
    }

    // All ones for each plain element: above the smallest normal numbers, and finite.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<T> Plain<T>(Vector128<T> a)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> magnitude = Vector128.Abs(a);
        return Vector128.GreaterThanOrEqual(magnitude, Vector128.Create(Ieee<T>.Value(Ieee<T>.PlainStep * 3)))
            & Vector128.LessThan(magnitude, Vector128.Create(Ieee<T>.Value(Ieee<T>.Infinity)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Upper<T>(int upper, int lower)
        where T : unmanaged =>
        Ieee<T>.IsSingle ? Vector128.Create(upper) : Vector128.Create(lower, upper, lower, upper);
}
