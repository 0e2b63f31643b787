using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>
/// A two-operand floating-point operation in three forms: what the host computes with round to nearest, what says that nothing but
/// PE can have happened, and the software for all else. The host's result counts when <see cref="FloatLane"/> says so.
/// </summary>
public interface IFloatBinary
{
    /// <summary>The result may be inexact. Else operands that are neither NaN nor denormal never raise anything.</summary>
    static abstract bool Rounds { get; }

    /// <summary>The host's result of one element.</summary>
    static abstract T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The host's results.</summary>
    static abstract Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>Given operands that are zeros or normal: a result of 0 is exact.</summary>
    static abstract bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The host's result, a normal number of normal operands, is surely exact.</summary>
    static abstract bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary><see cref="GivesZero{T}(T, T)"/> by element: all ones where it holds.</summary>
    static abstract Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary><see cref="IsExact{T}(T, T, T)"/> by element: all ones where it holds.</summary>
    static abstract Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>;

    /// <summary>The exact result under <paramref name="mxcsr"/>, adding to its flags.</summary>
    static abstract ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged;
}

/// <summary>ADDPS, ADDPD, ADDSS, ADDSD.</summary>
public readonly struct FloatAdd : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a + b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a + b;

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Sum(a, b, result);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Sums(a, b, result);

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Add(a, b, mxcsr, ref flags);
}

/// <summary>SUBPS, SUBPD, SUBSS, SUBSD.</summary>
public readonly struct FloatSubtract : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a - b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a - b;

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Sum(a, -b, result);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Sums(a, -b, result);

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Subtract(a, b, mxcsr, ref flags);
}

/// <summary>MULPS, MULPD, MULSS, MULSD.</summary>
public readonly struct FloatMultiply : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a * b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a * b;

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.IsZero(a) || T.IsZero(b);

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Product(a, b, result);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128.Equals(a, Vector128<T>.Zero) | Vector128.Equals(b, Vector128<T>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Products(a, b, result);

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Multiply(a, b, mxcsr, ref flags);
}

/// <summary>DIVPS, DIVPD, DIVSS, DIVSD.</summary>
public readonly struct FloatDivide : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a / b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a / b;

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.IsZero(a);

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Product(result, b, a);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128.Equals(a, Vector128<T>.Zero);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Products(result, b, a);

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Divide(a, b, mxcsr, ref flags);
}

/// <summary>SQRTPS, SQRTPD, SQRTSS, SQRTSD: of the second operand.</summary>
public readonly struct FloatSquareRoot : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => T.Sqrt(b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128.Sqrt(b);

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Product(result, result, b);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => FloatExactness.Products(result, result, b);

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.SquareRoot(b, mxcsr, ref flags);
}

/// <summary>MINPS, MINPD, MINSS, MINSD: the second operand unless the first is surely smaller.</summary>
public readonly struct FloatMin : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a < b ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128.ConditionalSelect(Vector128.LessThan(a, b), a, b);

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Min(a, b, mxcsr, ref flags);
}

/// <summary>MAXPS, MAXPD, MAXSS, MAXSD: the second operand unless the first is surely greater.</summary>
public readonly struct FloatMax : IFloatBinary
{
    /// <inheritdoc/>
    public static bool Rounds => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Run<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => a > b ? a : b;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> Run<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128.ConditionalSelect(Vector128.GreaterThan(a, b), a, b);

    /// <inheritdoc/>
    public static bool GivesZero<T>(T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    public static bool IsExact<T>(T a, T b, T result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> GivesZero<T>(Vector128<T> a, Vector128<T> b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<T> IsExact<T>(Vector128<T> a, Vector128<T> b, Vector128<T> result)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> => Vector128<T>.AllBitsSet;

    /// <inheritdoc/>
    public static ulong Soft<T>(ulong a, ulong b, uint mxcsr, ref uint flags)
        where T : unmanaged => SoftFloat<T>.Max(a, b, mxcsr, ref flags);
}
