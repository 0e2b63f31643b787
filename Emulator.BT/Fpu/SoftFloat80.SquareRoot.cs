using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>d = square root of a.</summary>
    public static uint SquareRoot(Float80* d, Float80* a, uint control)
    {
        if (SpecialOperand(d, a, control, out uint flags))
        {
            return flags;
        }
        if (IsZero(a))
        {
            Set(d, Sign(a), 0);
            return 0;
        }
        if (Sign(a) != 0)
        {
            return Invalid(d, control);
        }
        if (DenormalStops(a, a, control, ref flags))
        {
            return flags;
        }
        if (IsInfinity(a))
        {
            Set(d, ExponentMask, IntegerBit);
            return flags;
        }
        Unpack(a, out int exponent, out ulong significand);
        int power = exponent - Bias;
        // significand * 2^(power - 63) = radicand * 2^(even), with the radicand in [2^126, 2^128).
        var radicand = (power & 1) == 0 ? new UInt128(significand >> 1, significand << 63) : new UInt128(significand, 0);
        ulong root = Root(radicand, out bool exact, out bool aboveHalf);
        ulong lo = exact ? 0 : aboveHalf ? ulong.MaxValue : 1;
        return flags | RoundPack(d, 0, (power >> 1) + Bias, root, lo, control);
    }

    /// <summary>Integer square root, whether it is exact, and whether what it lacks is above one half (it is never one half).</summary>
    internal static ulong Root(UInt128 radicand, out bool exact, out bool aboveHalf)
    {
        ulong high = (ulong)(radicand >> 64);
        double estimate = Math.Sqrt((double)high) * 4294967296.0;
        ulong root = estimate >= 18446744073709551615.0 ? ulong.MaxValue : (ulong)estimate;
        // One Newton step makes 50 good bits 64 to within one or two units.
        ulong quotient = root > high ? Wide.Divide(high, (ulong)radicand, root, out _) : ulong.MaxValue;
        root = (root >> 1) + (quotient >> 1) + (root & quotient & 1);
        UInt128 square = (UInt128)root * root;
        while (square > radicand)
        {
            root--;
            square = (UInt128)root * root;
        }
        UInt128 rest = radicand - square;
        while (rest > (UInt128)root * 2)
        {
            rest -= (UInt128)root * 2 + 1;
            root++;
        }
        exact = rest == 0;
        // (root + 1/2)^2 = root^2 + root + 1/4
        aboveHalf = rest > root;
        return root;
    }
}
