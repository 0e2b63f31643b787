namespace Emulator.Devices.Video;

/// <summary>
/// The sequencer, ports 3C4/3C5 (IBM PS/2 Hardware Interface Technical Reference, Video Subsystem, "Sequencer Registers").
/// </summary>
internal sealed class Sequencer
{
    /// <summary>SR0-SR4: reset, clocking mode, map mask, character map select, memory mode.</summary>
    public RegisterFile Registers { get; } = new(0x03, 0x3D, 0x0F, 0x3F, 0x0E);

    /// <summary>Dots in a character clock: 8 or 9 (SR1 bit 0).</summary>
    public int DotsPerCharacter => (Registers[1] & 0x01) != 0 ? 8 : 9;

    /// <summary>The dot clock is the master clock divided by two (SR1 bit 3).</summary>
    public bool HalfDotClock => (Registers[1] & 0x08) != 0;

    /// <summary>The screen is blanked so that the CPU gets the whole memory bandwidth (SR1 bit 5).</summary>
    public bool ScreenOff => (Registers[1] & 0x20) != 0;

    /// <summary>Planes that the CPU writes to (SR2).</summary>
    public int MapMask => Registers[2];

    /// <summary>Even CPU addresses write planes 0 and 2, odd ones 1 and 3 (SR4 bit 2, inverted).</summary>
    public bool OddEven => (Registers[4] & 0x04) == 0;

    /// <summary>The two low CPU address bits choose the plane (SR4 bit 3).</summary>
    public bool Chain4 => (Registers[4] & 0x08) != 0;

    /// <summary>Offset in plane 2 of the font for characters whose attribute bit 3 is clear (SR3 bits 4, 1-0).</summary>
    public int FontB => FontOffset((Registers[3] & 3) | ((Registers[3] >> 2) & 4));

    /// <summary>Offset in plane 2 of the font for characters whose attribute bit 3 is set (SR3 bits 5, 3-2).</summary>
    public int FontA => FontOffset(((Registers[3] >> 2) & 3) | ((Registers[3] >> 3) & 4));

    // Maps 0-3 lie at 0, 16, 32 and 48 KiB, maps 4-7 8 KiB above them.
    private static int FontOffset(int map) => ((map & 3) * 0x4000) + ((map & 4) != 0 ? 0x2000 : 0);
}
