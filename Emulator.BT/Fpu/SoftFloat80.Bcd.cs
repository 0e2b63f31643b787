using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class SoftFloat80
{
    private const ulong BcdLimit = 1_000_000_000_000_000_000;

    /// <summary>
    /// Converts to 18 packed BCD digits: the 80 bits of the memory image, low 64 in the significand, high 16 in the other field.
    /// Invalid gives the BCD indefinite.
    /// </summary>
    public static uint ToBcd(Float80* a, uint control, Float80* image)
    {
        if (!IsUnsupported(a) && (a->SignExponent & ExponentMask) < Bias + 64)
        {
            ulong magnitude = RoundMagnitude(a, control, out uint flags);
            if (magnitude < BcdLimit)
            {
                ulong digits = 0;
                for (int i = 0; i < 64; i += 4)
                {
                    (magnitude, ulong digit) = Math.DivRem(magnitude, 10);
                    digits |= digit << i;
                }
                (ulong tens, ulong units) = Math.DivRem(magnitude, 10);
                Set(image, Sign(a) | (uint)(tens << 4 | units), digits);
                return flags;
            }
        }
        Set(image, 0xFFFF, 0xC000_0000_0000_0000);
        return FpuStatus.IE;
    }

    /// <summary>Converts from packed BCD; exact. Digits above 9 count with their weight, and bits 72-78 of the image are ignored.</summary>
    public static void FromBcd(Float80* d, ulong low, uint high)
    {
        ulong value = (high >> 4 & 15) * 10 + (high & 15);
        for (int i = 60; i >= 0; i -= 4)
        {
            value = value * 10 + (low >> i & 15);
        }
        FromInteger(d, (long)value);
        d->SignExponent |= (ushort)(high & SignBit);
    }
}
