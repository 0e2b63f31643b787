namespace Emulator.Firmware.Bios.Video;

/// <summary>Pixels, and characters that are drawn with them.</summary>
public sealed partial class VideoBios
{
    private const byte ExclusiveOr = 0x80;
    private const int ReadMap = 4, ModeRegister = 5, BitMask = 8, FunctionSelect = 3, MapMask = 2;

    // Address of a CGA line: odd lines lie 8 KiB higher.
    private static uint CgaLine(int y) => 0xB8000u + (uint)((y & 1) * 0x2000) + (uint)((y >> 1) * 80);

    private uint PlanarAddress(int page, int x, int y) => PageAddress(page) + (uint)((y * Columns) + (x >> 3));

    private void WritePixel(int page, int x, int y, byte color)
    {
        switch (Mode.Memory)
        {
            case VideoMemory.Cga4:
                CgaPixel(CgaLine(y) + (uint)(x >> 2), 6 - ((x & 3) * 2), 3, color);
                break;
            case VideoMemory.Cga2:
                CgaPixel(CgaLine(y) + (uint)(x >> 3), 7 - (x & 7), 1, color);
                break;
            case VideoMemory.Planar:
                PlanarWrite(PlanarAddress(page, x, y), (byte)(0x80 >> (x & 7)), color, (color & ExclusiveOr) != 0);
                EndPlanar();
                break;
            case VideoMemory.Linear8:
                Memory.Store(0xA0000 + (uint)((y * 320) + x), 1, color);
                break;
        }
    }

    private byte ReadPixel(int page, int x, int y)
    {
        switch (Mode.Memory)
        {
            case VideoMemory.Cga4:
                return (byte)(Memory.Load(CgaLine(y) + (uint)(x >> 2), 1) >> (6 - ((x & 3) * 2)) & 3);
            case VideoMemory.Cga2:
                return (byte)(Memory.Load(CgaLine(y) + (uint)(x >> 3), 1) >> (7 - (x & 7)) & 1);
            case VideoMemory.Planar:
                int color = 0;
                for (int plane = 0; plane < 4; plane++)
                {
                    vga.Graphics(ReadMap, plane);
                    color |= (int)(Memory.Load(PlanarAddress(page, x, y), 1) >> (7 - (x & 7)) & 1) << plane;
                }
                vga.Graphics(ReadMap, 0);
                return (byte)color;
            case VideoMemory.Linear8:
                return (byte)Memory.Load(0xA0000 + (uint)((y * 320) + x), 1);
            default:
                return 0;
        }
    }

    private void CgaPixel(uint address, int shift, int mask, byte color)
    {
        uint old = Memory.Load(address, 1);
        uint bits = (uint)(color & mask) << shift;
        Memory.Store(address, 1, (color & ExclusiveOr) != 0 ? old ^ bits : (old & ~((uint)mask << shift)) | bits);
    }

    // Write mode 2 with the pixels in the bit mask: each plane gets its bit of the colour. The read before fills the latches.
    private void PlanarWrite(uint address, byte pixels, byte color, bool exclusiveOr)
    {
        vga.Sequencer(MapMask, 0x0F);
        vga.Graphics(ModeRegister, 2);
        vga.Graphics(FunctionSelect, exclusiveOr ? 0x18 : 0);
        vga.Graphics(BitMask, pixels);
        Memory.Load(address, 1);
        Memory.Store(address, 1, (uint)(color & 0x0F));
    }

    private void EndPlanar()
    {
        vga.Graphics(BitMask, 0xFF);
        vga.Graphics(FunctionSelect, 0);
        vga.Graphics(ModeRegister, 0);
    }

    // Rows of a character: from INT 43h; CGA modes have the upper half of the set at INT 1Fh.
    private byte[] Glyph(byte character)
    {
        int height = Height;
        bool upperHalf = character >= 0x80 && Mode.Memory is VideoMemory.Cga4 or VideoMemory.Cga2 && character >= 0x80;
        uint pointer = Memory.Load(upperHalf ? 0x1Fu * 4 : 0x43u * 4, 4);
        uint address = FarPointer.Linear(pointer) + (uint)((upperHalf ? character - 0x80 : character) * height);
        var rows = new byte[height];
        Memory.Read(address, rows);
        return rows;
    }

