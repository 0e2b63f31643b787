using System.Numerics;
using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>
    /// Widens a single without judging it: a signalling NaN stays one. Returns <see cref="DenormalOperand"/> for a denormal, else 0.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FromSingle(Float80* d, uint value)
    {
        uint exponent = value >> 23 & 0xFF, sign = value >> 16 & SignBit;
        if (exponent - 1 < 0xFE)
        {
            Set(d, sign | (exponent + Bias - 127), IntegerBit | (ulong)value << 40);
            return 0;
        }
        return FromUncommon(d, sign, exponent, (ulong)value << 41, 127);
    }

    /// <summary>Widens a double like <see cref="FromSingle"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint FromDouble(Float80* d, ulong value)
    {
        uint exponent = (uint)(value >> 52) & 0x7FF, sign = (uint)(value >> 48) & SignBit;
        if (exponent - 1 < 0x7FE)
        {
            Set(d, sign | (exponent + Bias - 1023), IntegerBit | value << 11);
            return 0;
        }
        return FromUncommon(d, sign, exponent, value << 12, 1023);
    }

    /// <summary>Exponent 0 or all ones; the fraction is left-aligned.</summary>
    private static uint FromUncommon(Float80* d, uint sign, uint exponent, ulong fraction, int bias)
    {
        if (exponent != 0)
        {
            Set(d, sign | ExponentMask, IntegerBit | fraction >> 1);
            return 0;
        }
        if (fraction == 0)
        {
            Set(d, sign, 0);
            return 0;
        }
        int n = BitOperations.LeadingZeroCount(fraction);
        Set(d, sign | (uint)(Bias - bias - n), fraction << n);
        return DenormalOperand;
    }

    /// <summary>Rounds to a single by the rounding control.</summary>
    public static uint ToSingle(Float80* a, uint control, ulong* value) => ToNarrow(a, 23, 127, control, value);

    /// <summary>Rounds to a double by the rounding control.</summary>
    public static uint ToDouble(Float80* a, uint control, ulong* value)
    {
        // a number in the normal range of a double, nearest even: drop 11 bits; everything else the general way
        uint exponent = (a->SignExponent & ExponentMask) - (Bias - 1023);
        ulong significand = a->Significand;
        if (exponent - 1 >= 0x7FD || (long)significand >= 0 || (control & FpuControl.RoundingMask) != 0)
        {
            return ToNarrow(a, 52, 1023, control, value);
        }
        // A carry out of the fraction goes into the exponent by itself.
        ulong image = (ulong)Sign(a) << 48 | ((ulong)exponent << 52) + (significand >> 11 & 0xF_FFFF_FFFF_FFFF);
        ulong rest = significand & 0x7FF;
        if (rest == 0)
        {
            *value = image;
            return 0;
        }
        bool up = rest > 0x400 || (rest == 0x400 && (image & 1) != 0);
        *value = up ? image + 1 : image;
        return up ? FpuStatus.PE | FpuStatus.C1 : FpuStatus.PE;
    }

    /// <summary>Rounds to a format of the given fraction bits and bias. With an unmasked UE or OE the value means nothing.</summary>
    private static uint ToNarrow(Float80* a, int fractionBits, int bias, uint control, ulong* value)
    {
        int maximum = 2 * bias + 1;
        ulong sign = Sign(a) != 0 ? 1ul << (fractionBits + (fractionBits == 23 ? 8 : 11)) : 0;
        ulong infinity = (ulong)maximum << fractionBits, quiet = 1ul << (fractionBits - 1);
        if (IsUnsupported(a))
        {
            *value = 1ul << (fractionBits + (fractionBits == 23 ? 8 : 11)) | infinity | quiet;
            return FpuStatus.IE;
        }
        if (IsNaN(a))
        {
            *value = sign | infinity | quiet | (a->Significand & ~IntegerBit) >> (63 - fractionBits);
            return IsSignaling(a) ? FpuStatus.IE : 0;
        }
        if (IsInfinity(a) || IsZero(a))
        {
            *value = sign | (IsZero(a) ? 0 : infinity);
            return 0;
        }
        Unpack(a, out int exponent, out ulong hi);
        exponent += bias - Bias;
        int dropped = 63 - fractionBits;
        ulong lo = 0;
        uint signBit = Sign(a), flags;
        if (exponent <= 0)
        {
            ulong rounded = hi;
            RoundSignificand(ref rounded, 0, signBit, control, dropped);
            bool tiny = exponent < 0 || rounded != 0;
            Wide.ShiftRightJam(ref hi, ref lo, 1 - exponent);
            flags = RoundSignificand(ref hi, lo, signBit, control, dropped);
            *value = sign | hi >> dropped;
            if (tiny && (flags != 0 || (control & FpuStatus.UE) == 0))
            {
                flags |= FpuStatus.UE;
            }
            return flags;
        }
        flags = RoundSignificand(ref hi, 0, signBit, control, dropped);
        if (hi == 0)
        {
            hi = IntegerBit;
            exponent++;
        }
        if (exponent < maximum)
        {
            *value = sign | (ulong)exponent << fractionBits | (hi & ~IntegerBit) >> dropped;
            return flags;
        }
        bool up = RoundsUp(ulong.MaxValue, true, signBit, control);
        *value = sign | (up ? infinity : infinity - 1);
        return FpuStatus.OE | FpuStatus.PE | (up ? FpuStatus.C1 : 0);
    }
}
