using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Emulator.Devices.Video;

/// <summary>Pictures of the linear modes: 4 bits a pixel by planes, 8 by palette, 15 to 32 by components (blue in the low bits).</summary>
internal static class VbeRenderer
{
    /// <summary>Draws the visible part of the virtual screen, Width * Height pixels.</summary>
    public static void Draw(VgaRegisters vga, BochsVbe vbe, ReadOnlySpan<byte> vram, Span<uint> pixels)
    {
        for (int y = 0; y < vbe.Height; y++)
        {
            Span<uint> to = pixels.Slice(y * vbe.Width, vbe.Width);
            ReadOnlySpan<byte> line = vram.Slice((vbe.PanY + y) * vbe.Pitch, vbe.Pitch);
            switch (vbe.BitsPerPixel)
            {
                case 4:
                    Planar(line, vbe.PanX, PaletteOf(vga), to);
                    break;
                case 8:
                    Indexed(line[vbe.PanX..], vga.Dac, to);
                    break;
                case 15:
                    Words(line[(vbe.PanX * 2)..], to, 10, 5);
                    break;
                case 16:
                    Words(line[(vbe.PanX * 2)..], to, 11, 6);
                    break;
                case 24:
                    Triples(line[(vbe.PanX * 3)..], to);
                    break;
                default:
                    Quads(line[(vbe.PanX * 4)..], to);
                    break;
            }
        }
    }

    /// <summary>The colours of the 16 pixel values.</summary>
    public static uint[] PaletteOf(VgaRegisters vga)
    {
        var palette = new uint[16];
        for (int i = 0; i < palette.Length; i++)
        {
            palette[i] = vga.Dac.Colour(vga.Attributes.DacIndex(i));
        }
        return palette;
    }

    private static void Planar(ReadOnlySpan<byte> line, int panX, uint[] palette, Span<uint> to)
    {
        Span<uint> eight = stackalloc uint[8];
        ReadOnlySpan<uint> planes = MemoryMarshal.Cast<byte, uint>(line);
        for (int x = 0; x < to.Length; x++)
        {
            int at = panX + x;
            if (x == 0 || (at & 7) == 0)
            {
                GraphicsLineRenderer.Planar(planes[at >> 3], palette, eight);
            }
            to[x] = eight[at & 7];
        }
    }

    private static void Indexed(ReadOnlySpan<byte> line, PaletteDac dac, Span<uint> to)
    {
        for (int x = 0; x < to.Length; x++)
        {
            to[x] = dac.Colour(line[x]);
        }
    }

    // Five bits of red at `redShift`, `greenBits` of green at 5, five of blue at 0; the high bits fill the low ones up.
    private static void Words(ReadOnlySpan<byte> line, Span<uint> to, int redShift, int greenBits)
    {
        for (int x = 0; x < to.Length; x++)
        {
            uint pixel = BinaryPrimitives.ReadUInt16LittleEndian(line[(x * 2)..]);
            uint red = (pixel >> redShift) & 0x1F, green = (pixel >> 5) & ((1u << greenBits) - 1), blue = pixel & 0x1F;
            green = (green << (8 - greenBits)) | (green >> ((2 * greenBits) - 8));
            to[x] = 0xFF000000 | (((red << 3) | (red >> 2)) << 16) | (green << 8) | (blue << 3) | (blue >> 2);
        }
    }

    private static void Triples(ReadOnlySpan<byte> line, Span<uint> to)
    {
        for (int x = 0; x < to.Length; x++)
        {
            ReadOnlySpan<byte> p = line.Slice(x * 3, 3);
            to[x] = 0xFF000000 | ((uint)p[2] << 16) | ((uint)p[1] << 8) | p[0];
        }
    }

    private static void Quads(ReadOnlySpan<byte> line, Span<uint> to)
    {
        for (int x = 0; x < to.Length; x++)
        {
            to[x] = 0xFF000000 | BinaryPrimitives.ReadUInt32LittleEndian(line[(x * 4)..]);
        }
    }
}
