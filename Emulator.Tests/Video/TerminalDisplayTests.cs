using Emulator.Core.Backends;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

public sealed class TerminalDisplayTests
{
    [Fact]
    public void TakesTheTerminalOverAndGivesItBack()
    {
        var terminal = new AnsiScreen(80, 25);
        var display = new TerminalDisplay(terminal, 80, 25, TerminalColours.Ansi16);
        terminal.Process();
        Assert.True(terminal.AlternateScreen);
        Assert.False(terminal.CursorVisible);
        display.Dispose();
        terminal.Process();
        Assert.False(terminal.AlternateScreen);
        Assert.True(terminal.CursorVisible);
        display.Refresh(StubScreen.OfText(StubScreen.Blank(80, 25)));
        display.Dispose();
        Assert.Equal("", terminal.ToString());
    }

    [Fact]
    public void ShowsCellsInColourAndTheCursor()
    {
        var terminal = new AnsiScreen(80, 25);
        using var display = new TerminalDisplay(terminal, 80, 25, TerminalColours.Ansi16);
        TextScreen text = StubScreen.Blank(80, 25) with { CursorColumn = 7, CursorRow = 3 };
        text.Cells[(2 * 80) + 5] = 0x1E41;
        text.Cells[(24 * 80) + 79] = 0xF0DB;
        display.Refresh(StubScreen.OfText(text));
        terminal.Process();
        Assert.Equal(('A', "0;93;44"), terminal.Cells[2, 5]);
        Assert.Equal(('█', "0;30;107"), terminal.Cells[24, 79]);
        Assert.Equal((' ', "0;37;40"), terminal.Cells[0, 0]);
        Assert.True(terminal.CursorVisible);
        Assert.Equal((7, 3), terminal.Cursor);
    }

    [Fact]
    public void WritesOnlyWhatChanged()
    {
        var terminal = new AnsiScreen(80, 25);
        using var display = new TerminalDisplay(terminal, 80, 25, TerminalColours.TrueColour);
        TextScreen text = StubScreen.Blank(80, 25) with { CursorColumn = 0, CursorRow = 0 };
        StubScreen screen = StubScreen.OfText(text);
        display.Refresh(screen);
        terminal.Process();
        int before = terminal.Printed;
        Assert.Equal(80 * 25, before);
        display.Refresh(screen);
        Assert.Equal("", terminal.ToString());
        text.Cells[100] = 0x0742;
        display.Refresh(screen);
        terminal.Process();
        Assert.Equal(1, terminal.Printed - before);
        Assert.Equal(('B', "0;38;2;170;170;170;48;2;0;0;0"), terminal.Cells[1, 20]);
        Assert.True(terminal.CursorVisible);
        Assert.Equal((0, 0), terminal.Cursor);

        screen.Text = text with { CursorColumn = 4, CursorRow = 9 };
        display.Refresh(screen);
        Assert.Equal("\x1b[10;5H", terminal.ToString());
        screen.Text = text with { CursorColumn = -1, CursorRow = -1 };
        terminal.Process();
        display.Refresh(screen);
        Assert.Equal("\x1b[?25l", terminal.ToString());
    }

    [Theory]
    [InlineData(true, "0;5;37;41")]
    [InlineData(false, "0;37;101")]
    public void AttributeBit7BlinksOrBrightens(bool blink, string sgr)
    {
        var terminal = new AnsiScreen(80, 25);
        using var display = new TerminalDisplay(terminal, 80, 25, TerminalColours.Ansi16);
        TextScreen text = StubScreen.Blank(80, 25, blink);
        text.Cells[0] = 0xC741;
        display.Refresh(StubScreen.OfText(text));
        terminal.Process();
        Assert.Equal(('A', sgr), terminal.Cells[0, 0]);
    }

    [Fact]
    public void ASmallTerminalFollowsTheCursor()
    {
        var terminal = new AnsiScreen(20, 10);
        using var display = new TerminalDisplay(terminal, 20, 10, TerminalColours.Ansi16);
        TextScreen text = StubScreen.Blank(80, 25) with { CursorColumn = 2, CursorRow = 24 };
        for (int row = 0; row < 25; row++)
        {
            text.Cells[row * 80] = (ushort)(0x0700 + 'a' + row);
        }
        display.Refresh(StubScreen.OfText(text));
        terminal.Process();
        Assert.Equal(('p', 'y'), (terminal.Cells[0, 0].Glyph, terminal.Cells[9, 0].Glyph));
        Assert.Equal((2, 9), terminal.Cursor);
        display.Refresh(StubScreen.OfText(text with { CursorRow = 1 }));
        terminal.Process();
        Assert.Equal(('b', (2, 0)), (terminal.Cells[0, 0].Glyph, terminal.Cursor));
    }

