using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>Byte indices for each immediate of the shuffles: the host's own shuffles want theirs in the instruction.</summary>
internal static class ShuffleIndices
{
    /// <summary>PSHUFD and SHUFPS.</summary>
    public static readonly Vector128<byte>[] Doublewords = Table(4, 0);

    /// <summary>PSHUFLW.</summary>
    public static readonly Vector128<byte>[] LowWords = Table(2, 0);

    /// <summary>PSHUFHW.</summary>
    public static readonly Vector128<byte>[] HighWords = Table(2, 8);

    // Four elements of 'size' bytes, from byte 'start' on, permuted among themselves; the others stay.
    private static Vector128<byte>[] Table(int size, int start)
    {
        var table = new Vector128<byte>[256];
        for (int immediate = 0; immediate < 256; immediate++)
        {
            Vector128<byte> indices = Vector128<byte>.Indices;
            for (int n = 0; n < 4 * size; n++)
            {
                int element = immediate >> (n / size * 2) & 3;
                indices = indices.WithElement(start + n, (byte)(start + (element * size) + (n % size)));
            }
            table[immediate] = indices;
        }
        return table;
    }
}
