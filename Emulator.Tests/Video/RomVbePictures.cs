namespace Emulator.Tests.Video;

/// <summary>The pictures of testroms/lib/video_vbe.inc: dword n of the memory is 01020304h + n * 01030507h (planes: as in the VGA's modes).</summary>
internal static class RomVbePictures
{
    /// <summary>Picture, width, height, bits a pixel; 4 bits are planes.</summary>
    public static readonly (int Number, int Width, int Height, int Bits)[] Modes =
    [
        (50, 640, 400, 8), (51, 800, 600, 4), (52, 800, 600, 8), (53, 1024, 768, 4), (54, 320, 200, 15), (55, 320, 200, 16), (56, 320, 200, 24),
        (57, 640, 480, 15), (58, 800, 600, 16), (59, 640, 480, 24), (60, 640, 480, 32), (61, 1024, 768, 8), (63, 800, 600, 15),
        (64, 1024, 768, 16), (65, 800, 600, 24), (66, 800, 600, 32), (68, 1920, 1200, 32),
    ];

    private static readonly byte[] Components = RomPicture.Bytes(91, 768);

    /// <summary>The picture of a number; null when it is not one of these.</summary>
    public static RomPicture? Make(int number)
    {
        if (number is 90 or 91)
        {
            return new(640, 480, (x, y) => Colour8(number, Memory(((y + 50) * 1024) + 104 + x)));
        }
        (int _, int width, int height, int bits) = Modes.FirstOrDefault(m => m.Number == number);
        if (bits == 4)
        {
            byte[][] planes = RomPicture.Planes();
            // What lies above 64 KiB a plane was not filled.
            return new(width, height, (x, y) => (y * width / 8) + (x / 8) is var at && at < 0x10000
                ? RomPalettes.Dac64(RomPalettes.Ega[RomPicture.Planar(planes, at, x % 8)])
                : 0);
        }
        int bytes = (bits + 7) / 8;
        return width == 0 ? null : new(width, height, (x, y) => Colour(bits, ((y * width) + x) * bytes));
    }

    private static uint Colour(int bits, int at)
    {
        switch (bits)
        {
            case 8:
                return Colour8(0, Memory(at));
            case 15 or 16:
                int word = Memory(at) | (Memory(at + 1) << 8), greenBits = bits - 10;
                return ((uint)Scale(word >> (bits - 5), 5) << 16) | ((uint)Scale(word >> 5, greenBits) << 8) | (uint)Scale(word, 5);
            default:
                return (uint)((Memory(at + 2) << 16) | (Memory(at + 1) << 8) | Memory(at));
        }
    }

    private static uint Colour8(int number, int index) => number == 91
        ? (uint)((Components[index * 3] << 16) | (Components[(index * 3) + 1] << 8) | Components[(index * 3) + 2])
        : RomPalettes.Dac256(index);

    // All ones become 255, and the bits are repeated downwards.
    private static int Scale(int value, int bits)
    {
        value &= (1 << bits) - 1;
        return (value << (8 - bits)) | (value >> ((2 * bits) - 8));
    }

    private static int Memory(int at) => (byte)((0x01020304u + ((uint)(at >> 2) * 0x01030507u)) >> ((at & 3) * 8));
}
