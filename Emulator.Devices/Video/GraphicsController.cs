namespace Emulator.Devices.Video;

/// <summary>How the serialiser turns the four plane bytes of a fetch into dots (GR5 bits 6-5).</summary>
internal enum ShiftMode
{
    /// <summary>One bit of each plane makes a dot: up to 16 colours.</summary>
    Planar,

    /// <summary>Pairs of bits, planes 0 and 1 in turn, as the CGA had them.</summary>
    Interleaved,

    /// <summary>Each plane byte is one 256-colour pixel.</summary>
    Packed256,
}

/// <summary>
/// The graphics controller, ports 3CE/3CF (IBM PS/2 Hardware Interface Technical Reference, "Graphics Controller Registers").
/// </summary>
internal sealed class GraphicsController
{
    /// <summary>
    /// GR0-GR8: set/reset, enable set/reset, colour compare, data rotate, read map select, mode, miscellaneous, colour don't care, bit
    /// mask.
    /// </summary>
    public RegisterFile Registers { get; } = new(0x0F, 0x0F, 0x0F, 0x1F, 0x03, 0x7B, 0x0F, 0x0F, 0xFF);

    /// <summary>GR0: the value of each plane for set/reset.</summary>
    public int SetReset => Registers[0];

    /// <summary>GR1: the planes that take set/reset instead of CPU data in write mode 0.</summary>
    public int EnableSetReset => Registers[1];

    /// <summary>GR2: what read mode 1 compares with.</summary>
    public int ColourCompare => Registers[2];

    /// <summary>GR3 bits 2-0: CPU data is rotated right so many bits.</summary>
    public int Rotate => Registers[3] & 7;

    /// <summary>GR3 bits 4-3: 0 none, 1 AND, 2 OR, 3 XOR with the latches.</summary>
    public int LogicalFunction => Registers[3] >> 3;

    /// <summary>GR4: the plane that read mode 0 reads.</summary>
    public int ReadMap => Registers[4];

    /// <summary>GR5 bits 1-0.</summary>
    public int WriteMode => Registers[5] & 3;

    /// <summary>GR5 bit 3: reads give a colour comparison.</summary>
    public bool ReadMode1 => (Registers[5] & 0x08) != 0;

    /// <summary>GR5 bit 4: the low CPU address bit chooses the plane that is read.</summary>
    public bool OddEven => (Registers[5] & 0x10) != 0;

    /// <summary>GR5 bits 6-5.</summary>
    public ShiftMode Shift => (Registers[5] & 0x40) != 0 ? ShiftMode.Packed256
        : (Registers[5] & 0x20) != 0 ? ShiftMode.Interleaved : ShiftMode.Planar;

    /// <summary>GR6 bit 0: graphics, else text.</summary>
    public bool Graphics => (Registers[6] & 0x01) != 0;

    /// <summary>GR6 bit 1: CPU address bit 0 is replaced by a higher one on its way to the planes.</summary>
    public bool ChainOddEven => (Registers[6] & 0x02) != 0;

    /// <summary>GR6 bits 3-2: 0 A0000 128 KiB, 1 A0000 64 KiB, 2 B0000 32 KiB, 3 B8000 32 KiB.</summary>
    public int MemoryMap => (Registers[6] >> 2) & 3;

    /// <summary>GR7: the planes that take part in a colour comparison.</summary>
    public int ColourDontCare => Registers[7];

    /// <summary>GR8: bits that the CPU may change; the others come from the latches.</summary>
    public int BitMask => Registers[8];
}
