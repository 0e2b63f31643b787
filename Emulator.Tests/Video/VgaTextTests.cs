using Emulator.Core.Backends;
using Xunit;

namespace Emulator.Tests.Video;

public sealed class VgaTextTests
{
    private const int Screen = 0xB8000;

    // Text modes' palette: AR7 is 07, AR4 is 04, AR8-F are 38-3F, AR6 is 14.
    private static readonly int[] Palette = [0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F];

    [Fact]
    public void Mode3ShowsEveryDotOfEveryCell()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.Set(0x3D4, 0x0A, 0x20); // no cursor
        ushort[] cells = Fill(machine, 80 * 25);
        machine.AssertPicture(720, 400, (x, y) => TextDot(cells[(y / 16 * 80) + (x / 9)], x % 9, y % 16));
    }

    [Fact]
    public void EightDotCells()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.Set(0x3C4, 1, 1);
        machine.Set(0x3D4, 0x0A, 0x20);
        ushort[] cells = Fill(machine, 80 * 25);
        machine.AssertPicture(640, 400, (x, y) => TextDot(cells[(y / 16 * 80) + (x / 8)], x % 8, y % 16));
    }

    [Fact]
    public void FortyColumnsHaveDotsOfTwoClocks()
    {
        using VgaMachine machine = InText(VgaMode.Text40x25);
        machine.Set(0x3D4, 0x0A, 0x20);
        ushort[] cells = Fill(machine, 40 * 25);
        machine.AssertPicture(720, 400, (x, y) => TextDot(cells[(y / 16 * 40) + (x / 18)], x / 2 % 9, y % 16));
        Assert.Equal(40, machine.Vga.ReadText()!.Columns);
    }

    [Fact]
    public void FiftyRowsOfEightLines()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.Set(0x3D4, 9, 0x47);
        machine.Set(0x3D4, 0x0A, 0x20);
        ushort[] cells = Fill(machine, 80 * 50);
        machine.AssertPicture(720, 400, (x, y) => TextDot(cells[(y / 8 * 80) + (x / 9)], x % 9, y % 8));
        Assert.Equal(50, machine.Vga.ReadText()!.Rows);
    }

    [Fact]
    public void A132ColumnMode()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.Set(0x3D4, 0x11, 0x0E);
        machine.Set(0x3D4, 0x00, 0xA0);
        machine.Set(0x3D4, 0x01, 131);
        machine.Set(0x3D4, 0x13, 66);
        machine.Set(0x3D4, 0x0A, 0x20);
        machine.Set(0x3C4, 1, 1);
        ushort[] cells = Fill(machine, 132 * 25);
        machine.AssertPicture(1056, 400, (x, y) => TextDot(cells[(y / 16 * 132) + (x / 8)], x % 8, y % 16));
        Assert.Equal(cells, machine.Vga.ReadText()!.Cells);
    }

    [Theory]
    [InlineData(0xBF, false)]
    [InlineData(0xC0, true)]
    [InlineData(0xDF, true)]
    [InlineData(0xE0, false)]
    public void LineGraphicsRepeatTheEighthDot(int code, bool repeats)
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.LoadFont((_, _) => 0x01);
        machine.PokeWord(Screen, 0x0700 | code);
        Assert.Equal(Colour(7), machine.Render()[0, 7]);
        Assert.Equal(Colour(repeats ? 7 : 0), machine.Render()[0, 8]);
        machine.SetAttribute(0x10, 0x08); // line graphics off
        Assert.Equal(Colour(0), machine.Render()[0, 8]);
    }

    [Fact]
    public void AttributeBit7IsBlinkOrIntensity()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.LoadFont((_, _) => 0xF0);
        machine.PokeWord(Screen + 2, 0xC1 << 8);
        Assert.Equal((Colour(1), Colour(4)), (machine.Render()[0, 9], machine.Render()[0, 16]));
        machine.Clock.NowNs = 16 * 14_268_000L + 1_000_000; // 16 frames on: the dark half
        Assert.Equal((Colour(4), Colour(4)), (machine.Render()[0, 9], machine.Render()[0, 16]));
        machine.Clock.NowNs = 32 * 14_268_000L + 1_000_000;
        Assert.Equal(Colour(1), machine.Render()[0, 9]);
        machine.SetAttribute(0x10, 0x04);
        machine.Clock.NowNs = 16 * 14_268_000L + 1_000_000;
        Assert.Equal((Colour(1), Colour(12)), (machine.Render()[0, 9], machine.Render()[0, 16]));
    }

    [Fact]
    public void CursorCoversItsLinesAndBlinks()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.LoadFont((_, _) => 0);
        for (int i = 0; i < 80 * 25; i++)
        {
            machine.PokeWord(Screen + (i * 2), 0x1E20);
        }
        machine.Set(0x3D4, 0x0F, 163); // row 2, column 3
        uint[,] before = machine.Render();
        for (int y = 32; y < 48; y++)
        {
            Assert.Equal(Colour(y is 45 or 46 ? 14 : 1), before[y, 27]);
            Assert.Equal(Colour(y is 45 or 46 ? 14 : 1), before[y, 35]);
            Assert.Equal(Colour(1), before[y, 26]);
            Assert.Equal(Colour(1), before[y, 36]);
        }
        machine.Clock.NowNs = 8 * 14_268_000L + 1_000_000;
        Assert.Equal(Colour(1), machine.Render()[45, 27]);
        machine.Clock.NowNs = 16 * 14_268_000L + 1_000_000;
        Assert.Equal(Colour(14), machine.Render()[45, 27]);
        machine.Set(0x3D4, 0x0A, 0x2D);
        Assert.Equal(Colour(1), machine.Render()[45, 27]);
    }

    [Fact]
    public void AttributeBit3ChoosesTheFont()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.LoadFont((_, _) => 0x80);
        machine.LoadFont((_, _) => 0x40, 0x2000); // map 4
        machine.LoadFont((_, _) => 0x20, 0xC000); // map 3
        machine.PokeWord(Screen, 0x0741);
        machine.PokeWord(Screen + 2, 0x0F41);
        machine.Set(0x3C4, 3, 0x10 | (3 << 2)); // B: map 4, A: map 3
        uint[,] picture = machine.Render();
        Assert.Equal([Colour(0), Colour(7), Colour(0)], new[] { picture[0, 0], picture[0, 1], picture[0, 2] });
        Assert.Equal([Colour(0), Colour(0), Colour(15)], new[] { picture[0, 9], picture[0, 10], picture[0, 11] });
    }

    [Fact]
    public void UnderlineOfMonochromeText()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.LoadFont((_, _) => 0);
        machine.Set(0x3D4, 0x0A, 0x20);
        machine.Set(0x3D4, 0x14, 0x0D);
        machine.PokeWord(Screen, 0x0120);
        machine.PokeWord(Screen + 2, 0x0720);
        uint[,] picture = machine.Render();
        Assert.Equal([Colour(0), Colour(1), Colour(0)], new[] { picture[12, 4], picture[13, 4], picture[14, 4] });
        Assert.Equal(Colour(0), picture[13, 13]);
    }

    [Fact]
    public void StartAddressPanningAndLineCompareMoveThePicture()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        machine.Set(0x3D4, 0x0A, 0x20);
        ushort[] cells = Fill(machine, 8192);
        machine.Set(0x3D4, 0x0C, 0x01); // start at cell 0x140
        machine.Set(0x3D4, 0x0D, 0x40);
        machine.Set(0x3D4, 0x08, 0x05); // first row from its fifth line
        machine.SetAttribute(0x13, 2); // three dots to the left
        machine.SetAttribute(0x10, 0x2C); // blink, line graphics, panning stops at the split
        machine.Set(0x3D4, 0x18, 199);
        machine.Set(0x3D4, 0x07, 0x0F); // line compare bit 8
        machine.Set(0x3D4, 0x09, 0x0F); // and bit 9 clear
        machine.AssertPicture(720, 400, (x, y) =>
        {
            bool split = y > 199;
            int dot = split ? x : x + 3, line = split ? y - 200 : y + 5;
            return TextDot(cells[(split ? 0 : 0x140) + (line / 16 * 80) + (dot / 9)], dot % 9, line % 16);
        });
    }

    [Fact]
    public void ReadTextGivesCellsCursorAndColours()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        ushort[] cells = Fill(machine, 80 * 26);
        machine.Set(0x3D4, 0x0D, 80); // scrolled by a row
        machine.Set(0x3D4, 0x0F, 80 + 165);
        TextScreen text = machine.Vga.ReadText()!;
        Assert.Equal((80, 25), (text.Columns, text.Rows));
        Assert.Equal(cells[80..], text.Cells);
        Assert.Equal((5, 2), (text.CursorColumn, text.CursorRow));
        Assert.Equal(Palette.Select(VgaMachine.Dac), text.Palette);
        Assert.True(text.Blink);
        machine.Set(0x3D4, 0x0A, 0x20);
        Assert.Equal((-1, -1), (machine.Vga.ReadText()!.CursorColumn, machine.Vga.ReadText()!.CursorRow));
        machine.SetMode(VgaMode.Mode12);
        Assert.Null(machine.Vga.ReadText());
    }

    [Fact]
    public void ABlankedScreenShowsTheBorderColourOrBlack()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        Fill(machine, 80 * 25);
        machine.SetAttribute(0x11, 9);
        machine.In(0x3DA);
        machine.Out(0x3C0, 0); // palette address source off
        machine.AssertPicture(720, 400, (_, _) => VgaMachine.Dac(9));
        machine.Out(0x3C0, 0x20);
        machine.Set(0x3C4, 1, 0x20);
        machine.AssertPicture(720, 400, (_, _) => 0xFF000000);
    }

    [Fact]
    public void AnUnprogrammedAdapterHasAPictureAndNoText()
    {
        using var machine = new VgaMachine();
        machine.AssertPicture(640, 480, (_, _) => VgaMachine.Dac(0));
        Assert.Null(machine.Vga.ReadText());
    }

    [Fact]
    public void RandomRegistersNeverThrow()
    {
        using VgaMachine machine = InText(VgaMode.Text80x25);
        var random = new Random(7);
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 12; i++)
            {
                int port = random.Next(4) switch { 0 => 0x3C4, 1 => 0x3CE, 2 => 0x3D4, _ => 0x3B4 };
                machine.Set(port, random.Next(0x1A), random.Next(256));
                machine.SetAttribute(random.Next(0x16), random.Next(256));
                machine.Memory.WriteValue((ulong)(0xA0000 + random.Next(0x1FFF8)), 1 << random.Next(4), (ulong)random.NextInt64());
            }
            machine.Out(0x3C2, random.Next(256));
            machine.Clock.NowNs += random.Next(100_000_000);
            machine.In(0x3DA);
            machine.Vga.ReadText();
            (int width, int height) = machine.Vga.Size;
            uint[,] picture = machine.Render();
            Assert.Equal((height, width), (picture.GetLength(0), picture.GetLength(1)));
            Assert.Equal(0xFFu, picture[0, 0] >> 24);
        }
    }

    private static uint Colour(int pixel) => VgaMachine.Dac(Palette[pixel]);

    // What a font made of these rows must look like: Glyph below.
    private static uint TextDot(ushort cell, int x, int y)
    {
        int code = cell & 0xFF, attribute = cell >> 8;
        bool ninth = x == 8;
        bool set = ninth ? code is >= 0xC0 and <= 0xDF && (Glyph(code, y) & 1) != 0 : (Glyph(code, y) & (0x80 >> x)) != 0;
        return Colour(set ? attribute & 15 : (attribute >> 4) & 7);
    }

    private static byte Glyph(int code, int row) => (byte)((code * 7) + (row * 37) + (code >> 3));

    private static VgaMachine InText(VgaMode mode)
    {
        VgaMachine machine = VgaMachine.InMode(mode);
        machine.LoadFont(Glyph);
        return machine;
    }

    private static ushort[] Fill(VgaMachine machine, int count)
    {
        var cells = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            cells[i] = (ushort)((i * 40503) >> 3);
            machine.PokeWord(Screen + (i * 2), cells[i]);
        }
        return cells;
    }
}
