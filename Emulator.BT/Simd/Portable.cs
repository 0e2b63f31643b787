using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>Vector operations for hosts whose own instruction <c>Vector128</c> has no name for.</summary>
public static class Portable
{
    /// <summary>(a + b + 1) / 2 of unsigned bytes.</summary>
    public static Vector128<byte> Average(Vector128<byte> a, Vector128<byte> b) =>
        (a | b) - (((a ^ b).AsUInt16() >>> 1).AsByte() & Vector128.Create((byte)0x7F));

    /// <summary>(a + b + 1) / 2 of unsigned words.</summary>
    public static Vector128<ushort> Average(Vector128<ushort> a, Vector128<ushort> b) => (a | b) - ((a ^ b) >>> 1);

    /// <summary>High words of the signed products.</summary>
    public static Vector128<short> MultiplyHigh(Vector128<short> a, Vector128<short> b)
    {
        (Vector128<int> a0, Vector128<int> a1) = Vector128.Widen(a);
        (Vector128<int> b0, Vector128<int> b1) = Vector128.Widen(b);
        return Vector128.Narrow((a0 * b0) >> 16, (a1 * b1) >> 16);
    }

    /// <summary>High words of the unsigned products.</summary>
    public static Vector128<ushort> MultiplyHigh(Vector128<ushort> a, Vector128<ushort> b)
    {
        (Vector128<uint> a0, Vector128<uint> a1) = Vector128.Widen(a);
        (Vector128<uint> b0, Vector128<uint> b1) = Vector128.Widen(b);
        return Vector128.Narrow((a0 * b0) >>> 16, (a1 * b1) >>> 16);
    }

    /// <summary>Sums of the two signed products in each doubleword.</summary>
    public static Vector128<int> MultiplyAdd(Vector128<short> a, Vector128<short> b)
    {
        Vector128<int> x = a.AsInt32(), y = b.AsInt32();
        return ((x << 16 >> 16) * (y << 16 >> 16)) + ((x >> 16) * (y >> 16));
    }

    /// <summary>Products of the low doublewords of each quadword.</summary>
    public static Vector128<ulong> MultiplyWide(Vector128<ulong> a, Vector128<ulong> b)
    {
        Vector128<ulong> low = Vector128.Create(0xFFFF_FFFFul);
        return (a & low) * (b & low);
    }

    /// <summary>Sum of the eight absolute differences in each quadword.</summary>
    public static Vector128<ulong> SumDifferences(Vector128<byte> a, Vector128<byte> b)
    {
        Vector128<byte> d = Vector128.Max(a, b) - Vector128.Min(a, b);
        (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(d);
        return Vector128.Create((ulong)Vector128.Sum(low), Vector128.Sum(high));
    }

    /// <summary>Signed words to unsigned bytes, saturated.</summary>
    public static Vector128<byte> PackUnsigned(Vector128<short> a, Vector128<short> b)
    {
        Vector128<short> most = Vector128.Create((short)255);
        return Vector128.Narrow(
            Vector128.Clamp(a, Vector128<short>.Zero, most).AsUInt16(), Vector128.Clamp(b, Vector128<short>.Zero, most).AsUInt16());
    }

    /// <summary>The low eight bytes of both, by turns.</summary>
    public static Vector128<byte> Interleave(Vector128<byte> a, Vector128<byte> b) =>
        (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 8)).AsByte();

    /// <summary>The low four words of both, by turns.</summary>
    public static Vector128<ushort> Interleave(Vector128<ushort> a, Vector128<ushort> b) =>
        (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 16)).AsUInt16();

    /// <summary>The low two doublewords of both, by turns.</summary>
    public static Vector128<uint> Interleave(Vector128<uint> a, Vector128<uint> b) =>
        (Vector128.WidenLower(a) | (Vector128.WidenLower(b) << 32)).AsUInt32();

    /// <summary>The two low signed doublewords as doubles.</summary>
    public static Vector128<double> ConvertToDouble(Vector128<int> a) => Vector128.Create((double)a[0], a[1]);
}
