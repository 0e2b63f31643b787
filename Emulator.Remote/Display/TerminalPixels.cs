using System.Globalization;
using System.Text;
using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>
/// The picture of a graphics mode as pixels in a terminal, as large as fits. Only what changed since the last time is sent: rectangles of whole cells,
/// or whole rows of cells.
/// </summary>
/// <param name="format">How pixels are sent.</param>
/// <param name="columns">Cells in a row.</param>
/// <param name="rows">Rows; a last row of the terminal must not be among them, for a picture there would scroll it.</param>
/// <param name="cell">Pixels of a cell.</param>
internal sealed class TerminalPixels(ITerminalPixelFormat format, int columns, int rows, (int Width, int Height) cell)
{
    private uint[] source = [], next = [], shown = [];
    private (int Width, int Height) size;

    /// <summary>What takes the picture off the screen.</summary>
    public string Clear => format.Clear;

    /// <summary>Nothing is on the screen any more.</summary>
    public void Forget() => size = (0, 0);

    /// <summary>Appends what brings the terminal up to date.</summary>
    /// <returns>True when the screen is to be cleared before, because the picture has another size.</returns>
    public bool Draw(IScreen screen, StringBuilder to)
    {
        (int width, int height) = screen.Size;
        Grow(ref source, width * height);
        screen.Render(source);
        (int Width, int Height) target = PictureScaler.Fit(width, height, columns * cell.Width, rows * cell.Height, enlarge: true);
        bool isNew = target != size;
        size = target;
        Grow(ref next, size.Width * size.Height);
        Grow(ref shown, size.Width * size.Height);
        PictureScaler.Scale(source, width, height, next, size.Width, size.Height);
        AppendChanges(to, isNew);
        (next, shown) = (shown, next);
        return isNew;
    }

    private static void Grow(ref uint[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            buffer = new uint[length];
        }
    }

    private void AppendChanges(StringBuilder to, bool all)
    {
        int cellRows = (size.Height + cell.Height - 1) / cell.Height;
        for (int row = 0; row < cellRows; row++)
        {
            if (ChangedCells(row, all) is not { } cells)
            {
                continue;
            }
            int end = row + 1;
            while (!format.HasWholeRows && end < cellRows && ChangedCells(end, all) is { } below)
            {
                cells = (Math.Min(cells.First, below.First), Math.Max(cells.Last, below.Last));
                end++;
            }
            AppendRectangle(to, row, end, cells);
            row = end - 1;
        }
    }

    private (int First, int Last)? ChangedCells(int row, bool all)
    {
        (int First, int Last) whole = (0, (size.Width - 1) / cell.Width);
        if (all)
        {
            return whole;
        }
        (int first, int last) = (int.MaxValue, -1);
        for (int y = row * cell.Height; y < Math.Min((row + 1) * cell.Height, size.Height); y++)
        {
            ReadOnlySpan<uint> now = next.AsSpan(y * size.Width, size.Width), before = shown.AsSpan(y * size.Width, size.Width);
            int same = now.CommonPrefixLength(before);
            if (same == now.Length)
            {
                continue;
            }
            int end = now.Length - 1;
            while (now[end] == before[end])
            {
                end--;
            }
            (first, last) = (Math.Min(first, same), Math.Max(last, end));
        }
        return last < 0 ? null : format.HasWholeRows ? whole : (first / cell.Width, last / cell.Width);
    }

    private void AppendRectangle(StringBuilder to, int firstRow, int endRow, (int First, int Last) cells)
    {
        int left = cells.First * cell.Width, right = Math.Min((cells.Last + 1) * cell.Width, size.Width);
        int top = firstRow * cell.Height, bottom = Math.Min(endRow * cell.Height, size.Height);
        var pixels = new uint[(right - left) * (bottom - top)];
        for (int y = top; y < bottom; y++)
        {
            next.AsSpan((y * size.Width) + left, right - left).CopyTo(pixels.AsSpan((y - top) * (right - left)));
        }
        to.Append(CultureInfo.InvariantCulture, $"\x1b[{firstRow + 1};{cells.First + 1}H");
        format.Append(to, firstRow, pixels, right - left);
    }
}
