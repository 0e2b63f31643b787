using System.Globalization;
using System.Text;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Display;

/// <summary>
/// A display adapter's picture live in an ANSI terminal (ECMA-48; alternate screen and cursor visibility as xterm has them). Only cells
/// that changed since the last refresh are written. The terminal's raw mode is somebody else's business.
/// </summary>
public sealed class TerminalDisplay : IDisposable
{
    private const string Enter = "\x1b[?1049h\x1b[?25l\x1b[0m\x1b[2J", Leave = "\x1b[0m\x1b[?25h\x1b[?1049l";

    private readonly TextWriter output;
    private readonly TerminalPalette palette;
    private readonly StringBuilder frame = new();
    private TerminalPicture picture;
    private TerminalPixels? pixels;
    private bool arePixelsShown;
    private TerminalCell?[] shown;
    private TerminalCell? pen;
    private (int Column, int Row)? shownCursor;
    private (int Column, int Row)? position;
    private bool disposed;

    /// <summary>Takes the terminal over: alternate screen, cleared, cursor hidden.</summary>
    /// <param name="output">Leads to the terminal in UTF-8; flushed at every refresh, not closed.</param>
    /// <param name="columns">Width of the terminal in cells.</param>
    /// <param name="rows">Height of the terminal in cells.</param>
    /// <param name="colours">What the terminal has; see <see cref="TerminalPalette.Detect"/>.</param>
    public TerminalDisplay(TextWriter output, int columns, int rows, TerminalColours colours)
    {
        this.output = output;
        palette = new TerminalPalette(colours);
        picture = new TerminalPicture(Math.Max(columns, 1), Math.Max(rows, 1));
        shown = new TerminalCell?[picture.Cells.Length];
        Send(Enter);
    }

    /// <summary>What stands below the picture, with its place: written again whenever the screen was cleared.</summary>
    public Func<string>? Footer { get; set; }

    /// <summary>Shows graphics modes as pixels from now on.</summary>
    /// <param name="graphics">Sixel or Kitty; else by characters again.</param>
    /// <param name="columns">Cells in a row.</param>
    /// <param name="rows">Rows that pictures may cover: all of the terminal's but the last.</param>
    /// <param name="cell">Pixels of a cell.</param>
    public void UsePixels(TerminalGraphics graphics, int columns, int rows, (int Width, int Height) cell)
    {
        RemovePixels();
        ITerminalPixelFormat? format = graphics switch
        {
            TerminalGraphics.Sixel => new SixelFormat(),
            TerminalGraphics.Kitty => new KittyFormat(),
            _ => null,
        };
        pixels = format is null ? null : new TerminalPixels(format, Math.Max(columns, 1), Math.Max(rows, 1), cell);
    }

    /// <summary>Takes a picture of pixels off the screen; the next refresh draws it again.</summary>
    public void RemovePixels()
    {
        if (pixels is not null && arePixelsShown)
        {
            arePixelsShown = false;
            pixels.Forget();
            Send(pixels.Clear + Wipe());
        }
    }

    /// <summary>The terminal has another size now: everything is drawn anew at the next refresh.</summary>
    public void Resize(int columns, int rows)
    {
        RemovePixels();
        picture = new TerminalPicture(Math.Max(columns, 1), Math.Max(rows, 1));
        shown = new TerminalCell?[picture.Cells.Length];
        Send(Wipe());
    }

    /// <summary>Brings the terminal up to date with <paramref name="screen"/>. To be called on the machine thread.</summary>
    public void Refresh(IScreen screen)
    {
        if (disposed)
        {
            return;
        }
        frame.Clear();
        if (pixels is not null && screen.ReadText() is null)
        {
            RefreshPixels(pixels, screen);
            return;
        }
        RemovePixels();
        picture.Take(screen);
        for (int i = 0; i < shown.Length; i++)
        {
            if (picture.Cells[i] != shown[i])
            {
                Draw(i % picture.Columns, i / picture.Columns, picture.Cells[i]);
                shown[i] = picture.Cells[i];
            }
        }
        PlaceCursor();
        if (frame.Length > 0)
        {
            Send(frame.ToString());
        }
    }

    /// <summary>Gives the terminal back as it was: colours, cursor, main screen.</summary>
    public void Dispose()
    {
        if (!disposed)
        {
            disposed = true;
            Send((arePixelsShown ? pixels?.Clear : "") + Leave);
        }
    }

    private void RefreshPixels(TerminalPixels shownPixels, IScreen screen)
    {
        if (shownPixels.Draw(screen, frame))
        {
            frame.Insert(0, shownPixels.Clear + Wipe());
        }
        arePixelsShown = true;
        if (frame.Length > 0)
        {
            Send(frame.ToString());
        }
    }

    // What clears the screen, and forgets what is on it.
    private string Wipe()
    {
        Array.Clear(shown);
        (pen, position, shownCursor) = (null, null, null);
        return "\x1b[?25l\x1b[0m\x1b[2J" + Footer?.Invoke();
    }

    private void Draw(int column, int row, TerminalCell cell)
    {
        if (shownCursor is not null)
        {
            // Hidden while it would jump about.
            frame.Append("\x1b[?25l");
            shownCursor = null;
        }
        if (position != (column, row))
        {
            MoveTo(column, row);
        }
        if (pen is not { } now || now.Foreground != cell.Foreground || now.Background != cell.Background || now.Blink != cell.Blink)
        {
            frame.Append(CultureInfo.InvariantCulture,
                $"\x1b[0;{(cell.Blink ? "5;" : "")}{palette.Sgr(cell.Foreground, false)};{palette.Sgr(cell.Background, true)}m");
            pen = cell;
        }
        frame.Append(cell.Glyph);

        // After the last column terminals differ in where they say the cursor is.
        position = column + 1 < picture.Columns ? (column + 1, row) : null;
    }

    private void PlaceCursor()
    {
        if (picture.Cursor == shownCursor)
        {
            return;
        }
        if (picture.Cursor is { } cursor)
        {
            MoveTo(cursor.Column, cursor.Row);
            position = cursor;
            frame.Append(shownCursor is null ? "\x1b[?25h" : "");
        }
        else
        {
            frame.Append("\x1b[?25l");
        }
        shownCursor = picture.Cursor;
    }

    private void MoveTo(int column, int row) => frame.Append(CultureInfo.InvariantCulture, $"\x1b[{row + 1};{column + 1}H");

    private void Send(string text)
    {
        output.Write(text);
        output.Flush();
    }
}
