using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    /// <summary>
    /// One step of d = a rem b: FPREM (quotient truncated) or, with <paramref name="nearest"/>, FPREM1 (quotient to nearest even).
    /// Also returns the condition codes: C2 = reduction incomplete, else C0 C3 C1 = bits 2 1 0 of the quotient.
    /// <paramref name="complete"/> is false when there is no quotient.
    /// </summary>
    public static uint Remainder(Float80* d, Float80* a, Float80* b, bool nearest, uint control, out bool complete)
    {
        complete = false;
        if (SpecialOperands(d, a, b, control, out uint flags))
        {
            return flags;
        }
        if (IsInfinity(a) || IsZero(b))
        {
            return Invalid(d, control);
        }
        if (DenormalStops(a, b, control, ref flags))
        {
            return flags;
        }
        complete = true;
        if (IsZero(a))
        {
            Set(d, a->SignExponent, 0);
            return flags;
        }
        Unpack(a, out int ea, out ulong sa);
        uint sign = Sign(a);
        // The remainder is exact, and the precision control does not apply.
        control |= FpuControl.Precision64;
        if (IsInfinity(b))
        {
            // A denormal passes through without an underflow, even unmasked.
            return flags | RoundPack(d, sign, ea, sa, 0, control | FpuStatus.UE);
        }
        Unpack(b, out int eb, out ulong sb);
        int distance = ea - eb;
        if (distance >= 64)
        {
            // A partial step takes off 32 to 63 bits, so that the rest is a multiple of 32 away.
            int step = (distance & 31) | 32;
            return flags | FpuStatus.C2 | PackRemainder(d, sign, ea - step, Reduce(sa, sb, step, out _), control);
        }
        ulong quotient = 0;
        int exponent = ea;
        if (distance >= 0)
        {
            sa = Reduce(sa, sb, distance, out quotient);
            exponent = eb;
        }
        if (nearest && distance >= -1)
        {
            // Twice the remainder against the divisor; for distance -1 the dividend counts half of its significand.
            bool more = distance < 0 ? sa > sb : sa > sb - sa;
            bool tie = distance < 0 ? sa == sb : sa == sb - sa;
            if (more || (tie && (quotient & 1) != 0))
            {
                sa = distance < 0 ? sb - (sa - sb) : sb - sa;
                sign ^= SignBit;
                quotient++;
            }
        }
        flags |= PackRemainder(d, sign, exponent, sa, control);
        flags |= (quotient & 1) != 0 ? FpuStatus.C1 : 0;
        flags |= (quotient & 2) != 0 ? FpuStatus.C3 : 0;
        return flags | ((quotient & 4) != 0 ? FpuStatus.C0 : 0);
    }

    /// <summary>a * 2^shift mod b for normalised a and b and a shift of 0-63, with the low 64 bits of the quotient.</summary>
    private static ulong Reduce(ulong a, ulong b, int shift, out ulong quotient)
    {
        ulong first = a >= b ? 1ul : 0;
        a -= first != 0 ? b : 0;
        quotient = first;
        if (shift != 0)
        {
            quotient = Wide.Divide(a >> (64 - shift), a << shift, b, out a) + (first << shift);
        }
        return a;
    }

    private static uint PackRemainder(Float80* d, uint sign, int exponent, ulong significand, uint control)
    {
        if (significand == 0)
        {
            Set(d, sign, 0);
            return 0;
        }
        int n = System.Numerics.BitOperations.LeadingZeroCount(significand);
        return RoundPack(d, sign, exponent - n, significand << n, 0, control);
    }
}