    [Fact]
    public void ResizeDrawsEverythingAnew()
    {
        var terminal = new AnsiScreen(80, 25);
        using var display = new TerminalDisplay(terminal, 40, 10, TerminalColours.Ansi16);
        StubScreen screen = StubScreen.OfText(StubScreen.Blank(80, 25));
        display.Refresh(screen);
        display.Resize(80, 25);
        terminal.Process();
        int before = terminal.Printed;
        display.Refresh(screen);
        terminal.Process();
        Assert.Equal(80 * 25, terminal.Printed - before);
    }

    [Fact]
    public void GraphicsBecomeHalfBlocks()
    {
        var terminal = new AnsiScreen(80, 25);
        using var display = new TerminalDisplay(terminal, 80, 25, TerminalColours.TrueColour);

        // 640x400 onto 80x50 half cells: blocks of 8x8 pixels, upper ones of a cell red by column, lower ones blue by row.
        display.Refresh(new StubScreen(640, 400, (x, y) => (y / 8 % 2) == 0 ? (uint)(x / 8) << 16 : (uint)(y / 8)));
        terminal.Process();
        Assert.Equal(('▀', "0;38;2;0;0;0;48;2;0;0;1"), terminal.Cells[0, 0]);
        Assert.Equal(('▀', "0;38;2;79;0;0;48;2;0;0;49"), terminal.Cells[24, 79]);
        Assert.False(terminal.CursorVisible);
    }

    [Fact]
    public void GraphicsKeepTheirShapeAndAreAveraged()
    {
        var terminal = new AnsiScreen(20, 20);
        using var display = new TerminalDisplay(terminal, 20, 20, TerminalColours.TrueColour);
        display.Refresh(new StubScreen(40, 40, (x, y) => ((x ^ y) & 1) != 0 ? 0xFFFFFFu : 0u));
        terminal.Process();
        Assert.Equal(('▀', "0;38;2;127;127;127;48;2;127;127;127"), terminal.Cells[9, 19]);
        Assert.Equal(' ', terminal.Cells[10, 0].Glyph);
    }

    [Theory]
    [InlineData("truecolor", "xterm", TerminalColours.TrueColour)]
    [InlineData("24bit", null, TerminalColours.TrueColour)]
    [InlineData(null, "xterm-direct", TerminalColours.TrueColour)]
    [InlineData(null, "xterm-256color", TerminalColours.Indexed256)]
    [InlineData(null, "linux", TerminalColours.Ansi16)]
    [InlineData(null, null, TerminalColours.Ansi16)]
    public void ColoursAreDetected(string? colorTerm, string? term, TerminalColours colours) =>
        Assert.Equal(colours, TerminalPalette.Detect(colorTerm, term));

    [Theory]
    [InlineData(TerminalColours.Ansi16, 0xAA5500, "33")]
    [InlineData(TerminalColours.Ansi16, 0xFFFF50, "93")]
    [InlineData(TerminalColours.Indexed256, 0x000000, "38;5;16")]
    [InlineData(TerminalColours.Indexed256, 0xFF0000, "38;5;196")]
    [InlineData(TerminalColours.Indexed256, 0x080808, "38;5;232")]
    [InlineData(TerminalColours.TrueColour, 0x123456, "38;2;18;52;86")]
    public void ColoursBecomeTheNearestThatThereIs(TerminalColours colours, uint colour, string sgr) =>
        Assert.Equal(sgr, new TerminalPalette(colours).Sgr(0xFF000000 | colour, background: false));

    [Fact]
    public void TheScreenOfAnAdapterIsReadableText()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        for (int i = 0; i < 80 * 25; i++)
        {
            machine.PokeWord(0xB8000 + (i * 2), 0x0720);
        }
        byte[] code = [0xC9, 0xCD, 0xBB, 0x20, 0x47, 0x72, 0x81, 0xE1, 0x65, 0x01, 0xFF, 0x00];
        for (int i = 0; i < code.Length; i++)
        {
            machine.PokeWord(0xB8000 + ((80 + i) * 2), 0x0700 | code[i]);
        }
        string[] lines = ScreenText.Lines(machine.Vga)!;
        Assert.Equal(25, lines.Length);
        Assert.Equal("", lines[0]);
        Assert.Equal("╔═╗ Grüße☺", lines[1]);
        machine.SetMode(VgaMode.Mode13);
        Assert.Null(ScreenText.Lines(machine.Vga));
    }

    [Fact]
    public void CodePage437Has256CharactersAndOnlyTheBlanksTwice()
    {
        char[] all = [.. Enumerable.Range(0, 256).Select(code => CodePage437.ToUnicode((byte)code))];
        Assert.Equal(254, all.Distinct().Count());
        Assert.Equal(3, all.Count(c => c == ' '));
        for (int code = 0x20; code < 0x7F; code++)
        {
            Assert.Equal((char)code, all[code]);
        }
        Assert.Equal(('⌂', 'Ç', '░', '█', 'α', '■'), (all[0x7F], all[0x80], all[0xB0], all[0xDB], all[0xE0], all[0xFE]));
    }
}
