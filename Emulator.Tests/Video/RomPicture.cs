namespace Emulator.Tests.Video;

/// <summary>A picture as a function: what testroms/video.asm is expected to have drawn.</summary>
/// <param name="Width">Dots of a line.</param>
/// <param name="Height">Lines.</param>
/// <param name="Pixel">0xRRGGBB of (x, y).</param>
internal sealed record RomPicture(int Width, int Height, Func<int, int, uint> Pixel)
{
    /// <summary>The ROM's numbers: s = s * 25173 + 13849, byte = s >> 8.</summary>
    public static byte[] Bytes(int seed, int count)
    {
        var bytes = new byte[count];
        var state = (ushort)seed;
        for (int i = 0; i < count; i++)
        {
            state = (ushort)((state * 25173) + 13849);
            bytes[i] = (byte)(state >> 8);
        }
        return bytes;
    }

    /// <summary>What the ROM's <c>fill_planes</c> leaves in the planes.</summary>
    public static byte[][] Planes() => [Bytes(1, 0x10000), Bytes(2, 0x10000), Bytes(3, 0x10000), Bytes(4, 0x10000)];

    /// <summary>The pixel of four planes: dot <paramref name="x"/>, counted from the byte at <paramref name="address"/>.</summary>
    public static int Planar(byte[][] planes, int address, int x)
    {
        int at = (address + (x / 8)) & 0xFFFF, bit = 7 - (x % 8), pixel = 0;
        for (int plane = 0; plane < 4; plane++)
        {
            pixel |= ((planes[plane][at] >> bit) & 1) << plane;
        }
        return pixel;
    }
}
