using System.Numerics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

internal static partial class SoftFloat<T>
{
    /// <summary>A number of the format <typeparamref name="To"/>.</summary>
    public static ulong Convert<To>(ulong a, uint mxcsr, ref uint flags)
        where To : unmanaged
    {
        a = Flush(a, mxcsr);
        ulong sign = (a & Ieee<T>.SignBit) != 0 ? Ieee<To>.SignBit : 0;
        if (Ieee<T>.IsNaN(a))
        {
            flags |= Ieee<T>.IsSignaling(a) ? Mxcsr.IE : 0;
            ulong payload = a & Ieee<T>.FractionMask;
            int shift = Ieee<To>.Precision - Ieee<T>.Precision;
            return sign | Ieee<To>.Infinity | Ieee<To>.QuietBit | (shift >= 0 ? payload << shift : payload >> -shift);
        }
        if (Ieee<T>.IsZero(a) || Ieee<T>.IsInfinity(a))
        {
            return Ieee<T>.IsZero(a) ? sign : sign | Ieee<To>.Infinity;
        }
        flags |= DenormalFlag(a, a);
        Unpack(a, out int exponent, out ulong significand);
        return SoftFloat<To>.Pack(sign, exponent - Ieee<T>.Bias + Ieee<To>.Bias, significand, mxcsr, ref flags);
    }

    /// <summary>A number from a signed integer.</summary>
    public static ulong FromInteger(int value, uint mxcsr, ref uint flags)
    {
        if (value == 0)
        {
            return 0;
        }
        ulong magnitude = (ulong)Math.Abs((long)value);
        int shift = BitOperations.LeadingZeroCount(magnitude);
        return Pack(value < 0 ? Ieee<T>.SignBit : 0, Ieee<T>.Bias + 63 - shift, magnitude << shift, mxcsr, ref flags);
    }
}
