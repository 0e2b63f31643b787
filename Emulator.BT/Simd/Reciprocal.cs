using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>
/// RCPPS, RSQRTPS and their scalar forms, the same on every host. Intel's parts take the reciprocal (square root) of the middle of
/// the interval that the leading fraction bits name, eleven (ten and the lowest exponent bit), rounded to twelve bits of fraction. No flags; denormals are 0.
/// </summary>
public static class Reciprocal
{
    private const uint Sign = 0x8000_0000, Infinity = 0x7F80_0000, Quiet = 0x0040_0000, Indefinite = 0xFFC0_0000;

    private static readonly ushort[] Table = MakeTable(), RootTable = MakeRootTable();

    /// <summary>1 / a, about.</summary>
    public static uint Invert(uint a)
    {
        uint sign = a & Sign, exponent = a >> 23 & 0xFF;
        if (exponent is 0 or 0xFF)
        {
            return exponent == 0 ? sign | Infinity : (a & ~Sign) == Infinity ? sign : a | Quiet;
        }
        // Results below the normal numbers are 0.
        return exponent >= 253 ? sign : sign | (253 - exponent << 23) + ((uint)Table[a >> 12 & 0x7FF] << 11);
    }

    /// <summary>1 / sqrt(a), about.</summary>
    public static uint InvertRoot(uint a)
    {
        uint exponent = a >> 23 & 0xFF;
        if (exponent == 0)
        {
            return (a & Sign) | Infinity;
        }
        if ((a & ~Sign) > Infinity)
        {
            return a | Quiet;
        }
        if ((a & Sign) != 0)
        {
            return Indefinite;
        }
        // An even exponent field is an odd power of two.
        return exponent == 0xFF ? 0 : (189 - (exponent - 1 >> 1) << 23) + ((uint)RootTable[a >> 13 & 0x7FF] << 11);
    }

    // Fraction of 2 / (1 + (n + 1/2) / 2048), in 1/4096.
    private static ushort[] MakeTable() =>
        [.. Enumerable.Range(0, 2048).Select(n => (ushort)(Math.Round(8192 / (1 + ((n + 0.5) / 2048))) - 4096))];

    // The index begins with the exponent's lowest bit: 1 for numbers in [1, 2), 0 for those in [2, 4).
    private static ushort[] MakeRootTable() =>
        [.. Enumerable.Range(0, 2048).Select(n => (ushort)(Math.Round(8192 / Math.Sqrt((1 + (((n & 0x3FF) + 0.5) / 1024)) * (n < 1024 ? 2 : 1))) - 4096))];
}

/// <summary>RCPPS.</summary>
public readonly struct PackedReciprocal : IVectorBinary
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source)
    {
        Vector128<uint> a = source.AsUInt32();
        return Vector128.Create(Reciprocal.Invert(a[0]), Reciprocal.Invert(a[1]), Reciprocal.Invert(a[2]), Reciprocal.Invert(a[3])).AsByte();
    }
}

/// <summary>RSQRTPS.</summary>
public readonly struct PackedReciprocalRoot : IVectorBinary
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source)
    {
        Vector128<uint> a = source.AsUInt32();
        return Vector128.Create(
            Reciprocal.InvertRoot(a[0]), Reciprocal.InvertRoot(a[1]), Reciprocal.InvertRoot(a[2]), Reciprocal.InvertRoot(a[3])).AsByte();
    }
}

/// <summary>RCPSS.</summary>
public readonly struct ScalarReciprocal : IVectorBinary
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        destination.AsUInt32().WithElement(0, Reciprocal.Invert(source.AsUInt32()[0])).AsByte();
}

/// <summary>RSQRTSS.</summary>
public readonly struct ScalarReciprocalRoot : IVectorBinary
{
    /// <inheritdoc/>
    public static Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source) =>
        destination.AsUInt32().WithElement(0, Reciprocal.InvertRoot(source.AsUInt32()[0])).AsByte();
}
