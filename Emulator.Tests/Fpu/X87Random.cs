using Emulator.Core.Cpu;

namespace Emulator.Tests.Fpu;

/// <summary>Seeded source of x87 operands that favours corners: every special format, near ties, related pairs, range ends.</summary>
internal sealed class X87Random(ulong seed)
{
    private static readonly ulong[] Significands =
    [
        0, 1, 2, 3, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0x8000_0000_0000_0001, 0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_FFFF_FFFE,
        0xC000_0000_0000_0000, 0xC000_0000_0000_0001, 0xBFFF_FFFF_FFFF_FFFF, 0xA000_0000_0000_0000, 0x4000_0000_0000_0000,
        0x8000_0000_0000_0400, 0x8000_0000_0000_0C00, 0xFFFF_FFFF_FFFF_FC00, 0xFFFF_FFFF_FFFF_F800, 0x8000_0080_0000_0000,
        0xFFFF_FF80_0000_0000, 0xFFFF_FF00_0000_0000, 0xC90F_DAA2_2168_C235, 0xB504_F333_F9DE_6484, 0xB504_F333_F9DE_6485,
    ];

    private static readonly int[] Exponents =
    [
        0, 1, 2, 0x3FFF, 0x3FFE, 0x4000, 0x7FFF, 0x7FFE, 0x7FFD, 0x400E, 0x401E, 0x403D, 0x403E, 0x403F, 0x3FBF, 0x3F80, 0x3C01, 0x43FE,
        0x2001, 0x5FFE,
    ];

    private ulong state = seed;

    public ulong Next()
    {
        // SplitMix64
        ulong z = state += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ z >> 30) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ z >> 27) * 0x94D0_49BB_1331_11EB;
        return z ^ z >> 31;
    }

    public int Next(int limit) => (int)((Next() >> 32) * (ulong)limit >> 32);

    /// <summary>An 80-bit operand; sometimes close to <paramref name="relative"/>.</summary>
    public Float80 Operand(Float80 relative)
    {
        ulong sign = (Next() & 1) << 15;
        switch (Next(10))
        {
            case 0:
                return Make(Next(), Next());
            case 1:
                return Make(sign | (uint)Exponents[Next(Exponents.Length)], Significands[Next(Significands.Length)]);
            case 2:
                uint near = (uint)(relative.SignExponent + Next(7) - 3);
                return Make(near ^ ((uint)Next() & 0x8000), relative.Significand + (ulong)(Next(9) - 4));
            case 3:
                return Make(sign | (uint)((relative.SignExponent & 0x7FFF) + Next(140) - 70) & 0x7FFF, Significand());
            case 4:
                return Make(sign | (uint)(Next(2) == 0 ? Next(70) : 0x7FFE - Next(70)), Significand());
            case 5:
                return Integer(sign != 0, Next() >> Next(64), Next(4) == 0 ? Next(4) : 0);
            case 6:
                return Make(sign, Significand() >> Next(64));
            default:
                return Make(sign | (uint)(0x3FFF + Next(130) - 65), Significand());
        }
    }

    /// <summary>A number of moderate size, for the transcendentals.</summary>
    public Float80 Moderate(int low, int high) =>
        Make((Next() & 1) << 15 | (uint)(0x3FFF + low + Next(high - low + 1)), Next(3) == 0 ? Significand() : Next() | 1ul << 63);

    /// <summary>Raw bits of a memory operand, which any format may read.</summary>
    public ulong Raw()
    {
        ulong sign = Next() << 63;
        return Next(8) switch
        {
            0 => Next(),
            1 => sign | (ulong)Next(3) << 52 | Next() >> 12 >> Next(52),
            2 => sign | 0x7FEul + (ulong)Next(2) << 52 | Next() >> 12 >> Next(52),
            3 => (ulong)Next(2) << 63 | (ulong)Next(3) << 23 | Next() >> 41 >> Next(23) | Next() << 31 & 0x8000_0000,
            4 => 0x7F00_0000ul | Next() & 0x80FF_FFFF,
            5 => sign | (0x3FFul + (ulong)Next(64) - 32) << 52 | Next() >> 12 & 0 - (1ul << Next(52)),
            6 => 0x3F80_0000ul + ((ulong)Next(64) - 32 << 23) | Next() >> 41 | Next() << 31 & 0x8000_0000,
            _ => (ulong)((long)Next() >> Next(64)),
        };
    }

    /// <summary>A mostly valid packed BCD image: low 64 bits and high 16.</summary>
    public (ulong Low, ulong High) Bcd()
    {
        ulong low = 0, high = (Next() & 1) << 15 | (uint)(Next(10) << 4 | Next(10));
        for (int i = 0; i < 64; i += 4)
        {
            low |= (ulong)(uint)Next(10) << i;
        }
        int shift = 4 * Next(20);
        return shift < 64 ? (low >> shift, shift == 0 ? high : high & 0x8000) : (0, high & 0x8000);
    }

    private ulong Significand()
    {
        ulong bit = 1ul << 63;
        return Next(7) switch
        {
            0 => bit | Next() & 0 - (1ul << Next(63)),
            1 => bit | Next() >> Next(64),
            2 => 0 - (1ul << Next(64)),
            3 => bit | 1ul << Next(64),
            4 => Significands[Next(Significands.Length)] | bit,
            _ => bit | Next(),
        };
    }

    private static Float80 Integer(bool negative, ulong magnitude, int halvings)
    {
        if (magnitude == 0)
        {
            return default;
        }
        int n = System.Numerics.BitOperations.LeadingZeroCount(magnitude);
        return Make((negative ? 0x8000u : 0) | (uint)(0x3FFF + 63 - n - halvings), magnitude << n);
    }

    private static Float80 Make(ulong signExponent, ulong significand) =>
        new() { SignExponent = (ushort)signExponent, Significand = significand };
}
