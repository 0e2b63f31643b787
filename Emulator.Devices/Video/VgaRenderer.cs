namespace Emulator.Devices.Video;

/// <summary>
/// The picture of a mode that the VGA's own registers describe: walks the scan lines as the CRTC's address counter does (start address,
/// row scans, double scan, line compare, panning) and has each drawn as text or graphics. Dots are those of the master clock, so modes with
/// half the dot clock and 256-colour modes come out with every pixel two dots wide, and double-scanned modes with every line twice.
/// </summary>
internal sealed class VgaRenderer(VgaRegisters vga)
{
    private const int NoDisplayWidth = 640, NoDisplayHeight = 480;

    private uint[] dots = [];

    /// <summary>Visible dots and scan lines.</summary>
    public (int Width, int Height) Size
    {
        get
        {
            CrtController crtc = vga.Crtc;
            if (crtc.HorizontalDisplayEnd <= 1 || crtc.VerticalDisplayEnd <= 1)
            {
                return (NoDisplayWidth, NoDisplayHeight);
            }
            int width = crtc.HorizontalDisplayEnd * CharacterDots * (vga.Sequencer.HalfDotClock ? 2 : 1);
            return (width, Math.Min(crtc.VerticalDisplayEnd, crtc.VerticalTotal));
        }
    }

    // The serialiser has no ninth dot in graphics.
    private int CharacterDots => vga.Graphics.Graphics ? 8 : vga.Sequencer.DotsPerCharacter;

    /// <summary>Draws the whole picture of <see cref="Size"/>.</summary>
    public void Draw(ReadOnlySpan<byte> vram, long frame, Span<uint> pixels)
    {
        (int width, int height) = Size;
        CrtController crtc = vga.Crtc;
        if (vga.Sequencer.ScreenOff || !vga.Attributes.VideoEnabled || crtc.HorizontalDisplayEnd <= 1 || crtc.VerticalDisplayEnd <= 1)
        {
            pixels[..(width * height)].Fill(vga.Sequencer.ScreenOff ? 0xFF000000 : vga.Dac.Colour(vga.Attributes.Overscan));
            return;
        }
        uint[] palette = vga.Graphics.Graphics && vga.Attributes.Blink ? BlinkingPalette(frame) : VbeRenderer.PaletteOf(vga);
        int characters = crtc.HorizontalDisplayEnd;
        int needed = (characters + 2) * CharacterDots;
        if (dots.Length < needed)
        {
            dots = new uint[needed];
        }
        int rowStart = crtc.StartAddress + crtc.BytePanning, rowScan = crtc.PresetRowScan, pan = PanningDots();
        bool repeated = false;
        for (int y = 0; y < height; y++)
        {
            var line = new ScanLineContext(rowStart, rowScan, frame);
            if (vga.Graphics.Graphics)
            {
                GraphicsLineRenderer.Draw(vga, vram, palette, line, characters + 2, dots);
            }
            else
            {
                TextLineRenderer.Draw(vga, vram, palette, line, characters + 2, dots);
            }
            Emit(dots.AsSpan(pan), pixels.Slice(y * width, width));

            if (y == crtc.LineCompare)
            {
                (rowStart, rowScan, repeated) = (0, 0, false);
                if (vga.Attributes.PanningStopsAtSplit)
                {
                    pan = 0;
                }
                else
                {
                    rowStart = crtc.BytePanning;
                }
            }
            else if (crtc.DoubleScan && !repeated)
            {
                repeated = true;
            }
            else
            {
                repeated = false;
                bool lastOfRow = rowScan == crtc.MaximumScanLine;
                rowStart += lastOfRow ? crtc.RowOffset : 0;
                rowScan = lastOfRow ? 0 : (rowScan + 1) & 0x1F;
            }
        }
    }

    private uint[] BlinkingPalette(long frame) =>
        [.. Enumerable.Range(0, 16).Select(pixel => vga.Dac.Colour(vga.Attributes.BlinkingDacIndex(pixel, frame)))];

    // AR13: with nine dots 8 means none and 0-7 mean 1-8; in 256 colours a pixel is two; else the number itself.
    private int PanningDots()
    {
        int panning = vga.Attributes.Panning;
        if (vga.Graphics.Graphics && vga.Graphics.Shift == ShiftMode.Packed256)
        {
            return panning & 6;
        }
        return CharacterDots == 9 ? (panning >= 8 ? 0 : panning + 1) : panning & 7;
    }

    private void Emit(ReadOnlySpan<uint> from, Span<uint> to)
    {
        if (!vga.Sequencer.HalfDotClock)
        {
            from[..to.Length].CopyTo(to);
            return;
        }
        for (int x = 0; x < to.Length; x++)
        {
            to[x] = from[x >> 1];
        }
    }
}
