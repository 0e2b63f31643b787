using System.Globalization;

namespace Emulator.Remote.Display;

/// <summary>Colours as SGR parameters (ECMA-48 8.3.117, and xterm's 38/48 extensions) in what the terminal has.</summary>
public sealed class TerminalPalette(TerminalColours colours)
{
    private const int CubeBase = 16, GreyBase = 232;

    // The 16 colours as the VGA's default palette has them, in ANSI order (red is 1, blue 4).
    private static readonly uint[] Ansi =
    [
        0x000000, 0xAA0000, 0x00AA00, 0xAA5500, 0x0000AA, 0xAA00AA, 0x00AAAA, 0xAAAAAA,
        0x555555, 0xFF5555, 0x55FF55, 0xFFFF55, 0x5555FF, 0xFF55FF, 0x55FFFF, 0xFFFFFF,
    ];

    private static readonly int[] CubeLevels = [0, 95, 135, 175, 215, 255];

    private readonly Dictionary<(uint Colour, bool Background), string> known = [];

    /// <summary>What the environment variables COLORTERM and TERM promise.</summary>
    public static TerminalColours Detect(string? colorTerm, string? term) =>
        colorTerm is "truecolor" or "24bit" || (term?.EndsWith("-direct", StringComparison.Ordinal) ?? false) ? TerminalColours.TrueColour
        : term?.Contains("256color", StringComparison.Ordinal) ?? false ? TerminalColours.Indexed256
        : TerminalColours.Ansi16;

    /// <summary>The SGR parameters that set <paramref name="colour"/> (0xRRGGBB; higher bits are ignored).</summary>
    public string Sgr(uint colour, bool background)
    {
        colour &= 0xFFFFFF;
        if (colours == TerminalColours.TrueColour)
        {
            return string.Create(
                CultureInfo.InvariantCulture, $"{(background ? 48 : 38)};2;{colour >> 16};{(byte)(colour >> 8)};{(byte)colour}");
        }
        if (!known.TryGetValue((colour, background), out string? sgr))
        {
            sgr = known[(colour, background)] = Nearest(colour, background);
        }
        return sgr;
    }

    private string Nearest(uint colour, bool background)
    {
        if (colours == TerminalColours.Ansi16)
        {
            int ansi = Enumerable.Range(0, Ansi.Length).MinBy(i => Distance(Ansi[i], colour));
            int code = ansi < 8 ? 30 + ansi : 90 + ansi - 8;
            return (background ? code + 10 : code).ToString(CultureInfo.InvariantCulture);
        }
        int index = Enumerable.Range(CubeBase, 256 - CubeBase).MinBy(i => Distance(Indexed(i), colour));
        return string.Create(CultureInfo.InvariantCulture, $"{(background ? 48 : 38)};5;{index}");
    }

    private static uint Indexed(int index)
    {
        if (index >= GreyBase)
        {
            return (uint)(8 + ((index - GreyBase) * 10)) * 0x010101;
        }
        int at = index - CubeBase;
        return (uint)((CubeLevels[at / 36] << 16) | (CubeLevels[at / 6 % 6] << 8) | CubeLevels[at % 6]);
    }

    private static int Distance(uint a, uint b)
    {
        int red = (int)((a >> 16) & 0xFF) - (int)((b >> 16) & 0xFF), green = (int)((a >> 8) & 0xFF) - (int)((b >> 8) & 0xFF);
        int blue = (int)(a & 0xFF) - (int)(b & 0xFF);
        return (red * red * 3) + (green * green * 4) + (blue * blue * 2);
    }
}
