using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>A text screen as text.</summary>
public static class ScreenText
{
    /// <summary>The rows in Unicode without the spaces at their ends.</summary>
    public static string[] Lines(TextScreen screen)
    {
        var lines = new string[screen.Rows];
        for (int row = 0; row < lines.Length; row++)
        {
            ReadOnlySpan<ushort> cells = screen.Cells.AsSpan(row * screen.Columns, screen.Columns);
            var line = new char[cells.Length];
            for (int column = 0; column < line.Length; column++)
            {
                line[column] = CodePage437.ToUnicode((byte)cells[column]);
            }
            lines[row] = new string(line).TrimEnd(' ');
        }
        return lines;
    }

    /// <summary>The rows of what <paramref name="screen"/> shows; null in graphics modes.</summary>
    public static string[]? Lines(IScreen screen) => screen.ReadText() is { } text ? Lines(text) : null;
}
