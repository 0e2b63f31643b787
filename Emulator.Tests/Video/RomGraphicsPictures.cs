namespace Emulator.Tests.Video;

/// <summary>The pictures of testroms/lib/video_graphics.inc and video_memory.inc, from the planes' bytes and the palettes.</summary>
internal static class RomGraphicsPictures
{
    private static readonly byte[][] Planes = RomPicture.Planes();

    /// <summary>The picture of a number; null when it is not one of these.</summary>
    public static RomPicture? Make(int number, long nowNs) => number switch
    {
        20 => Cga4(20, 0x00, 0x13, 0x15, 0x17),
        21 => Cga4(20, 0x14, 0x02, 0x04, 0x06),
        22 => Cga4(22, 0x00, 0x13, 0x15, 0x17),
        23 => Cga2(23),
        24 => new(640, 400, (x, y) => RomPalettes.Dac16(RomPalettes.Cga[RomPicture.Planar(Planes, y / 2 * 40, x / 2)])),
        25 => new(640, 400, (x, y) => RomPalettes.Dac16(RomPalettes.Cga[RomPicture.Planar(Planes, y / 2 * 80, x)])),
        26 or 27 => Mono(nowNs),
        28 => new(640, 350, (x, y) => RomPalettes.Dac64(RomPalettes.Ega[RomPicture.Planar(Planes, y * 80, x)])),
        29 => Monochrome(RomPicture.Bytes(29, 38400)),
        30 => new(640, 480, (x, y) => RomPalettes.Dac64(RomPalettes.Ega[RomPicture.Planar(Planes, y * 80, x)])),
        31 => Vga256(RomPalettes.Dac256),
        32 => Vga256(OwnDac),
        33 => Vga256(index => OwnDac(index & 0x7D)),
        34 => Unchained(0, 0),
        35 => Unchained(0x1234, 2),
        36 => Split(),
        37 => new(640, 480, (x, y) => RomPicture.Planar(Planes, y * 80, x) is var pixel && pixel == 5
            ? RomPalettes.Rgb(63, 1, 32)
            : RomPalettes.Dac64(RomPalettes.Ega[pixel])),
        38 => Paged(),
        40 => RomMemoryPicture.Make(),
        _ => null,
    };

    private static RomPicture Cga4(int seed, params int[] registers)
    {
        byte[] memory = RomPicture.Bytes(seed, 0x4000);
        return new(640, 400, (x, y) =>
        {
            (int column, int row) = (x / 2, y / 2);
            int packed = memory[((row & 1) * 0x2000) + (row / 2 * 80) + (column / 4)];
            return RomPalettes.Dac16(registers[(packed >> (6 - (column % 4 * 2))) & 3]);
        });
    }

    private static RomPicture Cga2(int seed)
    {
        byte[] memory = RomPicture.Bytes(seed, 0x4000);
        return new(640, 400, (x, y) =>
            ((memory[((y / 2 & 1) * 0x2000) + (y / 4 * 80) + (x / 8)] >> (7 - (x % 8))) & 1) != 0 ? 0xFFFFFFu : 0);
    }

    private static RomPicture Monochrome(byte[] plane) =>
        new(640, 480, (x, y) => ((plane[(y * 80) + (x / 8)] >> (7 - (x % 8))) & 1) != 0 ? 0xFFFFFFu : 0);

    // Plane 0 is video, plane 2 intensity: black, white, blinking, bright. 800 dots of 25.175 MHz in a line, 449 lines.
    private static RomPicture Mono(long nowNs)
    {
        bool hidden = ((long)((UInt128)nowNs * 25_175_000 / 1_000_000_000 / 800 / 449) & 16) != 0;
        uint[] colours = [0, RomPalettes.Rgb(42, 42, 42), hidden ? 0u : 0xFFFFFFu, 0xFFFFFFu];
        return new(640, 350, (x, y) =>
        {
            int pixel = RomPicture.Planar(Planes, y * 80, x);
            return colours[(pixel & 1) | ((pixel >> 1) & 2)];
        });
    }

    private static RomPicture Vga256(Func<int, uint> dac)
    {
        byte[] memory = RomPicture.Bytes(31, 0x10000);
        return new(640, 400, (x, y) => dac(memory[(y / 2 * 320) + (x / 2)]));
    }

    private static readonly byte[] Components = RomPicture.Bytes(32, 768);

    private static uint OwnDac(int index) =>
        RomPalettes.Rgb(Components[index * 3] & 63, Components[(index * 3) + 1] & 63, Components[(index * 3) + 2] & 63);

    private static RomPicture Unchained(int start, int left) => new(640, 480, (x, y) =>
    {
        int column = (x / 2) + left;
        return RomPalettes.Dac256(Planes[column & 3][start + (y / 2 * 80) + (column / 4)]);
    });

    private static RomPicture Split() => new(640, 400, (x, y) =>
    {
        int at = y < 160 ? 0x155 + (y / 2 * 80) : (y - 160) / 2 * 80;
        return RomPalettes.Dac16(RomPalettes.Cga[RomPicture.Planar(Planes, at, (x / 2) + 3)]);
    });

    private static RomPicture Paged() => new(640, 480, (x, y) =>
    {
        int pixel = RomPicture.Planar(Planes, y * 80, x) & 0x0D;
        return RomPalettes.Dac64((pixel == 5 ? 0x0B : RomPalettes.Ega[pixel] & 0x0F) | 0x30);
    });
}
