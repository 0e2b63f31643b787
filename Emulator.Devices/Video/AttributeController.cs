using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>
/// The attribute controller, ports 3C0/3C1 (IBM PS/2 Hardware Interface Technical Reference, "Attribute Controller Registers").
/// One port takes index and data in turn; reading input status 1 makes the next write an index.
/// </summary>
internal sealed class AttributeController
{
    // Characters and pixels that blink are there for 16 frames and away for 16.
    private const int BlinkShift = 4;

    private readonly RegisterFile registers = new(
        0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F, 0x3F,
        0xEF, 0xFF, 0x3F, 0x0F, 0x0F);

    private bool dataNext;

    /// <summary>The index as written; bit 5 is the palette address source.</summary>
    public byte Index => registers.Index;

    /// <summary>The palette drives the screen (index bit 5); clear while the CPU loads it.</summary>
    public bool VideoEnabled => (registers.Index & 0x20) != 0;

    /// <summary>The character generator's 9th dot repeats the 8th in codes C0-DF (AR10 bit 2).</summary>
    public bool LineGraphics => (registers[0x10] & 0x04) != 0;

    /// <summary>Attribute bit 7 blinks, else it is the background's intensity (AR10 bit 3).</summary>
    public bool Blink => (registers[0x10] & 0x08) != 0;

    /// <summary>Panning stops at the line compare (AR10 bit 5).</summary>
    public bool PanningStopsAtSplit => (registers[0x10] & 0x20) != 0;

    /// <summary>AR11: colour number of the border.</summary>
    public byte Overscan => registers[0x11];

    /// <summary>AR12 bits 3-0: planes that reach the palette.</summary>
    public int PlaneEnable => registers[0x12] & 0x0F;

    /// <summary>AR13: dots that the picture is shifted left by, encoded by mode.</summary>
    public int Panning => registers[0x13];

    /// <summary>Port 3C1: the register that the index names.</summary>
    public byte Read() => registers[registers.Index & 0x1F];

    /// <summary>Port 3C0: index and data in turn.</summary>
    public void Write(byte value)
    {
        if (dataNext)
        {
            registers[registers.Index & 0x1F] = value;
        }
        else
        {
            registers.Index = (byte)(value & 0x3F);
        }
        dataNext = !dataNext;
    }

    /// <summary>The next write to 3C0 is an index.</summary>
    public void ResetFlipFlop() => dataNext = false;

    /// <summary>What blinks is away in frame number <paramref name="frame"/>.</summary>
    public static bool IsBlinkedOff(long frame) => ((frame >> BlinkShift) & 1) != 0;

    /// <summary>
    /// A 4-bit pixel of a graphics mode with blinking (AR10 bit 3): the blink clock drives its bit 3. Where plane 3 is shown, only pixels that have the bit
    /// set blink, and the others have it set for good; where it is not (mode 0Fh), the palette's upper half says which colours blink.
    /// </summary>
    private int BlinkingPixel(int pixel, long frame)
    {
        bool steady = (PlaneEnable & 8) != 0 && (pixel & 8) == 0;
        return steady || IsBlinkedOff(frame) ? pixel | 8 : pixel & 7;
    }

    /// <summary>The DAC's colour number for a 4-bit pixel: palette, then colour select (AR14) for the bits above.</summary>
    public byte DacIndex(int pixel) => ColourOf(pixel & PlaneEnable);

    /// <summary>The same in a graphics mode with blinking, in frame number <paramref name="frame"/>.</summary>
    public byte BlinkingDacIndex(int pixel, long frame) => ColourOf(BlinkingPixel(pixel & PlaneEnable, frame));

    private byte ColourOf(int pixel)
    {
        int colour = registers[pixel];
        int select = registers[0x14];
        if ((registers[0x10] & 0x80) != 0)
        {
            colour = (colour & 0x0F) | ((select & 3) << 4);
        }
        return (byte)(colour | ((select & 0x0C) << 4));
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        registers.Transfer(state);
        dataNext = state.Bool(dataNext);
    }

    /// <summary>Power-on state.</summary>
    public void Reset()
    {
        registers.Reset();
        dataNext = false;
    }
}
