using System.Runtime.InteropServices;
using Emulator.Core.Backends;

namespace Emulator.Devices.Video;

/// <summary>The cells of a text mode, for those who show text as text.</summary>
internal static class TextCellReader
{
    /// <summary>Reads the visible cells row by row; the line compare is followed, panning is not.</summary>
    /// <returns>Null while no display is programmed.</returns>
    public static TextScreen? Read(VgaRegisters vga, ReadOnlySpan<byte> vram)
    {
        CrtController crtc = vga.Crtc;
        int columns = crtc.HorizontalDisplayEnd;
        int cellHeight = (crtc.MaximumScanLine + 1) * (crtc.DoubleScan ? 2 : 1);
        int rows = crtc.VerticalDisplayEnd / cellHeight;
        if (columns <= 1 || rows == 0)
        {
            return null;
        }
        ReadOnlySpan<uint> planes = MemoryMarshal.Cast<byte, uint>(vram);
        var cells = new ushort[columns * rows];
        int cursorColumn = -1, cursorRow = -1;
        int counter = crtc.StartAddress;
        for (int row = 0; row < rows; row++, counter += crtc.RowOffset)
        {
            if (row * cellHeight == crtc.LineCompare + 1)
            {
                counter = 0;
            }
            for (int column = 0; column < columns; column++)
            {
                cells[(row * columns) + column] = (ushort)planes[crtc.MemoryAddress(counter + column, 0)];
            }
            int cursor = ((crtc.CursorAddress - counter) & 0xFFFF) + crtc.CursorSkew;
            if (cursor < columns && CursorShown(crtc))
            {
                (cursorColumn, cursorRow) = (cursor, row);
            }
        }
        return new TextScreen(columns, rows, cells, cursorColumn, cursorRow, VbeRenderer.PaletteOf(vga), vga.Attributes.Blink);
    }

    private static bool CursorShown(CrtController crtc)
    {
        (int start, int end, bool enabled) = crtc.Cursor;
        return enabled && start <= end && start <= crtc.MaximumScanLine;
    }
}
