using System.Numerics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>
/// SSE arithmetic of one element in software, exact to the bit with its MXCSR flags (SDM Vol. 1, 4.8, 4.9 and 11.5), for whatever the
/// host's own instruction can't be trusted with. Values are the bits of the format <typeparamref name="T"/>; a result next to an
/// unmasked flag means nothing.
/// </summary>
internal static partial class SoftFloat<T>
    where T : unmanaged
{
    /// <summary>Replaces a denormal by a zero of its sign when MXCSR.DAZ asks for it.</summary>
    public static ulong Flush(ulong a, uint mxcsr) => (mxcsr & Mxcsr.DAZ) != 0 && Ieee<T>.IsDenormal(a) ? a & Ieee<T>.SignBit : a;

    /// <summary>A NaN made quiet.</summary>
    public static ulong Quiet(ulong a) => a | Ieee<T>.QuietBit;

    /// <summary>
    /// Rounds and encodes significand * 2^(exponent - bias - 63). The significand has its top bit set; its lowest bit also stands for
    /// all that lies below it.
    /// </summary>
    public static ulong Pack(ulong sign, int exponent, ulong significand, uint mxcsr, ref uint flags)
    {
        ulong rounded = Round(sign, significand, mxcsr, out bool inexact);
        int roundedExponent = exponent;
        if (rounded >> Ieee<T>.Precision != 0)
        {
            rounded >>= 1;
            roundedExponent++;
        }
        // Tiny is decided after rounding to an unbounded exponent.
        if (roundedExponent < 1)
        {
            return PackTiny(sign, exponent, significand, inexact, mxcsr, ref flags);
        }
        if (roundedExponent >= Ieee<T>.MaxExponent)
        {
            return PackHuge(sign, inexact, mxcsr, ref flags);
        }
        flags |= inexact ? Mxcsr.PE : 0;
        return sign | (ulong)roundedExponent << (Ieee<T>.Precision - 1) | (rounded & Ieee<T>.FractionMask);
    }

    /// <summary>Exponent and significand with its top bit set, of a finite number that is not 0.</summary>
    public static void Unpack(ulong a, out int exponent, out ulong significand)
    {
        exponent = (int)(a >> (Ieee<T>.Precision - 1)) & Ieee<T>.MaxExponent;
        significand = a & Ieee<T>.FractionMask;
        if (exponent != 0)
        {
            significand = (significand | (Ieee<T>.FractionMask + 1)) << (64 - Ieee<T>.Precision);
            return;
        }
        int n = BitOperations.LeadingZeroCount(significand);
        significand <<= n;
        exponent = 65 - Ieee<T>.Precision - n;
    }

    /// <summary>Shifts right; what falls out is kept as a set bit 0.</summary>
    public static ulong ShiftRightJam(ulong a, int count) =>
        count == 0 ? a : count < 64 ? a >> count | (a << (64 - count) != 0 ? 1ul : 0) : a != 0 ? 1ul : 0;

    /// <summary>NaN operands of a two-operand instruction: the first NaN, made quiet.</summary>
    private static bool TakesNaN(ulong a, ulong b, ref uint flags, out ulong result)
    {
        result = 0;
        bool first = Ieee<T>.IsNaN(a);
        if (!first && !Ieee<T>.IsNaN(b))
        {
            return false;
        }
        flags |= Ieee<T>.IsSignaling(a) || Ieee<T>.IsSignaling(b) ? Mxcsr.IE : 0;
        result = Quiet(first ? a : b);
        return true;
    }

    private static ulong Invalid(ref uint flags)
    {
        flags |= Mxcsr.IE;
        return Ieee<T>.Indefinite;
    }

    private static uint DenormalFlag(ulong a, ulong b) => Ieee<T>.IsDenormal(a) || Ieee<T>.IsDenormal(b) ? Mxcsr.DE : 0;

    private static ulong Round(ulong sign, ulong significand, uint mxcsr, out bool inexact)
    {
        int drop = 64 - Ieee<T>.Precision;
        ulong half = 1ul << (drop - 1), rest = significand & ((half << 1) - 1), result = significand >> drop;
        inexact = rest != 0;
        bool up = (mxcsr & Mxcsr.RoundingMask) switch
        {
            0 => rest > half || (rest == half && (result & 1) != 0),
            Mxcsr.RoundDown => inexact && sign != 0,
            Mxcsr.RoundUp => inexact && sign == 0,
            _ => false,
        };
        return up ? result + 1 : result;
    }

    private static ulong PackTiny(ulong sign, int exponent, ulong significand, bool inexact, uint mxcsr, ref uint flags)
    {
        if ((mxcsr & Mxcsr.UM) == 0)
        {
            flags |= Mxcsr.UE | (inexact ? Mxcsr.PE : 0);
            return sign;
        }
        if ((mxcsr & Mxcsr.FTZ) != 0)
        {
            flags |= Mxcsr.UE | Mxcsr.PE;
            return sign;
        }
        ulong rounded = Round(sign, ShiftRightJam(significand, 1 - exponent), mxcsr, out inexact);
        flags |= inexact ? Mxcsr.UE | Mxcsr.PE : 0;
        return sign | rounded;
    }

    private static ulong PackHuge(ulong sign, bool inexact, uint mxcsr, ref uint flags)
    {
        flags |= Mxcsr.OE | (inexact || (mxcsr & Mxcsr.OM) != 0 ? Mxcsr.PE : 0);
        bool toInfinity = (mxcsr & Mxcsr.RoundingMask) switch
        {
            0 => true,
            Mxcsr.RoundDown => sign != 0,
            Mxcsr.RoundUp => sign == 0,
            _ => false,
        };
        return sign | (toInfinity ? Ieee<T>.Infinity : Ieee<T>.Infinity - 1);
    }
}