    private void DrawGlyph(int page, int column, int row, byte character, byte color)
    {
        byte[] rows = Glyph(character);
        bool exclusiveOr = (color & ExclusiveOr) != 0;
        VideoMemory kind = Mode.Memory;
        for (int n = 0; n < rows.Length; n++)
        {
            int y = (row * rows.Length) + n;
            if (kind == VideoMemory.Planar)
            {
                uint address = PlanarAddress(page, column * 8, y);
                if (!exclusiveOr)
                {
                    PlanarWrite(address, (byte)~rows[n], 0, false);
                }
                PlanarWrite(address, rows[n], color, exclusiveOr);
                continue;
            }
            for (int x = 0; x < 8; x++)
            {
                bool ink = (rows[n] >> (7 - x) & 1) != 0;
                if (ink || !exclusiveOr || kind == VideoMemory.Linear8)
                {
                    WritePixel(page, (column * 8) + x, y, ink ? color : (byte)0);
                }
            }
        }
        if (kind == VideoMemory.Planar)
        {
            EndPlanar();
        }
    }

    // AH=08h: the character whose picture is there; background is colour 0.
    private byte ReadGlyph(int page, int column, int row)
    {
        int height = Height;
        var seen = new byte[height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < 8; x++)
            {
                seen[y] |= (byte)(ReadPixel(page, (column * 8) + x, (row * height) + y) != 0 ? 0x80 >> x : 0);
            }
        }
        for (int character = 0; character < 256; character++)
        {
            if (Glyph((byte)character).AsSpan().SequenceEqual(seen))
            {
                return (byte)character;
            }
        }
        return 0;
    }

    private void ScrollGraphics(int left, int top, int right, int bottom, int lines, byte fill, bool up, int page)
    {
        int height = Height, first = top * height, last = ((bottom + 1) * height) - 1, distance = lines * height;
        VideoMemory kind = Mode.Memory;
        for (int n = 0; n <= last - first; n++)
        {
            int y = up ? first + n : last - n;
            int source = up ? y + distance : y - distance;
            bool copies = source >= first && source <= last;
            switch (kind)
            {
                case VideoMemory.Planar:
                    ScrollPlanarLine(PlanarAddress(page, left * 8, y), copies ? PlanarAddress(page, left * 8, source) : null, right - left + 1, fill);
                    break;
                case VideoMemory.Linear8:
                    CopyLine(0xA0000 + (uint)((y * 320) + (left * 8)), copies ? 0xA0000 + (uint)((source * 320) + (left * 8)) : null, (right - left + 1) * 8, fill);
                    break;
                default:
                    int perColumn = kind == VideoMemory.Cga4 ? 2 : 1;
                    byte pattern = kind == VideoMemory.Cga4 ? (byte)((fill & 3) * 0x55) : (byte)((fill & 1) * 0xFF);
                    CopyLine(CgaLine(y) + (uint)(left * perColumn), copies ? CgaLine(source) + (uint)(left * perColumn) : null, (right - left + 1) * perColumn, pattern);
                    break;
            }
        }
        if (kind == VideoMemory.Planar)
        {
            EndPlanar();
        }
    }

    // Write mode 1 copies all four planes through the latches.
    private void ScrollPlanarLine(uint to, uint? from, int count, byte fill)
    {
        vga.Sequencer(MapMask, 0x0F);
        vga.Graphics(BitMask, 0xFF);
        vga.Graphics(FunctionSelect, 0);
        vga.Graphics(ModeRegister, from is null ? 2 : 1);
        for (uint n = 0; n < count; n++)
        {
            if (from is { } source)
            {
                Memory.Load(source + n, 1);
            }
            Memory.Store(to + n, 1, (uint)(fill & 0x0F));
        }
    }

    private void CopyLine(uint to, uint? from, int count, byte fill)
    {
        for (uint n = 0; n < count; n++)
        {
            Memory.Store(to + n, 1, from is { } source ? Memory.Load(source + n, 1) : fill);
        }
    }
}
