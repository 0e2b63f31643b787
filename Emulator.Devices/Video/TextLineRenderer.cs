using System.Runtime.InteropServices;

namespace Emulator.Devices.Video;

/// <summary>
/// Dots of one scan line of text: characters in plane 0, attributes in plane 1, fonts in plane 2 with 32 bytes for each character
/// (IBM PS/2 Hardware Interface Technical Reference, "Alphanumeric Modes").
/// </summary>
internal static class TextLineRenderer
{
    private const int CursorBlinkShift = 3;

    /// <summary>Draws <paramref name="columns"/> characters into <paramref name="dots"/>, DotsPerCharacter each.</summary>
    public static void Draw(
        VgaRegisters vga, ReadOnlySpan<byte> vram, uint[] palette, in ScanLineContext line, int columns, Span<uint> dots)
    {
        ReadOnlySpan<uint> planes = MemoryMarshal.Cast<byte, uint>(vram);
        int width = vga.Sequencer.DotsPerCharacter;
        int fontA = vga.Sequencer.FontA, fontB = vga.Sequencer.FontB;
        bool blink = vga.Attributes.Blink, blinkedOff = AttributeController.IsBlinkedOff(line.Frame);
        bool underline = line.RowScan == vga.Crtc.UnderlineLocation;
        int cursor = CursorColumn(vga.Crtc, line);
        for (int column = 0; column < columns; column++)
        {
            uint cell = planes[vga.Crtc.MemoryAddress(line.Counter + column, line.RowScan)];
            int code = (byte)cell, attribute = (byte)(cell >> 8);
            int font = (attribute & 0x08) != 0 ? fontA : fontB;
            int bits = (byte)(planes[font + (code * 32) + line.RowScan] >> 16) << 1;
            if (vga.Attributes.LineGraphics && (code & 0xE0) == 0xC0)
            {
                bits |= (bits >> 1) & 1;
            }
            if (column == cursor || (underline && (attribute & 0x07) == 1))
            {
                bits = 0x1FF;
            }
            uint background = palette[(attribute >> 4) & (blink ? 0x07 : 0x0F)];
            uint foreground = palette[attribute & 0x0F];
            if (blink && (attribute & 0x80) != 0 && blinkedOff && column != cursor)
            {
                foreground = background;
            }
            Span<uint> to = dots.Slice(column * width, width);
            for (int x = 0; x < to.Length; x++)
            {
                to[x] = (bits & (0x100 >> x)) != 0 ? foreground : background;
            }
        }
    }

    // The cursor's column on this line, or -1. It blinks twice as fast as characters do.
    private static int CursorColumn(CrtController crtc, in ScanLineContext line)
    {
        (int start, int end, bool enabled) = crtc.Cursor;
        bool shown = enabled && line.RowScan >= start && line.RowScan <= end && ((line.Frame >> CursorBlinkShift) & 1) == 0;
        return shown ? ((crtc.CursorAddress - line.Counter) & 0xFFFF) + crtc.CursorSkew : -1;
    }
}
