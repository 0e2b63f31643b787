using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>
/// What a terminal of a given size is to show: the text screen cell by cell, or the picture of a graphics mode scaled into half-block
/// characters, two pixels in a cell.
/// </summary>
public sealed class TerminalPicture(int columns, int rows)
{
    private const char UpperHalf = '▀';
    private static readonly TerminalCell Empty = new(' ', 0xAAAAAA, 0, false);

    private uint[] pixels = [];
    private int top;

    /// <summary>Cells in a row.</summary>
    public int Columns { get; } = columns;

    /// <summary>Rows.</summary>
    public int Rows { get; } = rows;

    /// <summary>The cells row by row.</summary>
    public TerminalCell[] Cells { get; } = new TerminalCell[columns * rows];

    /// <summary>Where the cursor is, or null when it is hidden.</summary>
    public (int Column, int Row)? Cursor { get; private set; }

    /// <summary>Takes the present picture of <paramref name="screen"/>.</summary>
    public void Take(IScreen screen)
    {
        Array.Fill(Cells, Empty);
        Cursor = null;
        if (screen.ReadText() is { } text)
        {
            TakeText(text);
        }
        else
        {
            TakeGraphics(screen);
        }
    }

    // A screen with more rows than the terminal is seen through a window that follows the cursor.
    private void TakeText(TextScreen text)
    {
        int hidden = Math.Max(text.Rows - Rows, 0);
        if (text.CursorRow >= 0)
        {
            top = Math.Clamp(top, text.CursorRow - Rows + 1, text.CursorRow);
        }
        top = Math.Clamp(top, 0, hidden);
        for (int row = 0; row < Math.Min(Rows, text.Rows); row++)
        {
            for (int column = 0; column < Math.Min(Columns, text.Columns); column++)
            {
                ushort cell = text.Cells[((top + row) * text.Columns) + column];
                int attribute = cell >> 8;
                int background = (attribute >> 4) & (text.Blink ? 7 : 15);
                Cells[(row * Columns) + column] = new TerminalCell(
                    CodePage437.ToUnicode((byte)cell),
                    text.Palette[attribute & 15] & 0xFFFFFF,
                    text.Palette[background] & 0xFFFFFF,
                    text.Blink && (attribute & 0x80) != 0);
            }
        }
        if (text.CursorRow >= 0 && text.CursorRow - top < Rows && text.CursorColumn < Columns)
        {
            Cursor = (text.CursorColumn, text.CursorRow - top);
        }
    }

    private void TakeGraphics(IScreen screen)
    {
        (int width, int height) = screen.Size;
        if (pixels.Length < width * height)
        {
            pixels = new uint[width * height];
        }
        screen.Render(pixels);

        // Half a cell is about square: the largest picture of the same shape that fits into Columns x 2 * Rows, never enlarged.
        (int across, int down) = PictureScaler.Fit(width, height, Columns, Rows * 2, enlarge: false);
        var scaled = new uint[across * (down + 1)];
        PictureScaler.Scale(pixels, width, height, scaled, across, down);
        for (int row = 0; row * 2 < down; row++)
        {
            for (int column = 0; column < across; column++)
            {
                int upper = (row * 2 * across) + column;
                Cells[(row * Columns) + column] = new TerminalCell(UpperHalf, scaled[upper], scaled[upper + across], false);
            }
        }
    }
}
