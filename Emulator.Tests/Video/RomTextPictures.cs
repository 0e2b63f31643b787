namespace Emulator.Tests.Video;

/// <summary>The text pictures of testroms/lib/video_text.inc, from the fonts' bytes, the cells and the palette.</summary>
/// <param name="fonts">Glyphs by height.</param>
/// <param name="nowNs">The machine's time, ns, for blinking.</param>
/// <param name="is400Lines">The BIOS lets the 28 rows of 14 lines end in the middle of a 29th.</param>
internal sealed class RomTextPictures(Dictionary<int, byte[]> fonts, long nowNs, bool is400Lines)
{
    private static readonly int[] MonoRegisters = [0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18];

    // 900 dots of 28.322 MHz in a line, 449 lines: the cursor blinks every 8 frames, characters every 16.
    private readonly long frame = (long)((UInt128)nowNs * 28_322_000 / 1_000_000_000 / 900 / 449);

    private Dictionary<int, byte[]> Fonts { get; } = fonts;

    private bool CharactersHidden => (frame & 16) != 0;

    private bool CursorHidden => (frame & 8) != 0;

    /// <summary>The picture of a number; null when it is not one of these.</summary>
    public RomPicture? Make(int number) => number switch
    {
        1 or 2 or 3 => new Text(this) { Cells = RomPicture.Bytes(3, 4000), CursorAt = (10, 5), CursorLines = (13, 14) }.Picture(),
        4 => new Text(this) { Cells = RomPicture.Bytes(3, 4000), CursorAt = (11, 5), CursorLines = (2, 9), Blinks = false }.Picture(),
        5 => new Text(this) { Cells = RomPicture.Bytes(3, 4000), Blinks = false }.Picture(),
        6 => Scrolled(),
        7 => new Text(this) { Cells = RomPicture.Bytes(7, 2000), Columns = 40, DotClocks = 2 }.Picture(),
        8 => new Text(this) { Cells = RomPicture.Bytes(8, 4000), Registers = MonoRegisters, Dac = RomPalettes.DacMono, UnderlineAt = 15 }.Picture(),
        9 => new Text(this) { Cells = RomPicture.Bytes(9, 8000), Lines = 8, Rows = 50 }.Picture(),
        10 => new Text(this) { Cells = RomPicture.Bytes(10, 29 * 160), Lines = 14, Rows = 28 }.Picture() with { Height = is400Lines ? 400 : 392 },
        11 => OwnFonts(),
        12 => new Text(this)
        {
            Cells = RomPicture.Bytes(14, 4000), Lines = 8, Doubled = true, Width = 8, Registers = RomPalettes.Cga, Dac = RomPalettes.Dac16,
        }.Picture(),
        13 => new Text(this) { Cells = RomPicture.Bytes(15, 4000), Lines = 14, Width = 8 }.Picture(),
        _ => null,
    };

    // Left by 4 dots and one character, up by 5 lines, from character 123h; from line 200 on the top of the memory, unmoved.
    private RomPicture Scrolled()
    {
        var text = new Text(this) { Cells = RomPicture.Bytes(6, 0x4000) };
        return new RomPicture(720, 400, (x, y) => y < 200
            ? text.Dot(0x124 + ((y + 5) / 16 * 80), x + 4, (y + 5) % 16)
            : text.Dot((y - 200) / 16 * 80, x, (y - 200) % 16));
    }

    private RomPicture OwnFonts()
    {
        byte[] plain = RomPicture.Bytes(11, 4096), intense = RomPicture.Bytes(12, 4096);
        return new Text(this) { Cells = RomPicture.Bytes(13, 4000), Glyphs = (code, attribute, line) => ((attribute & 8) != 0 ? intense : plain)[(code * 16) + line] }.Picture();
    }

    private sealed class Text
    {
        private readonly RomTextPictures owner;

        public Text(RomTextPictures owner)
        {
            this.owner = owner;
            Glyphs = (code, _, line) => this.owner.Fonts[Lines][(code * Lines) + line];
        }

        public byte[] Cells { get; init; } = [];

        public int Columns { get; init; } = 80;

        public int Rows { get; init; } = 25;

        public int Lines { get; init; } = 16;

        public int Width { get; init; } = 9;

        public int DotClocks { get; init; } = 1;

        public bool Doubled { get; init; }

        public bool Blinks { get; init; } = true;

        public int[] Registers { get; init; } = RomPalettes.Ega;

        public Func<int, uint> Dac { get; init; } = RomPalettes.Dac64;

        public int UnderlineAt { get; init; } = -1;

        public (int Column, int Row) CursorAt { get; init; } = (-1, -1);

        public (int First, int Last) CursorLines { get; init; }

        public Func<int, int, int, byte> Glyphs { get; init; }

        public RomPicture Picture()
        {
            int down = Doubled ? 2 : 1;
            return new RomPicture(Columns * Width * DotClocks, Rows * Lines * down, (x, y) =>
            {
                (int dot, int line) = (x / DotClocks, y / down);
                bool cursor = (dot / Width, line / Lines) == CursorAt && line % Lines >= CursorLines.First && line % Lines <= CursorLines.Last
                    && !owner.CursorHidden;
                return Dot(line / Lines * Columns, dot, line % Lines, cursor);
            });
        }

        public uint Dot(int rowStart, int x, int line, bool cursor = false)
        {
            int cell = (rowStart + (x / Width)) * 2, column = x % Width;
            int code = Cells[cell], attribute = Cells[cell + 1];
            int glyph = Glyphs(code, attribute, line);
            // The ninth dot is empty, or the eighth again for the codes C0 to DF.
            bool set = column < 8 ? ((glyph >> (7 - column)) & 1) != 0 : code is >= 0xC0 and <= 0xDF && (glyph & 1) != 0;
            set |= line == UnderlineAt && (attribute & 7) == 1;
            set &= !(Blinks && (attribute & 0x80) != 0 && owner.CharactersHidden);
            int colour = set || cursor ? attribute & 15 : (attribute >> 4) & (Blinks ? 7 : 15);
            return Dac(Registers[colour]);
        }
    }
}
