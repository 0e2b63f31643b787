using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

internal static partial class SoftFloat<T>
{
    /// <summary>The smaller one; the second where either is NaN or both are zeros.</summary>
    public static ulong Min(ulong a, ulong b, uint mxcsr, ref uint flags) => Choose(a, b, -1, mxcsr, ref flags);

    /// <summary>The greater one; the second where either is NaN or both are zeros.</summary>
    public static ulong Max(ulong a, ulong b, uint mxcsr, ref uint flags) => Choose(a, b, 1, mxcsr, ref flags);

    /// <summary>-1, 0 or 1 as a is below, equal to or above b; 2 when they are unordered.</summary>
    /// <param name="a">First operand.</param>
    /// <param name="b">Second operand.</param>
    /// <param name="signaling">A quiet NaN is invalid as well.</param>
    /// <param name="mxcsr">For DAZ.</param>
    /// <param name="flags">IE and DE are added.</param>
    public static int Compare(ulong a, ulong b, bool signaling, uint mxcsr, ref uint flags)
    {
        a = Flush(a, mxcsr);
        b = Flush(b, mxcsr);
        if (Ieee<T>.IsNaN(a) || Ieee<T>.IsNaN(b))
        {
            flags |= signaling || Ieee<T>.IsSignaling(a) || Ieee<T>.IsSignaling(b) ? Mxcsr.IE : 0;
            return 2;
        }
        flags |= DenormalFlag(a, b);
        if (Ieee<T>.IsZero(a) && Ieee<T>.IsZero(b))
        {
            return 0;
        }
        return Ordered(a).CompareTo(Ordered(b));
    }

    private static ulong Choose(ulong a, ulong b, int wanted, uint mxcsr, ref uint flags)
    {
        int order = Compare(a, b, signaling: true, mxcsr, ref flags);
        return Flush(order == wanted ? a : b, mxcsr);
    }

    // Numbers in the order of their values.
    private static long Ordered(ulong a) => (a & Ieee<T>.SignBit) != 0 ? -(long)(a & ~Ieee<T>.SignBit) : (long)a;
}
