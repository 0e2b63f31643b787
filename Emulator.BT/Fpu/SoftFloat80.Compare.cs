using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>Condition codes of an unordered comparison.</summary>
    public const uint Unordered = FpuStatus.C0 | FpuStatus.C2 | FpuStatus.C3;

    /// <summary>
    /// Compares a with b: exceptions, plus nothing for a &gt; b, C0 for a &lt; b, C3 when equal, <see cref="Unordered"/> with a NaN.
    /// <paramref name="quiet"/> raises no exception for QNaNs (FUCOM).
    /// </summary>
    public static uint Compare(Float80* a, Float80* b, bool quiet, uint control)
    {
        if (IsUnsupported(a) || IsUnsupported(b))
        {
            return FpuStatus.IE | Unordered;
        }
        if (IsNaN(a) || IsNaN(b))
        {
            return quiet && !IsSignaling(a) && !IsSignaling(b) ? Unordered : FpuStatus.IE | Unordered;
        }
        uint flags = 0;
        DenormalStops(a, b, control, ref flags);
        uint x = a->SignExponent, y = b->SignExponent;
        bool zeroA = IsZero(a), zeroB = IsZero(b);
        if (zeroA && zeroB)
        {
            return flags | FpuStatus.C3;
        }
        if (zeroA || (!zeroB && (x & SignBit) != (y & SignBit)))
        {
            bool negative = zeroA ? (y & SignBit) == 0 : (x & SignBit) != 0;
            return negative ? flags | FpuStatus.C0 : flags;
        }
        // Exponent 0 and 1 have the same weight.
        uint ex = Math.Max(x & ExponentMask, 1), ey = Math.Max(y & ExponentMask, 1);
        if (ex == ey && a->Significand == b->Significand && !zeroB)
        {
            return flags | FpuStatus.C3;
        }
        bool smaller = !zeroB && (ex != ey ? ex < ey : a->Significand < b->Significand);
        return smaller != ((x & SignBit) != 0) ? flags | FpuStatus.C0 : flags;
    }
}
