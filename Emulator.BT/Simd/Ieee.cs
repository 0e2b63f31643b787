using System.Runtime.CompilerServices;

namespace Emulator.BT.Simd;

/// <summary>An IEEE 754 interchange format, <c>float</c> or <c>double</c>, as constants that RyuJIT folds. Values are bits in the low end of 64.</summary>
internal static class Ieee<T>
    where T : unmanaged
{
    /// <summary>Bits of the significand with its hidden one.</summary>
    public static int Precision
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 24 : 53;
    }

    /// <summary>Exponent bias.</summary>
    public static int Bias
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 127 : 1023;
    }

    /// <summary>Exponent field of infinities and NaNs.</summary>
    public static int MaxExponent
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 255 : 2047;
    }

    /// <summary>The sign.</summary>
    public static ulong SignBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 1ul << 31 : 1ul << 63;
    }

    /// <summary>+infinity; also the mask of the exponent field.</summary>
    public static ulong Infinity
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x7F80_0000ul : 0x7FF0_0000_0000_0000ul;
    }

    /// <summary>Mask of the fraction.</summary>
    public static ulong FractionMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x007F_FFFFul : 0x000F_FFFF_FFFF_FFFFul;
    }

    /// <summary>Set in quiet NaNs.</summary>
    public static ulong QuietBit
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x0040_0000ul : 0x0008_0000_0000_0000ul;
    }

    /// <summary>The real indefinite QNaN (SDM Vol. 1, table 4-3).</summary>
    public static ulong Indefinite => SignBit | Infinity | QuietBit;

    /// <summary>True for <c>float</c>.</summary>
    public static bool IsSingle
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float);
    }

    /// <summary>The bits of a value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Bits(T value) => IsSingle ? Unsafe.BitCast<T, uint>(value) : Unsafe.BitCast<T, ulong>(value);

    /// <summary>The value of bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Value(ulong bits) => IsSingle ? Unsafe.BitCast<uint, T>((uint)bits) : Unsafe.BitCast<ulong, T>(bits);

    /// <summary>True for zeros, normal numbers and infinities: neither NaN nor denormal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsOrdinary(ulong bits)
    {
        ulong magnitude = bits & ~SignBit;
        return magnitude - (FractionMask + 1) <= Infinity - (FractionMask + 1) || magnitude == 0;
    }

    /// <summary>True for normal numbers that are not among the very smallest: as a result, no rounding has hidden an underflow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsPlain(ulong bits) => ((bits + PlainStep) & PlainMask) != 0;

    /// <summary>Adding this moves the exponents 0 and <see cref="MaxExponent"/> next to each other, where <see cref="PlainMask"/> is 0.</summary>
    public static ulong PlainStep
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x0080_0000ul : 0x0010_0000_0000_0000ul;
    }

    /// <summary>The exponent field without its two low bits.</summary>
    public static ulong PlainMask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => typeof(T) == typeof(float) ? 0x7E00_0000ul : 0x7FC0_0000_0000_0000ul;
    }

    /// <summary>True for NaNs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsNaN(ulong bits) => (bits & ~SignBit) > Infinity;

    /// <summary>True for signalling NaNs.</summary>
    public static bool IsSignaling(ulong bits) => IsNaN(bits) && (bits & QuietBit) == 0;

    /// <summary>True for denormals.</summary>
    public static bool IsDenormal(ulong bits) => (bits & Infinity) == 0 && (bits & FractionMask) != 0;

    /// <summary>True for infinities.</summary>
    public static bool IsInfinity(ulong bits) => (bits & ~SignBit) == Infinity;

    /// <summary>True for zeros.</summary>
    public static bool IsZero(ulong bits) => (bits & ~SignBit) == 0;
}
