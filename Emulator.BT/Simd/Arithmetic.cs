using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Emulator.BT.Simd;

/// <summary>PADDB, PADDW, PADDD, PADDQ.</summary>
public readonly struct PackedAdd<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        (destination.As<byte, T>() + source.As<byte, T>()).AsByte();
}

/// <summary>PSUBB, PSUBW, PSUBD, PSUBQ.</summary>
public readonly struct PackedSubtract<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        (destination.As<byte, T>() - source.As<byte, T>()).AsByte();
}

/// <summary>PADDSB, PADDSW, PADDUSB, PADDUSW.</summary>
public readonly struct PackedAddSaturate<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.AddSaturate(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PSUBSB, PSUBSW, PSUBUSB, PSUBUSW.</summary>
public readonly struct PackedSubtractSaturate<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.SubtractSaturate(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PMINUB, PMINSW.</summary>
public readonly struct PackedMin<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.Min(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PMAXUB, PMAXSW.</summary>
public readonly struct PackedMax<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.Max(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PAVGB.</summary>
public readonly struct PackedAverageBytes : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported ? Sse2.Average(destination, source) : Portable.Average(destination, source);
}

/// <summary>PAVGW.</summary>
public readonly struct PackedAverageWords : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.Average(destination.AsUInt16(), source.AsUInt16()).AsByte()
            : Portable.Average(destination.AsUInt16(), source.AsUInt16()).AsByte();
}

/// <summary>PMULLW.</summary>
public readonly struct PackedMultiplyLow : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => (destination.AsInt16() * source.AsInt16()).AsByte();
}

/// <summary>PMULHW.</summary>
public readonly struct PackedMultiplyHigh : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.MultiplyHigh(destination.AsInt16(), source.AsInt16()).AsByte()
            : Portable.MultiplyHigh(destination.AsInt16(), source.AsInt16()).AsByte();
}

/// <summary>PMULHUW.</summary>
public readonly struct PackedMultiplyHighUnsigned : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.MultiplyHigh(destination.AsUInt16(), source.AsUInt16()).AsByte()
            : Portable.MultiplyHigh(destination.AsUInt16(), source.AsUInt16()).AsByte();
}

/// <summary>PMADDWD.</summary>
public readonly struct PackedMultiplyAdd : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.MultiplyAddAdjacent(destination.AsInt16(), source.AsInt16()).AsByte()
            : Portable.MultiplyAdd(destination.AsInt16(), source.AsInt16()).AsByte();
}

/// <summary>PMULUDQ.</summary>
public readonly struct PackedMultiplyWide : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.Multiply(destination.AsUInt32(), source.AsUInt32()).AsByte()
            : Portable.MultiplyWide(destination.AsUInt64(), source.AsUInt64()).AsByte();
}

/// <summary>PSADBW.</summary>
public readonly struct PackedSumDifferences : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported ? Sse2.SumAbsoluteDifferences(destination, source).AsByte() : Portable.SumDifferences(destination, source).AsByte();
}

/// <summary>PCMPEQB, PCMPEQW, PCMPEQD.</summary>
public readonly struct PackedEqual<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.Equals(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PCMPGTB, PCMPGTW, PCMPGTD.</summary>
public readonly struct PackedGreater<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.GreaterThan(destination.As<byte, T>(), source.As<byte, T>()).AsByte();
}

/// <summary>PAND, ANDPS, ANDPD.</summary>
public readonly struct VectorAnd : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => destination & source;
}

/// <summary>PANDN, ANDNPS, ANDNPD: the destination is what is inverted.</summary>
public readonly struct VectorAndNot : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => ~destination & source;
}

/// <summary>POR, ORPS, ORPD.</summary>
public readonly struct VectorOr : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => destination | source;
}

/// <summary>PXOR, XORPS, XORPD.</summary>
public readonly struct VectorXor : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => destination ^ source;
}
