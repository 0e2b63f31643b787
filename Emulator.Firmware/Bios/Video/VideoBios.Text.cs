namespace Emulator.Firmware.Bios.Video;

/// <summary>Cursor, pages, characters and scrolling.</summary>
public sealed partial class VideoBios
{
    private const byte Bell = 7, Backspace = 8, LineFeed = 10, Return = 13;

    private uint PageAddress(int page) => ((uint)Mode.Segment << 4) + ((uint)(page & 7) * Data.Word(BiosData.PageSize));

    private uint CellAddress(int page, int column, int row) => PageAddress(page) + (uint)(((row * Columns) + column) * 2);

    private (int Column, int Row) Cursor(int page)
    {
        ushort position = Data.Word(BiosData.CursorPositions + ((page & 7) * 2));
        return (position & 0xFF, position >> 8);
    }

    private void SetCursor(int page, int column, int row)
    {
        page &= 7;
        Data.SetWord(BiosData.CursorPositions + (page * 2), row << 8 | column);
        if (page == Data.Byte(BiosData.Page))
        {
            vga.CrtcWord(0x0E, (Data.Word(BiosData.PageStart) / 2) + (row * Columns) + column);
        }
    }

    // The CGA's eight lines are stretched to the character's, unless the program asked for the registers as they are (AH=12h BL=34h).
    private void SetCursorShape(byte start, byte end)
    {
        Data.SetWord(BiosData.CursorShape, start << 8 | end);
        int first = start & 0x3F, last = end & 0x1F, height = Height;
        if ((Data.Byte(BiosData.VideoInfo) & NoCursorEmulation) == 0 && height > 8 && last < 8 && first < 0x20)
        {
            first = last == first + 1 ? ((last + 1) * height / 8) - 2 : ((first + 1) * height / 8) - 1;
            last = ((last + 1) * height / 8) - 1;
        }
        vga.Crtc(0x0A, first);
        vga.Crtc(0x0B, last);
    }

    private void SelectPage(int page)
    {
        page &= 7;
        int start = page * Data.Word(BiosData.PageSize);
        Data.SetByte(BiosData.Page, page);
        Data.SetWord(BiosData.PageStart, start);
        vga.CrtcWord(0x0C, Mode.IsText ? start / 2 : start);
        (int column, int row) = Cursor(page);
        SetCursor(page, column, row);
    }

    private (byte Character, byte Attribute) ReadCell(int page)
    {
        (int column, int row) = Cursor(page);
        if (!Mode.IsText)
        {
            return (ReadGlyph(page, column, row), 0);
        }
        uint cell = Memory.Load(CellAddress(page, column, row), 2);
        return ((byte)cell, (byte)(cell >> 8));
    }

    // From the cursor on, which stays; runs on into the next line as the memory does.
    private void WriteCells(int page, byte character, byte? attribute, int count)
    {
        (int column, int row) = Cursor(page);
        count = Math.Min(count, Columns * Rows);
        for (int n = 0; n < count; n++)
        {
            PutCell(page, column, row, character, attribute);
            if (++column == Columns)
            {
                column = 0;
                row++;
            }
        }
    }

    private void PutCell(int page, int column, int row, byte character, byte? attribute)
    {
        if (!Mode.IsText)
        {
            DrawGlyph(page, column, row, character, attribute ?? 7);
        }
        else if (attribute is { } given)
        {
            Memory.Store(CellAddress(page, column, row), 2, (uint)(given << 8 | character));
        }
        else
        {
            Memory.Store(CellAddress(page, column, row), 1, character);
        }
    }

    // The bell makes no sound: a tone would need time that this call does not take.
    private void Teletype(int page, byte character, byte? attribute)
    {
        (int column, int row) = Cursor(page);
        switch (character)
        {
            case Bell:
                return;
            case Backspace:
                column = Math.Max(column - 1, 0);
                break;
            case Return:
                column = 0;
                break;
            case LineFeed:
                row++;
                break;
            default:
                PutCell(page, column, row, character, attribute);
                column++;
                break;
        }
        if (column >= Columns)
        {
            column = 0;
            row++;
        }
        if (row >= Rows)
        {
            row = Rows - 1;
            byte fill = Mode.IsText ? (byte)(Memory.Load(CellAddress(page, column, row), 2) >> 8) : (byte)0;
            Scroll(0, 0, Columns - 1, Rows - 1, 1, fill, up: true, page);
        }
        SetCursor(page, column, row);
    }

    private void WriteString(BiosCall call)
    {
        bool withAttributes = (call.Al & 2) != 0;
        (int column, int row) before = Cursor(call.Bh);
        SetCursor(call.Bh, call.Dl, call.Dh);
        uint at = call.Es.Base;
        ushort offset = call.Bp;
        for (int n = 0; n < call.Cx; n++)
        {
            byte character = (byte)Memory.Load(at + offset++, 1);
            byte attribute = withAttributes ? (byte)Memory.Load(at + offset++, 1) : call.Bl;
            Teletype(call.Bh, character, attribute);
        }
        if ((call.Al & 1) == 0)
        {
            SetCursor(call.Bh, before.column, before.row);
        }
    }

    private void Scroll(int left, int top, int right, int bottom, int lines, byte fill, bool up, int page)
    {
        right = Math.Min(right, Columns - 1);
        bottom = Math.Min(bottom, Rows - 1);
        int height = bottom - top + 1;
        if (left > right || height <= 0)
        {
            return;
        }
        if (lines == 0 || lines >= height)
        {
            lines = height;
        }
        if (!Mode.IsText)
        {
            ScrollGraphics(left, top, right, bottom, lines, fill, up, page);
            return;
        }
        for (int n = 0; n < height; n++)
        {
            int row = up ? top + n : bottom - n;
            int source = up ? row + lines : row - lines;
            if (source >= top && source <= bottom)
            {
                CopyCells(CellAddress(page, left, source), CellAddress(page, left, row), right - left + 1);
            }
            else
            {
                FillCells(CellAddress(page, left, row), right - left + 1, (uint)(fill << 8 | ' '));
            }
        }
    }

    private void CopyCells(uint from, uint to, int count)
    {
        for (; count >= 2; count -= 2, from += 4, to += 4)
        {
            Memory.Store(to, 4, Memory.Load(from, 4));
        }
        if (count > 0)
        {
            Memory.Store(to, 2, Memory.Load(from, 2));
        }
    }

    private void FillCells(uint to, int count, uint cell)
    {
        for (; count > 0; count--, to += 2)
        {
            Memory.Store(to, 2, cell);
        }
    }
}
