using Emulator.Machine.Config;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>Graphics modes in terminals that have pixels.</summary>
public sealed class TerminalPixelsTests
{
    private static readonly (int Width, int Height) Cell = (8, 13);

    private uint[] picture = [];
    private int width, height;

    [Theory]
    [InlineData("Sixel")]
    [InlineData("Kitty")]
    public void APictureIsShownPixelByPixel(string graphics)
    {
        using var terminal = new PixelTerminal(20, 10, Cell.Width, Cell.Height);
        using TerminalDisplay display = Make(terminal, graphics, 20, 9);
        Fill(150, 100, (x, y) => (uint)(((x & 7) * 0x240000) | ((y & 3) * 0x5500) | ((x / 50) * 0x70)));
        Refresh(display);
        terminal.Process();
        // Sixel's colours are percent.
        AssertShown(terminal, graphics == "Sixel" ? 2 : 0, (x, y) => picture[(y * 150) + x], 150, 100);
    }

    [Theory]
    [InlineData("Sixel", 1, 8 * 13)]
    [InlineData("Kitty", 1, 150 * 13)]
    public void OnlyWhatChangedIsSent(string graphics, int pictures, int pixels)
    {
        using var terminal = new PixelTerminal(20, 10, Cell.Width, Cell.Height);
        using TerminalDisplay display = Make(terminal, graphics, 20, 9);
        Fill(150, 100, (x, y) => (uint)(x / 10 * 0x100010));
        Refresh(display);
        terminal.Process();
        Refresh(display);
        Assert.Equal("", terminal.ToString());
        (int before, int drawn) = (terminal.Pictures, terminal.Drawn);
        picture[(30 * 150) + 77] = 0xFFFFFF;
        Refresh(display);
        terminal.Process();
        Assert.Equal((pictures, pixels), (terminal.Pictures - before, terminal.Drawn - drawn));
        Assert.Equal(0xFFFFFFu, terminal.Canvas[30, 77]);
        AssertShown(terminal, 2, (x, y) => picture[(y * 150) + x], 150, 100);
    }

    [Fact]
    public void ManyColoursAreTheNearestOfACube()
    {
        using var terminal = new PixelTerminal(20, 10, Cell.Width, Cell.Height);
        using TerminalDisplay display = Make(terminal, "Sixel", 20, 9);
        Fill(120, 90, (x, y) => (uint)((x * 2 << 16) | (y * 2 << 8) | ((x + y) & 0xFF)));
        Refresh(display);
        terminal.Process();
        AssertShown(terminal, 27, (x, y) => picture[(y * 120) + x], 120, 90);
    }

    [Theory]
    [InlineData("Sixel")]
    [InlineData("Kitty")]
    public void PicturesAreScaledToTheTerminal(string graphics)
    {
        using var terminal = new PixelTerminal(20, 10, Cell.Width, Cell.Height);
        using TerminalDisplay display = Make(terminal, graphics, 20, 9);
        Fill(70, 30, (x, y) => (uint)(x * 0x030000));
        Refresh(display);
        terminal.Process();
        AssertShown(terminal, 2, (x, y) => picture[(y / 2 * 70) + (x / 2)], 140, 60); // twice, for three times is too wide
        Fill(320, 200, (x, y) => (x & 1) != 0 ? 0x804020u : 0x000000);
        Refresh(display);
        terminal.Process();
        AssertShown(terminal, 2, (_, _) => 0x402010, 160, 100); // half: means of two dots
    }

    [Fact]
    public void TextModesTakeThePicturesAway()
    {
        using var terminal = new PixelTerminal(20, 10, Cell.Width, Cell.Height);
        using TerminalDisplay display = Make(terminal, "Kitty", 20, 9);
        Fill(150, 100, (_, _) => 0x123456);
        Refresh(display);
        terminal.Process();
        Assert.Equal(8, terminal.Images.Count);
        Assert.All(terminal.Images, image => Assert.Equal(image.Key - 1, image.Value));
        display.Refresh(StubScreen.OfText(StubScreen.Blank(20, 9)));
        terminal.Process();
        Assert.Empty(terminal.Images);
        Refresh(display);
        terminal.Process();
        Assert.Equal(8, terminal.Images.Count);
        display.Dispose();
        terminal.Process();
        Assert.Empty(terminal.Images);
    }

    private static TerminalDisplay Make(TextWriter terminal, string graphics, int columns, int rows)
    {
        var display = new TerminalDisplay(terminal, columns, rows, TerminalColours.TrueColour);
        display.UsePixels(Enum.Parse<TerminalGraphics>(graphics), columns, rows, Cell);
        return display;
    }

    private void Fill(int newWidth, int newHeight, Func<int, int, uint> pixel)
    {
        (width, height) = (newWidth, newHeight);
        picture = [.. Enumerable.Range(0, width * height).Select(i => pixel(i % newWidth, i / newWidth))];
    }

    private void Refresh(TerminalDisplay display) => display.Refresh(new StubScreen(width, height, (x, y) => picture[(y * width) + x]));

    private static void AssertShown(PixelTerminal terminal, int tolerance, Func<int, int, uint> expected, int across, int down)
    {
        for (int y = 0; y < terminal.Canvas.GetLength(0); y++)
        {
            for (int x = 0; x < terminal.Canvas.GetLength(1); x++)
            {
                if (x >= across || y >= down)
                {
                    Assert.True(terminal.Canvas[y, x] is null, $"({x}, {y}) is outside, and drawn");
                    continue;
                }
                (uint wanted, uint? found) = (expected(x, y), terminal.Canvas[y, x]);
                bool near = found is uint f && new[] { 16, 8, 0 }.All(s => Math.Abs((int)((f >> s) & 0xFF) - (int)((wanted >> s) & 0xFF)) <= tolerance);
                Assert.True(near, $"({x}, {y}) is {found:x6}, expected {wanted:x6}");
            }
        }
    }
}
