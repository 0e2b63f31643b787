namespace Emulator.Devices.Video;

/// <summary>
/// The CRT controller, ports 3D4/3D5 or 3B4/3B5 (IBM PS/2 Hardware Interface Technical Reference, "CRT Controller Registers").
/// Horizontal values are in character clocks, vertical ones in scan lines.
/// </summary>
internal sealed class CrtController
{
    private const int RegisterCount = 0x19;

    /// <summary>CR0-CR18.</summary>
    public RegisterFile Registers { get; } = new(Enumerable.Repeat((byte)0xFF, RegisterCount).ToArray());

    /// <summary>Character clocks in a line, with blanking and retrace (CR0 + 5).</summary>
    public int HorizontalTotal => Registers[0] + 5;

    /// <summary>Visible characters in a line (CR1 + 1).</summary>
    public int HorizontalDisplayEnd => Registers[1] + 1;

    /// <summary>Scan lines in a frame, with blanking and retrace (CR6 + 2, bits 9-8 in CR7).</summary>
    public int VerticalTotal => (Registers[6] | Overflow(0, 8) | Overflow(5, 9)) + 2;

    /// <summary>Visible scan lines (CR12 + 1, bits 9-8 in CR7).</summary>
    public int VerticalDisplayEnd => (Registers[0x12] | Overflow(1, 8) | Overflow(6, 9)) + 1;

    /// <summary>First scan line of vertical retrace (CR10, bits 9-8 in CR7).</summary>
    public int VerticalRetraceStart => Registers[0x10] | Overflow(2, 8) | Overflow(7, 9);

    /// <summary>The low four bits of the first scan line after vertical retrace (CR11 bits 3-0).</summary>
    public int VerticalRetraceEnd => Registers[0x11] & 0x0F;

    /// <summary>After this scan line the picture goes on from address 0 (CR18, bit 8 in CR7, bit 9 in CR9).</summary>
    public int LineCompare => Registers[0x18] | Overflow(4, 8) | ((Registers[9] & 0x40) << 3);

    /// <summary>Last row scan of a character row (CR9 bits 4-0).</summary>
    public int MaximumScanLine => Registers[9] & 0x1F;

    /// <summary>Every row scan is shown on two scan lines (CR9 bit 7).</summary>
    public bool DoubleScan => (Registers[9] & 0x80) != 0;

    /// <summary>Row scan that the picture starts with (CR8 bits 4-0).</summary>
    public int PresetRowScan => Registers[8] & 0x1F;

    /// <summary>Characters that the picture is moved left by (CR8 bits 6-5).</summary>
    public int BytePanning => (Registers[8] >> 5) & 3;

    /// <summary>First and last row scan of the cursor; it is off when CR0A bit 5 is set.</summary>
    public (int Start, int End, bool Enabled) Cursor => (Registers[0x0A] & 0x1F, Registers[0x0B] & 0x1F, (Registers[0x0A] & 0x20) == 0);

    /// <summary>Characters that the cursor is shown late by (CR0B bits 6-5).</summary>
    public int CursorSkew => (Registers[0x0B] >> 5) & 3;

    /// <summary>Character address of the picture's first cell (CR0C, CR0D).</summary>
    public int StartAddress => (Registers[0x0C] << 8) | Registers[0x0D];

    /// <summary>Character address of the cursor (CR0E, CR0F).</summary>
    public int CursorAddress => (Registers[0x0E] << 8) | Registers[0x0F];

    /// <summary>Character addresses from one row to the next (CR13 * 2).</summary>
    public int RowOffset => Registers[0x13] * 2;

    /// <summary>Row scan that underlined characters have their line in (CR14 bits 4-0).</summary>
    public int UnderlineLocation => Registers[0x14] & 0x1F;

    /// <summary>Writes the indexed register; CR11 bit 7 protects CR0-CR7 except CR7 bit 4 (line compare).</summary>
    public void Write(byte value)
    {
        int index = Registers.Index;
        if (index <= 7 && (Registers[0x11] & 0x80) != 0)
        {
            if (index != 7)
            {
                return;
            }
            value = (byte)((Registers[7] & ~0x10) | (value & 0x10));
        }
        Registers[index] = value;
    }

    /// <summary>
    /// The plane address for a value of the address counter: shifted for word or doubleword mode (CR17 bit 6, CR14 bit 6) with high counter
    /// bits in the free places, then bits 13 and 14 replaced by the row scan where CR17 bits 0 and 1 ask for the CGA's and Hercules'
    /// layouts.
    /// </summary>
    public int MemoryAddress(int counter, int rowScan)
    {
        int mode = Registers[0x17];
        int address = counter;
        if ((Registers[0x14] & 0x40) != 0)
        {
            address = (counter << 2) | ((counter >> 14) & 3);
        }
        else if ((mode & 0x40) == 0)
        {
            address = (counter << 1) | ((counter >> ((mode & 0x20) != 0 ? 15 : 13)) & 1);
        }
        if ((mode & 0x01) == 0)
        {
            address = (address & ~0x2000) | ((rowScan & 1) << 13);
        }
        if ((mode & 0x02) == 0)
        {
            address = (address & ~0x4000) | ((rowScan & 2) << 13);
        }
        return address & 0xFFFF;
    }

    private int Overflow(int bit, int to) => ((Registers[7] >> bit) & 1) << to;
}
