using System.Globalization;
using Emulator.Machine.Config;

namespace Emulator.Remote.Display;

/// <summary>
/// What a terminal says about its graphics when it is asked: kitty's graphics query, the size of a cell in pixels (xterm's CSI 16 t), and the
/// primary device attributes (DEC VT340: 4 is sixel graphics). Every terminal answers the last, so it also says that no more answers come.
/// </summary>
public sealed class TerminalAnswers
{
    /// <summary>What is to be sent.</summary>
    public const string Question = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[16t\x1b[c";

    private const string SixelAttribute = "4", CellSizeReport = "6";
    private const int LargestCell = 256;

    private bool hasKitty;

    /// <summary>The best that the terminal has; <see cref="TerminalGraphics.Blocks"/> until it says more.</summary>
    public TerminalGraphics Graphics { get; private set; } = TerminalGraphics.Blocks;

    /// <summary>Pixels of a cell; null when the terminal does not tell.</summary>
    public (int Width, int Height)? Cell { get; private set; }

    /// <summary>All answers are there.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>Takes a sequence that came from the terminal, without its ESC (and without APC's ESC \).</summary>
    /// <returns>True when it was an answer.</returns>
    public bool Take(ReadOnlySpan<char> sequence)
    {
        if (sequence.StartsWith("_G"))
        {
            hasKitty |= sequence.EndsWith(";OK");
            return true;
        }
        if (sequence.StartsWith("[?") && sequence[^1] == 'c')
        {
            bool hasSixel = sequence[2..^1].ToString().Split(';').Skip(1).Contains(SixelAttribute);
            Graphics = hasKitty ? TerminalGraphics.Kitty : hasSixel ? TerminalGraphics.Sixel : TerminalGraphics.Blocks;
            IsComplete = true;
            return true;
        }
        if (sequence.Length > 2 && sequence[0] == '[' && sequence[^1] == 't')
        {
            string[] numbers = sequence[1..^1].ToString().Split(';');
            if (numbers.Length == 3 && numbers[0] == CellSizeReport && Pixels(numbers[1]) is int height && Pixels(numbers[2]) is int width)
            {
                Cell = (width, height);
            }
            return true;
        }
        return false;
    }

    private static int? Pixels(string digits) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= LargestCell ? number : null;
}
