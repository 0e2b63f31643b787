using Emulator.Core.Time;
using Emulator.Machine.Config;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>How a terminal is asked for its graphics, and what comes of its answers.</summary>
public sealed class TerminalAnswersTests
{
    private const string KittyYes = "\x1b_Gi=31;OK\x1b\\", KittyNo = "\x1b_Gi=31;ENOTSUPPORTED:no graphics today, but a long sentence about it\x1b\\";

    private readonly List<string> keys = [];
    private readonly TerminalAnswers answers = new();

    [Theory]
    [InlineData("\x1b[?62;4;22c", TerminalGraphics.Sixel)]
    [InlineData("\x1b[?62;22c", TerminalGraphics.Blocks)]
    [InlineData("\x1b[?4c", TerminalGraphics.Blocks)]
    [InlineData(KittyYes + "\x1b[?62;4c", TerminalGraphics.Kitty)]
    [InlineData(KittyNo + "\x1b[?62;4c", TerminalGraphics.Sixel)]
    public void TheBestThatTheTerminalHasIsTaken(string sent, TerminalGraphics graphics)
    {
        Feed("a" + sent + "b");
        Assert.True(answers.IsComplete);
        Assert.Equal(graphics, answers.Graphics);
        Assert.Equal(["a", "b"], keys);
    }

    [Fact]
    public void TheSizeOfACellIsTold()
    {
        Feed("\x1b[6;0;9t");
        Assert.Null(answers.Cell);
        Feed("\x1b[6;17;9t");
        Assert.Equal((9, 17), answers.Cell);
        Feed("\x1b[4;600;800t");
        Assert.Equal((9, 17), answers.Cell);
        Assert.False(answers.IsComplete);
        Assert.Empty(keys);
    }

    [Fact]
    public void AltUnderscoreIsAKeyStill()
    {
        Feed("\x1b_x");
        Assert.Equal(["alt-shift-minus", "x"], keys);
        TerminalKeyDecoder decoder = Feed("\x1b_");
        decoder.Flush();
        Assert.Equal(["alt-shift-minus", "x", "alt-shift-minus"], keys);
        decoder = Feed("\x1b_Gi=31;O");
        decoder.Flush();
        Assert.Equal(3, keys.Count);
    }

    [Theory]
    [InlineData("\x1b[6;13;8t\x1b[?62;4c", 0, 1)]
    [InlineData(KittyYes + "\x1b[6;13;8t\x1b[?62c", 6, 6)]
    [InlineData("\x1b[?62c", 0, 0)]
    public void ASessionAsksAndDraws(string answer, int images, int pictures)
    {
        using var terminal = new PixelTerminal(20, 30, 8, 13);
        var queue = new KeyQueue(new EventQueue(new ManualClock()), new Silent(), () => 16);
        var screen = new StubScreen(150, 72, (x, _) => x < 75 ? 0xFF0000u : 0x00FF00);
        using var session = new TerminalSession(terminal, (20, 30), TerminalColours.TrueColour, screen, queue, 1, () => { });
        session.ShowPixels(TerminalGraphics.Auto, (10, 20));
        Assert.Contains(TerminalAnswers.Question, terminal.ToString());
        terminal.Process();
        session.Receive(System.Text.Encoding.ASCII.GetBytes(answer));
        session.Tick(0);
        string sent = terminal.ToString();
        Assert.True(sent.LastIndexOf("Ctrl-a x ends", StringComparison.Ordinal) > sent.LastIndexOf("\x1b[2J", StringComparison.Ordinal), "the hint is gone");
        terminal.Process();
        Assert.Equal((images, pictures), (terminal.Images.Count, terminal.Pictures));
        Assert.Equal(pictures > 0 ? 0xFF0000u : null, terminal.Canvas[71, 74]);
        // Not more often than ten times a second, and not when nothing changes.
        session.Tick(99);
        session.Tick(200);
        Assert.Equal("", terminal.ToString());
    }

    private TerminalKeyDecoder Feed(string bytes)
    {
        var decoder = new TerminalKeyDecoder(chord => keys.Add(chord.ToString()), answers);
        decoder.Feed(System.Text.Encoding.ASCII.GetBytes(bytes));
        return decoder;
    }

    private sealed class Silent : Emulator.Core.Backends.IKeyboardSink
    {
        public bool Knows(string name) => true;

        public void Key(string name, bool down)
        {
        }
    }
}
