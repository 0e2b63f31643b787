using System.Globalization;
using System.Text;

namespace Emulator.Remote.Display;

/// <summary>
/// DEC's sixels (VT330/VT340 Programmer Reference, volume 2, chapter 14): bands of six lines, each colour of a band in turn. Colours are percent.
/// A picture of more than 256 colours is drawn in those of a 6x7x6 cube.
/// </summary>
internal sealed class SixelFormat : ITerminalPixelFormat
{
    private const int MostColours = 256, BandLines = 6, ShortestRun = 4;
    private const char Blank = '?';

    private readonly Dictionary<uint, int> registers = [];

    /// <inheritdoc/>
    public bool HasWholeRows => false;

    /// <inheritdoc/>
    public string Clear => "";

    /// <inheritdoc/>
    public void Append(StringBuilder to, int row, ReadOnlySpan<uint> pixels, int width)
    {
        int height = pixels.Length / width;
        int[] colours = Number(pixels);
        // Dots that are in no colour stay as they are.
        to.Append(CultureInfo.InvariantCulture, $"\x1bP0;1;0q\"1;1;{width};{height}");
        foreach ((uint colour, int register) in registers)
        {
            to.Append(CultureInfo.InvariantCulture, $"#{register};2;{colour >> 16};{(byte)(colour >> 8)};{(byte)colour}");
        }
        var bits = new byte[registers.Count * width];
        for (int y = 0; y < height; y += BandLines)
        {
            AppendBand(to, colours.AsSpan(y * width, Math.Min(BandLines, height - y) * width), width, bits);
            to.Append('-');
        }
        to.Append("\x1b\\");
    }

    // Bits has a line of sixels for each register, empty before and after.
    private void AppendBand(StringBuilder to, ReadOnlySpan<int> colours, int width, byte[] bits)
    {
        Span<bool> used = stackalloc bool[MostColours];
        for (int i = 0; i < colours.Length; i++)
        {
            used[colours[i]] = true;
            bits[(colours[i] * width) + (i % width)] |= (byte)(1 << (i / width));
        }
        bool first = true;
        for (int register = 0; register < registers.Count; register++)
        {
            if (!used[register])
            {
                continue;
            }
            Span<byte> line = bits.AsSpan(register * width, width);
            to.Append(first ? "" : "$").Append(CultureInfo.InvariantCulture, $"#{register}");
            first = false;
            AppendRuns(to, line.TrimEnd((byte)0));
            line.Clear();
        }
    }

    private static void AppendRuns(StringBuilder to, ReadOnlySpan<byte> bits)
    {
        for (int x = 0; x < bits.Length;)
        {
            int run = 1;
            while (x + run < bits.Length && bits[x + run] == bits[x])
            {
                run++;
            }
            char sixel = (char)(Blank + bits[x]);
            if (run < ShortestRun)
            {
                to.Append(sixel, run);
            }
            else
            {
                to.Append(CultureInfo.InvariantCulture, $"!{run}{sixel}");
            }
            x += run;
        }
    }

    // Gives every colour a register, and returns the pixels' registers.
    private int[] Number(ReadOnlySpan<uint> pixels)
    {
        var numbers = new int[pixels.Length];
        if (!TryNumber(pixels, numbers, Percent))
        {
            TryNumber(pixels, numbers, InCube);
        }
        return numbers;
    }

    private bool TryNumber(ReadOnlySpan<uint> pixels, int[] numbers, Func<uint, uint> reduce)
    {
        registers.Clear();
        (uint last, int register) = (~0u, 0);
        for (int i = 0; i < numbers.Length; i++)
        {
            if (pixels[i] != last)
            {
                last = pixels[i];
                uint colour = reduce(last);
                if (!registers.TryGetValue(colour, out register))
                {
                    if (registers.Count == MostColours)
                    {
                        return false;
                    }
                    registers[colour] = register = registers.Count;
                }
            }
            numbers[i] = register;
        }
        return true;
    }

    private static uint Percent(uint colour) => Each(colour, 100, 100, 100);

    // The steps of the cube in percent: multiples of 20, of 16 2/3 for green.
    private static uint InCube(uint colour)
    {
        uint steps = Each(colour, 5, 6, 5);
        return ((steps >> 16) * 20 << 16) | (((((steps >> 8) & 0xFF) * 100) + 3) / 6 << 8) | ((steps & 0xFF) * 20);
    }

    private static uint Each(uint colour, uint red, uint green, uint blue) =>
        (Step(colour >> 16, red) << 16) | (Step(colour >> 8, green) << 8) | Step(colour, blue);

    private static uint Step(uint component, uint most) => (((component & 0xFF) * most) + 127) / 255;
}
