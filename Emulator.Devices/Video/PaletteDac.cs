using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>
/// The palette DAC, ports 3C6-3C9 (INMOS IMSG171 data sheet): 256 colours of three components, 6 bits wide, or 8 where the VBE interface
/// widens them. The address steps on after every third component.
/// </summary>
internal sealed class PaletteDac
{
    private readonly byte[] components = new byte[256 * 3];
    private byte readAddress, writeAddress;
    private int component;
    private bool reading;

    /// <summary>Port 3C6: ANDed to every pixel.</summary>
    public byte PixelMask { get; set; } = 0xFF;

    /// <summary>Components are 8 bits wide, not 6.</summary>
    public bool EightBit { get; set; }

    /// <summary>Port 3C7 read: 3 while the read address was set last, 0 after the write address.</summary>
    public byte State => reading ? (byte)3 : (byte)0;

    /// <summary>Port 3C8 read.</summary>
    public byte WriteAddress => writeAddress;

    /// <summary>Port 3C7 write: the colour to be read.</summary>
    public void SetReadAddress(byte value)
    {
        readAddress = value;
        component = 0;
        reading = true;
    }

    /// <summary>Port 3C8 write: the colour to be written.</summary>
    public void SetWriteAddress(byte value)
    {
        writeAddress = value;
        component = 0;
        reading = false;
    }

    /// <summary>Port 3C9 read: red, green and blue in turn.</summary>
    public byte Read()
    {
        byte value = components[(readAddress * 3) + component];
        Step(ref readAddress);
        return EightBit ? value : (byte)(value & 0x3F);
    }

    /// <summary>Port 3C9 write: red, green and blue in turn.</summary>
    public void Write(byte value)
    {
        components[(writeAddress * 3) + component] = EightBit ? value : (byte)(value & 0x3F);
        Step(ref writeAddress);
    }

    /// <summary>The colour of a pixel, 0xFFRRGGBB, after the pixel mask.</summary>
    public uint Colour(int pixel)
    {
        int at = (pixel & PixelMask) * 3;
        return 0xFF000000 | (Level(components[at]) << 16) | (Level(components[at + 1]) << 8) | Level(components[at + 2]);
    }

    /// <summary>Power-on state: all black, nothing masked.</summary>
    public void Reset()
    {
        Array.Clear(components);
        (readAddress, writeAddress, component, reading) = (0, 0, 0, false);
        PixelMask = 0xFF;
        EightBit = false;
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(components);
        readAddress = state.Byte(readAddress);
        writeAddress = state.Byte(writeAddress);
        component = state.Int32(component, 0, 2);
        reading = state.Bool(reading);
        PixelMask = state.Byte(PixelMask);
        EightBit = state.Bool(EightBit);
    }

    // 6 bits to 8 so that 3F becomes FF.
    private uint Level(byte value) => EightBit ? value : (uint)(((value & 0x3F) << 2) | ((value & 0x3F) >> 4));

    private void Step(ref byte address)
    {
        if (++component == 3)
        {
            component = 0;
            address++;
        }
    }
}
