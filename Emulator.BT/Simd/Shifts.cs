using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>PSLLW, PSLLD, PSLLQ.</summary>
public readonly struct PackedShiftLeft<T> : IVectorShift
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> value, ulong count) =>
        count >= (ulong)(Unsafe.SizeOf<T>() * 8) ? Vector128<byte>.Zero : (value.As<byte, T>() << (int)count).AsByte();
}

/// <summary>PSRLW, PSRLD, PSRLQ.</summary>
public readonly struct PackedShiftRight<T> : IVectorShift
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> value, ulong count) =>
        count >= (ulong)(Unsafe.SizeOf<T>() * 8) ? Vector128<byte>.Zero : (value.As<byte, T>() >>> (int)count).AsByte();
}

/// <summary>PSRAW, PSRAD.</summary>
public readonly struct PackedShiftArithmetic<T> : IVectorShift
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> value, ulong count) =>
        (value.As<byte, T>() >> (int)Math.Min(count, (ulong)(Unsafe.SizeOf<T>() * 8 - 1))).AsByte();
}

/// <summary>PSLLDQ: by bytes.</summary>
public readonly struct ShiftBytesLeft : IVectorShift
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> value, ulong count) =>
        Vector128.Shuffle(value, Vector128<byte>.Indices - Vector128.Create((byte)Math.Min(count, 16)));
}

/// <summary>PSRLDQ: by bytes.</summary>
public readonly struct ShiftBytesRight : IVectorShift
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Run(Vector128<byte> value, ulong count) =>
        Vector128.Shuffle(value, Vector128<byte>.Indices + Vector128.Create((byte)Math.Min(count, 16)));
}
