using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>
    /// Rounds (-1)^sign * hi:lo * 2^(exponent - Bias - 127) to the precision and by the rule in <paramref name="control"/>; bit 63 of
    /// hi is set, bit 0 of lo is sticky, the exponent may be out of range.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint RoundPack(Float80* d, uint sign, int exponent, ulong hi, ulong lo, uint control)
    {
        // if exponent is 0 or less, or 7FFE or more, or the control word is not the common one: the general way
        // round to nearest even at bit 0 of hi
        if ((uint)(exponent - 1) >= ExponentMask - 2 || (control & PlainMask) != Plain)
        {
            return RoundPackGeneral(d, sign, exponent, hi, lo, control);
        }
        uint flags = 0;
        if (lo != 0)
        {
            flags = FpuStatus.PE;
            if (lo > IntegerBit || (lo == IntegerBit && (hi & 1) != 0))
            {
                flags = FpuStatus.PE | FpuStatus.C1;
                if (++hi == 0)
                {
                    hi = IntegerBit;
                    exponent++;
                }
            }
        }
        Set(d, sign | (uint)exponent, hi);
        return flags;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static uint RoundPackGeneral(Float80* d, uint sign, int exponent, ulong hi, ulong lo, uint control)
    {
        int dropped = DroppedBits(control);
        if (exponent <= 0)
        {
            return RoundPackTiny(d, sign, exponent, hi, lo, control, dropped);
        }
        uint flags = RoundSignificand(ref hi, lo, sign, control, dropped);
        if (hi == 0)
        {
            hi = IntegerBit;
            exponent++;
        }
        if (exponent >= ExponentMask)
        {
            return Overflow(d, sign, exponent, hi, flags, control, dropped);
        }
        Set(d, sign | (uint)exponent, hi);
        return flags;
    }

    /// <summary>Number of low significand bits that the precision control drops. The reserved encoding 01 works as 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int DroppedBits(uint control) => (int)(0x000B_0028u >> (int)((control & FpuControl.PrecisionMask) >> 5)) & 0xFF;

    /// <summary>Rounds hi:lo to hi without its low <paramref name="dropped"/> bits. A carry out leaves hi = 0.</summary>
    private static uint RoundSignificand(ref ulong hi, ulong lo, uint sign, uint control, int dropped)
    {
        ulong fraction = lo;
        ulong unit = 1ul << dropped;
        if (dropped != 0)
        {
            fraction = hi << (64 - dropped) | (lo != 0 ? 1ul : 0);
            hi &= 0 - unit;
        }
        if (fraction == 0)
        {
            return 0;
        }
        if (!RoundsUp(fraction, (hi & unit) != 0, sign, control))
        {
            return FpuStatus.PE;
        }
        hi += unit;
        return FpuStatus.PE | FpuStatus.C1;
    }

    /// <summary>True when a magnitude with this nonzero fraction (of 2^64) goes up.</summary>
    private static bool RoundsUp(ulong fraction, bool odd, uint sign, uint control) => (control & FpuControl.RoundingMask) switch
    {
        FpuControl.Nearest => fraction > IntegerBit || (fraction == IntegerBit && odd),
        FpuControl.Down => sign != 0,
        FpuControl.Up => sign == 0,
        _ => false,
    };

    private static uint RoundPackTiny(Float80* d, uint sign, int exponent, ulong hi, ulong lo, uint control, int dropped)
    {
        // Tininess is detected after rounding to an unbounded exponent.
        bool tiny = true;
        if (exponent == 0)
        {
            ulong rounded = hi;
            RoundSignificand(ref rounded, lo, sign, control, dropped);
            tiny = rounded != 0;
        }
        uint flags;
        if (tiny && (control & FpuStatus.UE) == 0)
        {
            flags = RoundSignificand(ref hi, lo, sign, control, dropped) | FpuStatus.UE;
            if (hi == 0)
            {
                hi = IntegerBit;
                exponent++;
            }
            Set(d, sign | (uint)(exponent + ExponentWrap), hi);
            return flags;
        }
        Wide.ShiftRightJam(ref hi, ref lo, 1 - exponent);
        flags = RoundSignificand(ref hi, lo, sign, control, dropped);
        if (tiny && flags != 0)
        {
            flags |= FpuStatus.UE;
        }
        Set(d, sign | (uint)(hi >> 63), hi);
        return flags;
    }

    private static uint Overflow(Float80* d, uint sign, int exponent, ulong hi, uint flags, uint control, int dropped)
    {
        if ((control & FpuStatus.OE) == 0)
        {
            Set(d, sign | (uint)(exponent - ExponentWrap), hi);
            return flags | FpuStatus.OE;
        }
        if (RoundsUp(ulong.MaxValue, true, sign, control))
        {
            Set(d, sign | ExponentMask, IntegerBit);
            return FpuStatus.OE | FpuStatus.PE | FpuStatus.C1;
        }
        Set(d, sign | (ExponentMask - 1), ulong.MaxValue << dropped);
        return FpuStatus.OE | FpuStatus.PE;
    }
}
