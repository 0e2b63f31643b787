using System.Globalization;

namespace Emulator.Tests.Video;

/// <summary>
/// Just enough of a terminal to see what TerminalDisplay makes of one: cursor positioning, SGR, characters, private modes.
/// </summary>
internal sealed class AnsiScreen(int columns, int rows) : StringWriter(CultureInfo.InvariantCulture)
{
    private string sgr = "";
    private int column, row;

    public (char Glyph, string Sgr)[,] Cells { get; } = new (char, string)[rows, columns];

    public bool AlternateScreen { get; private set; }

    public bool CursorVisible { get; private set; } = true;

    public (int Column, int Row) Cursor => (column, row);

    public int Printed { get; private set; }

    /// <summary>Works off what was written since the last call.</summary>
    public void Process()
    {
        string text = ToString();
        GetStringBuilder().Clear();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\x1b')
            {
                Cells[row, column] = (text[i], sgr);
                Printed++;
                column = Math.Min(column + 1, columns - 1);
                continue;
            }
            int start = i + 2;
            i = start;
            while (text[i] is < '@' or > '~')
            {
                i++;
            }
            Control(text[start..i], text[i]);
        }
    }

    public string Row(int index) => new([.. Enumerable.Range(0, columns).Select(x => Cells[index, x].Glyph)]);

    private void Control(string parameters, char final)
    {
        switch (final)
        {
            case 'H':
                int[] at = [.. parameters.Split(';').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
                (row, column) = (at[0] - 1, at[1] - 1);
                break;
            case 'm':
                sgr = parameters;
                break;
            case 'J':
                Array.Clear(Cells);
                break;
            case 'h' or 'l':
                AlternateScreen = parameters == "?1049" ? final == 'h' : AlternateScreen;
                CursorVisible = parameters == "?25" ? final == 'h' : CursorVisible;
                break;
            default:
                throw new InvalidOperationException($"unknown control {parameters}{final}");
        }
    }
}
