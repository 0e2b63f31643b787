using System.Globalization;
using System.IO.Compression;

namespace Emulator.Tests.Video;

/// <summary>
/// A terminal with pixels: cursor positioning, sixel pictures (VT330/VT340 Programmer Reference, chapter 14) and kitty's images, drawn on a canvas.
/// Sequences for text are ignored.
/// </summary>
internal sealed class PixelTerminal(int columns, int rows, int cellWidth, int cellHeight) : StringWriter(CultureInfo.InvariantCulture)
{
    private readonly List<byte> received = [];
    private int column, row;
    private (int Width, int Id) transfer;

    /// <summary>0xRRGGBB; null where nothing was drawn.</summary>
    public uint?[,] Canvas { get; private set; } = new uint?[rows * cellHeight, columns * cellWidth];

    /// <summary>Pixels drawn so far.</summary>
    public int Drawn { get; private set; }

    /// <summary>Pictures so far.</summary>
    public int Pictures { get; private set; }

    /// <summary>Kitty's images by number, with the row that they are in.</summary>
    public Dictionary<int, int> Images { get; } = [];

    /// <summary>Works off what was written since the last call.</summary>
    public void Process()
    {
        string text = ToString();
        GetStringBuilder().Clear();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\x1b')
            {
                continue;
            }
            char kind = text[++i];
            int start = ++i;
            if (kind == '[')
            {
                while (text[i] is < '@' or > '~')
                {
                    i++;
                }
                Control(text[start..i], text[i]);
                continue;
            }
            int end = text.IndexOf("\x1b\\", start, StringComparison.Ordinal);
            string body = text[start..end];
            i = end + 1;
            if (kind == 'P')
            {
                Sixel(body[(body.IndexOf('q', StringComparison.Ordinal) + 1)..]);
            }
            else if (kind == '_')
            {
                Kitty(body);
            }
        }
    }

    private void Control(string parameters, char final)
    {
        if (final == 'H')
        {
            int[] at = [.. parameters.Split(';').Select(p => int.Parse(p, CultureInfo.InvariantCulture))];
            (row, column) = (at[0] - 1, at[1] - 1);
        }
        else if (final == 'J')
        {
            Canvas = new uint?[rows * cellHeight, columns * cellWidth];
        }
    }

    private void Plot(int x, int y, uint colour)
    {
        Canvas[(row * cellHeight) + y, (column * cellWidth) + x] = colour;
        Drawn++;
    }

    private void Sixel(string body)
    {
        var registers = new Dictionary<int, uint>();
        (int x, int y, uint colour) = (0, 0, 0);
        Pictures++;
        for (int i = 0; i < body.Length;)
        {
            char c = body[i++];
            switch (c)
            {
                case '"':
                    Numbers(body, ref i);
                    break;
                case '#':
                    int[] numbers = Numbers(body, ref i);
                    if (numbers.Length == 5)
                    {
                        registers[numbers[0]] = (Level(numbers[2]) << 16) | (Level(numbers[3]) << 8) | Level(numbers[4]);
                    }
                    colour = registers[numbers[0]];
                    break;
                case '$':
                    x = 0;
                    break;
                case '-':
                    (x, y) = (0, y + 6);
                    break;
                case '!':
                    int run = Numbers(body, ref i)[0];
                    Column(ref x, y, body[i++], run, colour);
                    break;
                default:
                    Column(ref x, y, c, 1, colour);
                    break;
            }
        }
    }

    private void Column(ref int x, int y, char sixel, int run, uint colour)
    {
        for (; run > 0; run--, x++)
        {
            for (int bit = 0; bit < 6; bit++)
            {
                if (((sixel - '?') & (1 << bit)) != 0)
                {
                    Plot(x, y + bit, colour);
                }
            }
        }
    }

    private static uint Level(int percent) => (uint)(((percent * 255) + 50) / 100);

    private static int[] Numbers(string body, ref int i)
    {
        int start = i;
        while (i < body.Length && (char.IsAsciiDigit(body[i]) || body[i] == ';'))
        {
            i++;
        }
        return [.. body[start..i].Split(';').Select(n => int.Parse(n, CultureInfo.InvariantCulture))];
    }

    private void Kitty(string body)
    {
        int semicolon = body.IndexOf(';', StringComparison.Ordinal);
        Dictionary<string, string> keys = body[1..(semicolon < 0 ? body.Length : semicolon)].Split(',').Select(k => k.Split('=')).ToDictionary(k => k[0], k => k[1]);
        if (keys.GetValueOrDefault("a") == "d")
        {
            Images.Clear();
            return;
        }
        if (keys.GetValueOrDefault("a") == "q")
        {
            return;
        }
        if (keys.TryGetValue("s", out string? width))
        {
            transfer = (int.Parse(width, CultureInfo.InvariantCulture), int.Parse(keys["i"], CultureInfo.InvariantCulture));
            received.Clear();
        }
        received.AddRange(Convert.FromBase64String(body[(semicolon + 1)..]));
        if (keys["m"] == "1")
        {
            return;
        }
        using var zlib = new ZLibStream(new MemoryStream([.. received]), CompressionMode.Decompress);
        using var data = new MemoryStream();
        zlib.CopyTo(data);
        byte[] rgb = data.ToArray();
        Pictures++;
        Images[transfer.Id] = row;
        for (int i = 0; i < rgb.Length / 3; i++)
        {
            Plot(i % transfer.Width, i / transfer.Width, (uint)((rgb[i * 3] << 16) | (rgb[(i * 3) + 1] << 8) | rgb[(i * 3) + 2]));
        }
    }
}
