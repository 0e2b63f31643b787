using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Emulator.BT.Simd;

/// <summary>PUNPCKLBW, PUNPCKLWD, PUNPCKLDQ (UNPCKLPS), PUNPCKLQDQ (UNPCKLPD).</summary>
public readonly struct UnpackLow<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) => Unsafe.SizeOf<T>() switch
    {
        1 => Interleave(destination, source),
        2 => Interleave(destination.AsUInt16(), source.AsUInt16()).AsByte(),
        4 => Interleave(destination.AsUInt32(), source.AsUInt32()).AsByte(),
        _ => Vector128.Create(destination.GetLower(), source.GetLower()),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Interleave(Vector128<byte> a, Vector128<byte> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : Portable.Interleave(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Interleave(Vector128<ushort> a, Vector128<ushort> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : Portable.Interleave(a, b);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Interleave(Vector128<uint> a, Vector128<uint> b) =>
        Sse2.IsSupported ? Sse2.UnpackLow(a, b) : Portable.Interleave(a, b);
}

/// <summary>PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ (UNPCKHPS), PUNPCKHQDQ (UNPCKHPD).</summary>
public readonly struct UnpackHigh<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        UnpackLow<T>.Run(Lowered(destination), Lowered(source));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Lowered(Vector128<byte> a) => Vector128.Create(a.GetUpper(), a.GetUpper());
}

/// <summary>PUNPCKHBW, PUNPCKHWD, PUNPCKHDQ on MMX registers: the upper half of what the low ones interleave to.</summary>
public readonly struct MmxUnpackHigh<T> : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.Create(UnpackLow<T>.Run(destination, source).GetUpper(), default);
}

/// <summary>PACKSSWB.</summary>
public readonly struct PackWordsSigned : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.NarrowWithSaturation(destination.AsInt16(), source.AsInt16()).AsByte();
}

/// <summary>PACKSSDW.</summary>
public readonly struct PackDoublewordsSigned : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Vector128.NarrowWithSaturation(destination.AsInt32(), source.AsInt32()).AsByte();
}

/// <summary>PACKUSWB.</summary>
public readonly struct PackWordsUnsigned : IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        Sse2.IsSupported
            ? Sse2.PackUnsignedSaturate(destination.AsInt16(), source.AsInt16())
            : Portable.PackUnsigned(destination.AsInt16(), source.AsInt16());
}

/// <summary>A pack on MMX registers: both operands fill one XMM register.</summary>
public readonly struct MmxPack<Pack> : IVectorBinary
    where Pack : struct, IVectorBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source)
    {
        Vector128<byte> both = Vector128.Create(destination.GetLower(), source.GetLower());
        return Pack.Run(both, both);
    }
}

/// <summary>PSHUFD.</summary>
public readonly struct ShuffleDoublewords : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) =>
        Vector128.ShuffleNative(source, ShuffleIndices.Doublewords[immediate]);
}

/// <summary>PSHUFLW, PSHUFW.</summary>
public readonly struct ShuffleLowWords : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) =>
        Vector128.ShuffleNative(source, ShuffleIndices.LowWords[immediate]);
}

/// <summary>PSHUFHW.</summary>
public readonly struct ShuffleHighWords : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) =>
        Vector128.ShuffleNative(source, ShuffleIndices.HighWords[immediate]);
}

/// <summary>SHUFPS: two elements of the destination, then two of the source.</summary>
public readonly struct ShuffleSingles : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate)
    {
        Vector128<byte> indices = ShuffleIndices.Doublewords[immediate];
        return Vector128.ConditionalSelect(
            Vector128.Create(~0ul, 0).AsByte(), Vector128.ShuffleNative(destination, indices), Vector128.ShuffleNative(source, indices));
    }
}

/// <summary>SHUFPD.</summary>
public readonly struct ShuffleDoubles : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) => Vector128.Create(
        (immediate & 1) == 0 ? destination.GetLower() : destination.GetUpper(),
        (immediate & 2) == 0 ? source.GetLower() : source.GetUpper());
}

/// <summary>PINSRW from a word in the low bits of the source.</summary>
public readonly struct InsertWord : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) =>
        destination.AsUInt16().WithElement(immediate & 7, source.AsUInt16().ToScalar()).AsByte();
}

/// <summary>PINSRW into an MMX register.</summary>
public readonly struct MmxInsertWord : IVectorImmediate
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate) =>
        InsertWord.Run(destination, source, (byte)(immediate & 3));
}

/// <summary>PEXTRW.</summary>
public readonly struct ExtractWord : IVectorToInteger
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Run(Vector128<byte> source, byte immediate) => source.AsUInt16().GetElement(immediate & 7);
}

/// <summary>PEXTRW from an MMX register.</summary>
public readonly struct MmxExtractWord : IVectorToInteger
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Run(Vector128<byte> source, byte immediate) => source.AsUInt16().GetElement(immediate & 3);
}

/// <summary>PMOVMSKB; of an MMX register the upper bits are 0 as its upper half is.</summary>
public readonly struct MoveMaskBytes : IVectorToInteger
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Run(Vector128<byte> source, byte immediate) => source.ExtractMostSignificantBits();
}

/// <summary>MOVMSKPS.</summary>
public readonly struct MoveMaskSingles : IVectorToInteger
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Run(Vector128<byte> source, byte immediate) => source.AsSingle().ExtractMostSignificantBits();
}

/// <summary>MOVMSKPD.</summary>
public readonly struct MoveMaskDoubles : IVectorToInteger
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Run(Vector128<byte> source, byte immediate) => source.AsDouble().ExtractMostSignificantBits();
}
