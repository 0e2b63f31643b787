using System.Numerics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = a rounded to an integer by the rounding control (FRNDINT).</summary>
    public static uint RoundToInteger(Float80* d, Float80* a, uint control)
    {
        if (SpecialOperand(d, a, control, out uint flags))
        {
            return flags;
        }
        if (DenormalStops(a, a, control, ref flags))
        {
            return flags;
        }
        int exponent = (int)(a->SignExponent & ExponentMask);
        if (exponent >= Bias + 63 || IsZero(a))
        {
            Set(d, a->SignExponent, a->Significand);
            return flags;
        }
        uint sign = Sign(a);
        ulong magnitude = RoundMagnitude(a, control, out uint rounding);
        if (magnitude == 0)
        {
            Set(d, sign, 0);
        }
        else
        {
            int n = BitOperations.LeadingZeroCount(magnitude);
            Set(d, sign | (uint)(Bias + 63 - n), magnitude << n);
        }
        return flags | rounding;
    }

    /// <summary>Magnitude of a number below 2^64 rounded to an integer, with PE and C1.</summary>
    private static ulong RoundMagnitude(Float80* a, uint control, out uint flags)
    {
        ulong hi = a->Significand, lo = 0;
        flags = 0;
        int shift = Bias + 63 - (int)(a->SignExponent & ExponentMask);
        Wide.ShiftRightJam(ref hi, ref lo, shift);
        if (lo != 0)
        {
            flags = FpuStatus.PE;
            if (RoundsUp(lo, (hi & 1) != 0, Sign(a), control))
            {
                flags |= FpuStatus.C1;
                hi++;
            }
        }
        return hi;
    }

    /// <summary>
    /// Converts to a signed integer of 16, 32 or 64 bits (in the low bits of the value, the rest 0). Invalid gives the integer indefinite.
    /// </summary>
    public static uint ToInteger(Float80* a, int bits, uint control, ulong* value)
    {
        ulong limit = 1ul << (bits - 1);
        uint exponent = a->SignExponent & ExponentMask;
        if (!IsUnsupported(a) && exponent < Bias + 64)
        {
            bool negative = Sign(a) != 0;
            ulong magnitude = RoundMagnitude(a, control, out uint flags);
            if (magnitude < limit || (negative && magnitude == limit))
            {
                *value = (negative ? 0 - magnitude : magnitude) & (limit | (limit - 1));
                return flags;
            }
        }
        *value = limit;
        return FpuStatus.IE;
    }

    /// <summary>Converts a signed integer; always exact.</summary>
    public static void FromInteger(Float80* d, long value)
    {
        if (value == 0)
        {
            Set(d, 0, 0);
            return;
        }
        uint sign = value < 0 ? SignBit : 0;
        ulong magnitude = value < 0 ? 0 - (ulong)value : (ulong)value;
        int n = BitOperations.LeadingZeroCount(magnitude);
        Set(d, sign | (uint)(Bias + 63 - n), magnitude << n);
    }
}
