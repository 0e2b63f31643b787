namespace Emulator.Tests.Simd;

/// <summary>Seeded source of vector operands that favours corners of every element type.</summary>
internal sealed class SimdRandom(ulong seed)
{
    private static readonly uint[] Singles =
    [
        0, 1, 2, 0x007F_FFFF, 0x0080_0000, 0x0080_0001, 0x7F7F_FFFF, 0x7F7F_FFFE, 0x7F80_0000, 0x7F80_0001, 0x7FBF_FFFF, 0x7FC0_0000, 0x7FFF_FFFF,
        0x3F80_0000, 0x3F80_0001, 0x3F7F_FFFF, 0x4F00_0000, 0x4EFF_FFFF, 0x5F00_0000, 0x4B00_0000, 0x4B00_0001, 0x4A80_0001, 0x3F00_0000, 0x3FC0_0000,
        0x4020_0000, 0x0040_0000, 0x1A00_0000, 0x2000_0000, 0x5F80_0000, 0x3EFF_FFFF, 0x4F80_0000, 0x7F00_0000, 0x0100_0000,
    ];

    private static readonly ulong[] Doubles =
    [
        0, 1, 2, 0x000F_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x0010_0000_0000_0001, 0x7FEF_FFFF_FFFF_FFFF, 0x7FEF_FFFF_FFFF_FFFE,
        0x7FF0_0000_0000_0000, 0x7FF0_0000_0000_0001, 0x7FF7_FFFF_FFFF_FFFF, 0x7FF8_0000_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x3FF0_0000_0000_0000,
        0x3FF0_0000_0000_0001, 0x3FEF_FFFF_FFFF_FFFF, 0x41E0_0000_0000_0000, 0x41DF_FFFF_FFC0_0000, 0x41DF_FFFF_FFE0_0000, 0x41DF_FFFF_FFDF_FFFF,
        0xC1E0_0000_0010_0000, 0xC1E0_0000_001F_FFFF, 0xC1E0_0000_0020_0000, 0x4330_0000_0000_0000, 0x4330_0000_0000_0001, 0x3FE0_0000_0000_0000,
        0x3FF8_0000_0000_0000, 0x4004_0000_0000_0000, 0x0008_0000_0000_0000, 0x2000_0000_0000_0000, 0x1FF0_0000_0000_0000, 0x47EF_FFFF_E000_0000,
        0x47EF_FFFF_F000_0000, 0x47EF_FFFF_EFFF_FFFF, 0x3810_0000_0000_0000, 0x380F_FFFF_FFFF_FFFF, 0x380F_FFFF_F000_0000, 0x380F_FFFF_E000_0000,
        0x36A0_0000_0000_0000, 0x3690_0000_0000_0000, 0x3690_0000_0000_0001, 0x3FDF_FFFF_FFFF_FFFF,
    ];

    private static readonly ushort[] Words = [0, 1, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0x8001, 0xFFFF, 0xFF80, 0x8080, 0x7F7F];

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

    /// <summary>Fills <paramref name="count"/> quadwords with elements of one kind, sometimes close to what was there before.</summary>
    public unsafe void Fill(ulong* target, int count, ulong* relative)
    {
        int kind = Next(8);
        for (int n = 0; n < count; n++)
        {
            target[n] = kind switch
            {
                0 => Next(),
                1 => (ulong)Word() | (ulong)Word() << 16 | (ulong)Word() << 32 | (ulong)Word() << 48,
                2 => Next() >> Next(64),
                3 or 4 => Single((uint)relative[n]) | (ulong)Single((uint)(relative[n] >> 32)) << 32,
                _ => Double(relative[n]),
            };
        }
    }

    public uint Single(uint relative)
    {
        uint sign = (uint)Next() & 0x8000_0000, bits = (uint)Next();
        return Next(8) switch
        {
            0 => sign | Singles[Next(Singles.Length)],
            1 => relative + (uint)Next(9) - 4,
            2 => relative ^ 0x8000_0000 ^ ((uint)Next(4) << Next(24)),
            3 => sign | bits >> 9 >> Next(23),
            4 => sign | (uint)(Next(2) == 0 ? Next(30) : 254 - Next(30)) << 23 | bits >> 9,
            5 => sign | (uint)(127 - 4 + Next(40)) << 23 | (bits >> 9 & 0 - (1u << Next(24))),
            6 => sign | (uint)(127 - 30 + Next(60)) << 23 | bits >> 9,
            _ => (relative & 0x7F80_0000) + ((uint)Next(54) - 27 << 23) & 0x7F80_0000 | sign | bits >> 9,
        };
    }

    public ulong Double(ulong relative)
    {
        ulong sign = Next() & 1ul << 63, bits = Next() >> 12;
        return Next(9) switch
        {
            0 => sign | Doubles[Next(Doubles.Length)],
            1 => relative + (ulong)Next(9) - 4,
            2 => relative ^ 1ul << 63 ^ ((ulong)Next(4) << Next(53)),
            3 => sign | bits >> Next(52),
            4 => sign | (ulong)(Next(2) == 0 ? Next(60) : 2046 - Next(60)) << 52 | bits,
            5 => sign | (ulong)(1023 - 4 + Next(40)) << 52 | (bits & 0 - (1ul << Next(53))),
            6 => sign | (ulong)(1023 - 160 + Next(320)) << 52 | bits,
            7 => sign | (ulong)(1023 - 40 + Next(80)) << 52 | bits,
            _ => ((relative & 0x7FF0ul << 48) + ((ulong)Next(112) - 56 << 52) & 0x7FF0ul << 48) | sign | bits,
        };
    }

    private ushort Word() => Next(2) == 0 ? Words[Next(Words.Length)] : (ushort)Next();
}
