namespace Emulator.Tests.Video;

/// <summary>
/// The picture of testroms/lib/video_memory.inc: the graphics controller's data path (IBM PS/2 Hardware Interface Technical Reference), one bit of
/// one plane at a time.
/// </summary>
internal static class RomMemoryPicture
{
    private const int BandLength = 3200, Bands = 10;

    // As in the ROM: map mask, set/reset, enable, colour compare, rotate and function, read map, mode, don't care, bit mask, "write what was read".
    private static readonly int[][] Rows =
    [
        [0x05, 0, 0, 0, 0x00, 0, 0, 0, 0xFF, 0],
        [0x0F, 0, 0, 0, 0x1B, 0, 0, 0, 0x3C, 0],
        [0x0F, 9, 0xB, 0, 0x08, 0, 0, 0, 0xFF, 0],
        [0x0E, 6, 0x5, 0, 0x15, 0, 0, 0, 0xA7, 0],
        [0x0F, 0, 0, 0, 0x10, 0, 2, 0, 0xF0, 0],
        [0x0F, 0, 0, 0, 0x00, 0, 2, 0, 0x99, 0],
        [0x0F, 6, 0, 0, 0x01, 0, 3, 0, 0x7E, 0],
        [0x0F, 9, 0, 0, 0x18, 0, 3, 0, 0xFF, 0],
        [0x0F, 0, 0, 5, 0x00, 0, 8, 7, 0xFF, 1],
        [0x0F, 0, 0, 0, 0x00, 2, 0, 0, 0xFF, 1],
    ];

    /// <summary>The whole picture.</summary>
    public static RomPicture Make()
    {
        byte[][] planes = RomPicture.Planes();
        byte[] written = RomPicture.Bytes(99, BandLength * Bands);
        for (int at = 0; at < BandLength * Bands; at++)
        {
            Write(planes, at, written[at], Rows[at / BandLength]);
        }
        foreach (byte[] plane in planes)
        {
            plane.AsSpan(0, BandLength).CopyTo(plane.AsSpan(BandLength * Bands));
        }
        return new(640, 480, (x, y) => RomPalettes.Dac64(RomPalettes.Ega[RomPicture.Planar(planes, y * 80, x)]));
    }

    private static void Write(byte[][] planes, int at, byte fromRom, int[] row)
    {
        (int mapMask, int setReset, int enable, int compare, int rotate, int readMap, int mode, int care, int bitMask) =
            (row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8]);
        bool Latch(int plane, int bit) => ((planes[plane][at] >> bit) & 1) != 0;
        bool Bit(int value, int bit) => ((value >> bit) & 1) != 0;

        int cpu = fromRom;
        if (row[9] != 0)
        {
            cpu = 0;
            for (int bit = 0; bit < 8; bit++)
            {
                bool one = (mode & 8) == 0
                    ? Latch(readMap, bit)
                    : Enumerable.Range(0, 4).All(p => !Bit(care, p) || Latch(p, bit) == Bit(compare, p));
                cpu |= one ? 1 << bit : 0;
            }
        }
        var next = new byte[4];
        for (int plane = 0; plane < 4; plane++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                bool latch = Latch(plane, bit);
                bool rotated = Bit(cpu, (bit + (rotate & 7)) % 8);
                bool mask = Bit(bitMask, bit) && ((mode & 3) != 3 || rotated);
                bool data = (mode & 3) switch
                {
                    0 => Bit(enable, plane) ? Bit(setReset, plane) : rotated,
                    2 => Bit(cpu, plane),
                    _ => Bit(setReset, plane),
                };
                data = (rotate >> 3) switch { 1 => data && latch, 2 => data || latch, 3 => data != latch, _ => data };
                bool result = Bit(mapMask, plane) && mask ? data : latch;
                next[plane] |= (byte)(result ? 1 << bit : 0);
            }
        }
        for (int plane = 0; plane < 4; plane++)
        {
            planes[plane][at] = next[plane];
        }
    }
}
