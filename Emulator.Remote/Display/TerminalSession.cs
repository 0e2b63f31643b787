using System.Text;
using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Display;

/// <summary>
/// A person at a terminal that shows the guest's screen: keys go to the guest, but for those behind the escape byte (Ctrl-a unless
/// told otherwise), which are for the program; the last row says so. Machine thread.
/// </summary>
public sealed class TerminalSession : ICharReceiver, IDisposable
{
    // Silence after which a lone ESC is the Escape key; how long the hint covers a row that the guest's screen needs.
    private const long EscapeMs = 50, HintMs = 3000;
    private const int TextRows = 25;

    // Frames of pixels are long, and take the machine's thread while they are made.
    private const long PixelsMs = 100;

    // Faster than anybody types, slow enough for guests that poll.
    private const long KeyNs = 4_000_000;

    private readonly TextWriter output;
    private readonly IScreen screen;
    private readonly KeyQueue keys;
    private readonly byte escape;
    private readonly Action quit;
    private readonly TerminalKeyDecoder decoder;
    private readonly TerminalAnswers answers = new();
    private readonly TerminalDisplay display;
    private (int Columns, int Rows) size;
    private bool hintShown = true, helpShown, escaped;
    private TerminalGraphics graphics = TerminalGraphics.Blocks;
    private (int Width, int Height) cell;
    private bool asked, answered;
    private long nowMs, lastByteMs, nextPixelsMs;
    private long? startMs;

    /// <summary>Takes the terminal over.</summary>
    /// <param name="output">Leads to the terminal; flushed, not closed.</param>
    /// <param name="size">Columns and rows of the terminal.</param>
    /// <param name="colours">What the terminal has.</param>
    /// <param name="screen">What is shown.</param>
    /// <param name="keys">Where keys go.</param>
    /// <param name="escape">The byte that starts a command.</param>
    /// <param name="quit">Ends the program.</param>
    public TerminalSession(
        TextWriter output, (int Columns, int Rows) size, TerminalColours colours, IScreen screen, KeyQueue keys, byte escape, Action quit)
    {
        this.output = output;
        this.size = size;
        this.screen = screen;
        this.keys = keys;
        this.escape = escape;
        this.quit = quit;
        decoder = new TerminalKeyDecoder(chord => keys.Strike(chord.Keys, KeyNs), answers);
        display = new TerminalDisplay(output, size.Columns, PictureRows, colours) { Footer = Hint };
        DrawHint();
    }

    /// <summary>Shows graphics modes as pixels where the terminal can: asks it.</summary>
    /// <param name="wanted">A way that is taken without asking, or <see cref="TerminalGraphics.Auto"/>.</param>
    /// <param name="cellPixels">Pixels of a cell, if the terminal does not tell.</param>
    public void ShowPixels(TerminalGraphics wanted, (int Width, int Height) cellPixels)
    {
        (graphics, cell) = (wanted, cellPixels);
        if (wanted != TerminalGraphics.Blocks)
        {
            UsePixels();
            asked = true;
            output.Write(TerminalAnswers.Question);
            output.Flush();
        }
    }

    /// <summary>True when the terminal was asked what it can show and has not said all: its answers are still to be read, lest the shell gets them.</summary>
    public bool AwaitsAnswers => asked && !answered;

    /// <summary>True while the end of a key's bytes is waited for: <see cref="Tick"/> must come.</summary>
    public bool IsKeyPending => decoder.IsPending;

    /// <inheritdoc/>
    public int Room => int.MaxValue;

    private string EscapeName => escape is > 0 and <= 26 ? $"Ctrl-{(char)('a' + escape - 1)}" : $"0x{escape:x2}";

    private int PictureRows => Math.Max(size.Rows - (hintShown ? 1 : 0), 1);

    /// <summary>Brings the terminal up to date. To be called about 25 times a second.</summary>
    /// <param name="hostMs">The host's time, ms.</param>
    public void Tick(long hostMs)
    {
        nowMs = hostMs;
        startMs ??= hostMs;
        if (decoder.IsPending && hostMs - lastByteMs >= EscapeMs)
        {
            decoder.Flush();
        }
        if (hintShown && size.Rows <= TextRows && hostMs - startMs >= HintMs)
        {
            hintShown = false;
            display.Resize(size.Columns, PictureRows);
        }
        if (helpShown)
        {
            return;
        }
        bool pixels = graphics is TerminalGraphics.Sixel or TerminalGraphics.Kitty && screen.ReadText() is null;
        if (!pixels || hostMs >= nextPixelsMs)
        {
            nextPixelsMs = hostMs + PixelsMs;
            display.Refresh(screen);
        }
    }

    /// <summary>The terminal has another size, or somebody else wrote on it: everything is drawn anew.</summary>
    public void Resize(int columns, int rows)
    {
        size = (columns, rows);
        hintShown |= rows > TextRows;
        helpShown = false;
        display.Resize(columns, PictureRows);
        UsePixels();
        DrawHint();
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> data)
    {
        lastByteMs = nowMs;
        foreach (byte b in data)
        {
            Receive(b);
        }
        if (answers.IsComplete && !answered)
        {
            answered = true;
            graphics = graphics == TerminalGraphics.Auto ? answers.Graphics : graphics;
            cell = answers.Cell ?? cell;
            UsePixels();
            DrawHint();
        }
    }

    /// <summary>Gives the terminal back.</summary>
    public void Dispose() => display.Dispose();

    private void Receive(byte b)
    {
        if (helpShown)
        {
            Resize(size.Columns, size.Rows);
        }
        else if (escaped)
        {
            escaped = false;
            Command(b);
        }
        else if (b == escape)
        {
            escaped = true;
        }
        else
        {
            decoder.Feed([b]);
        }
    }

    private void Command(byte b)
    {
        switch (b)
        {
            case (byte)'x':
                quit();
                break;
            case (byte)'h' or (byte)'?':
                ShowHelp();
                break;
            case (byte)'d':
                keys.Strike(["ctrl", "alt", "delete"], KeyNs);
                break;
            case var _ when b == escape:
                decoder.Feed([b]);
                break;
        }
    }

    private void UsePixels() => display.UsePixels(graphics, size.Columns, size.Rows - 1, cell);

    private void ShowHelp()
    {
        helpShown = true;
        display.RemovePixels();
        string c = EscapeName;
        string[] lines =
        [
            "The keys of this terminal go to the guest, except:", "",
            $"{c} h       this help", $"{c} x       end the program", $"{c} d       send Ctrl-Alt-Del", $"{c} {c}  send {c}", "",
            "Any key goes on.",
        ];
        var text = new StringBuilder("\x1b[?25l\x1b[0m\x1b[2J");
        for (int row = 0; row < Math.Min(lines.Length, size.Rows); row++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\x1b[{row + 1};1H{Cut(lines[row])}");
        }
        output.Write(text.ToString());
        output.Flush();
    }

    private void DrawHint()
    {
        output.Write(Hint());
        output.Flush();
    }

    private string Hint()
    {
        if (!hintShown)
        {
            return "";
        }
        string hint = Cut($" {EscapeName} x ends emu, {EscapeName} h helps");
        return $"\x1b[{size.Rows};1H\x1b[0;7m{hint.PadRight(Math.Max(size.Columns - 1, 0))}\x1b[0m";
    }

    private string Cut(string text) => text.Length < size.Columns ? text : text[..Math.Max(size.Columns - 1, 0)];
}
