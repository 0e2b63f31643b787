using System.Runtime.InteropServices;

namespace Emulator.Devices.Video;

/// <summary>
/// Dots of one scan line of graphics: the serialiser's three shift modes (IBM PS/2 Hardware Interface Technical Reference, "Graphics Mode
/// Register"). Every fetch makes 8 dots: eight pixels of 4 bits, or four of 8 bits that are two dots wide.
/// </summary>
internal static class GraphicsLineRenderer
{
    // Bit 7 - i of a byte in byte i: eight pixels of one plane in one word.
    private static readonly ulong[] Spread = MakeSpread();

    /// <summary>Draws <paramref name="characters"/> fetches into <paramref name="dots"/>, 8 each.</summary>
    public static void Draw(
        VgaRegisters vga, ReadOnlySpan<byte> vram, uint[] palette, in ScanLineContext line, int characters, Span<uint> dots)
    {
        ReadOnlySpan<uint> planes = MemoryMarshal.Cast<byte, uint>(vram);
        ShiftMode shift = vga.Graphics.Shift;
        for (int i = 0; i < characters; i++)
        {
            uint fetch = planes[vga.Crtc.MemoryAddress(line.Counter + i, line.RowScan)];
            Span<uint> to = dots.Slice(i * 8, 8);
            switch (shift)
            {
                case ShiftMode.Planar:
                    Planar(fetch, palette, to);
                    break;
                case ShiftMode.Interleaved:
                    Interleaved(fetch, palette, to);
                    break;
                default:
                    Packed(fetch, vga.Dac, to);
                    break;
            }
        }
    }

    /// <summary>Eight 4-bit pixels from one bit of each plane.</summary>
    public static void Planar(uint fetch, uint[] palette, Span<uint> to)
    {
        ulong pixels = Spread[(byte)fetch] | (Spread[(byte)(fetch >> 8)] << 1)
            | (Spread[(byte)(fetch >> 16)] << 2) | (Spread[(byte)(fetch >> 24)] << 3);
        for (int x = 0; x < 8; x++, pixels >>= 8)
        {
            to[x] = palette[(int)pixels & 0x0F];
        }
    }

    // Planes 0 and 2 give the first four pixels, 1 and 3 the others; the even-numbered planes' pairs are the low bits.
    private static void Interleaved(uint fetch, uint[] palette, Span<uint> to)
    {
        for (int x = 0; x < 8; x++)
        {
            uint source = x < 4 ? fetch : fetch >> 8;
            int pair = 6 - ((x & 3) * 2);
            to[x] = palette[(int)(((source >> pair) & 3) | (((source >> (16 + pair)) & 3) << 2))];
        }
    }

    private static void Packed(uint fetch, PaletteDac dac, Span<uint> to)
    {
        for (int x = 0; x < 8; x += 2, fetch >>= 8)
        {
            to[x] = to[x + 1] = dac.Colour((byte)fetch);
        }
    }

    private static ulong[] MakeSpread()
    {
        var spread = new ulong[256];
        for (int value = 0; value < 256; value++)
        {
            for (int x = 0; x < 8; x++)
            {
                spread[value] |= (ulong)((value >> (7 - x)) & 1) << (x * 8);
            }
        }
        return spread;
    }
}
