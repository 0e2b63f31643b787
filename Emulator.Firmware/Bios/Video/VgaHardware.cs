namespace Emulator.Firmware.Bios.Video;

/// <summary>The adapter's registers by port (IBM VGA; Bochs VBE at 1CE), and its memory.</summary>
internal sealed class VgaHardware(IBiosHost host)
{
    /// <summary>Registers of the Bochs VBE interface.</summary>
    public const int VbeId = 0, VbeXRes = 1, VbeYRes = 2, VbeBpp = 3, VbeEnable = 4, VbeBank = 5, VbeVirtualWidth = 6, VbeXOffset = 8, VbeYOffset = 9,
        VbeMemory = 10;

    private const ushort AttributePort = 0x3C0, MiscellaneousPort = 0x3C2, SequencerPort = 0x3C4, DacMaskPort = 0x3C6, DacReadPort = 0x3C7,
        DacWritePort = 0x3C8, DacDataPort = 0x3C9, MiscellaneousReadPort = 0x3CC, GraphicsPort = 0x3CE, VbeIndexPort = 0x1CE, VbeDataPort = 0x1CF;

    private const byte PaletteOn = 0x20;

    /// <summary>Guest memory.</summary>
    public IBiosMemory Memory => host.Memory;

    /// <summary>3D4, or 3B4 in monochrome modes.</summary>
    public ushort CrtcPort => (host.In(MiscellaneousReadPort) & 1) != 0 ? (ushort)0x3D4 : (ushort)0x3B4;

    /// <summary>Writes a sequencer register.</summary>
    public void Sequencer(int index, int value) => Write(SequencerPort, index, value);

    /// <summary>Reads a sequencer register.</summary>
    public byte ReadSequencer(int index) => Read(SequencerPort, index);

    /// <summary>Writes a graphics controller register.</summary>
    public void Graphics(int index, int value) => Write(GraphicsPort, index, value);

    /// <summary>Reads a graphics controller register.</summary>
    public byte ReadGraphics(int index) => Read(GraphicsPort, index);

    /// <summary>Writes a CRT controller register.</summary>
    public void Crtc(int index, int value) => Write(CrtcPort, index, value);

    /// <summary>Reads a CRT controller register.</summary>
    public byte ReadCrtc(int index) => Read(CrtcPort, index);

    /// <summary>Writes a word into two CRT controller registers, the high byte first.</summary>
    public void CrtcWord(int index, int value)
    {
        Crtc(index, value >> 8);
        Crtc(index + 1, value & 0xFF);
    }

    /// <summary>Writes an attribute controller register; the picture stays on.</summary>
    public void Attribute(int index, int value)
    {
        ResetAttributeIndex();
        host.Out(AttributePort, (uint)index);
        host.Out(AttributePort, (uint)value);
        host.Out(AttributePort, PaletteOn);
    }

    /// <summary>Reads an attribute controller register; the picture stays on.</summary>
    public byte ReadAttribute(int index)
    {
        ResetAttributeIndex();
        host.Out(AttributePort, (uint)index);
        byte value = (byte)host.In(AttributePort + 1);
        ResetAttributeIndex();
        host.Out(AttributePort, PaletteOn);
        return value;
    }

    /// <summary>The miscellaneous output register.</summary>
    public byte Miscellaneous
    {
        get => (byte)host.In(MiscellaneousReadPort);
        set => host.Out(MiscellaneousPort, value);
    }

    /// <summary>The DAC's mask.</summary>
    public byte DacMask
    {
        get => (byte)host.In(DacMaskPort);
        set => host.Out(DacMaskPort, value);
    }

    /// <summary>Writes colours from <paramref name="first"/> on, three bytes each.</summary>
    public void WriteDac(int first, ReadOnlySpan<byte> colors)
    {
        host.Out(DacWritePort, (uint)first);
        foreach (byte component in colors)
        {
            host.Out(DacDataPort, component);
        }
    }

    /// <summary>Reads colours from <paramref name="first"/> on, three bytes each.</summary>
    public byte[] ReadDac(int first, int count)
    {
        host.Out(DacReadPort, (uint)first);
        var colors = new byte[count * 3];
        for (int n = 0; n < colors.Length; n++)
        {
            colors[n] = (byte)host.In(DacDataPort);
        }
        return colors;
    }

    /// <summary>Reads a register of the VBE interface.</summary>
    public ushort ReadVbe(int index)
    {
        host.Out(VbeIndexPort, (uint)index, 2);
        return (ushort)host.In(VbeDataPort, 2);
    }

    /// <summary>Writes a register of the VBE interface.</summary>
    public void WriteVbe(int index, int value)
    {
        host.Out(VbeIndexPort, (uint)index, 2);
        host.Out(VbeDataPort, (uint)value, 2);
    }

    /// <summary>Fills memory with a repeated doubleword.</summary>
    public void Fill(uint linear, int length, uint value)
    {
        for (int at = 0; at < length; at += 4)
        {
            Memory.Store(linear + (uint)at, 4, value);
        }
    }

    /// <summary>Programs a whole mode: everything but the DAC and the memory.</summary>
    public void Program(VideoMode mode)
    {
        WriteVbe(VbeEnable, 0);
        ResetAttributeIndex();
        for (int n = 0; n < mode.Attributes.Length; n++)
        {
            host.Out(AttributePort, (uint)n);
            host.Out(AttributePort, mode.Attributes[n]);
        }
        host.Out(AttributePort, 0x14);
        host.Out(AttributePort, 0);
        Sequencer(0, 1);
        for (int n = 0; n < mode.Sequencer.Length; n++)
        {
            Sequencer(n + 1, mode.Sequencer[n]);
        }
        Sequencer(0, 3);
        for (int n = 0; n < mode.Graphics.Length; n++)
        {
            Graphics(n, mode.Graphics[n]);
        }
        Miscellaneous = mode.MiscellaneousOutput;
        Crtc(0x11, 0); // unlocks registers 0-7
        for (int n = 0; n < mode.Crtc.Length; n++)
        {
            Crtc(n, mode.Crtc[n]);
        }
        ResetAttributeIndex();
        host.Out(AttributePort, PaletteOn);
        ResetAttributeIndex();
    }

    private void ResetAttributeIndex() => host.In((ushort)(CrtcPort + 6));

    private void Write(ushort port, int index, int value)
    {
        host.Out(port, (uint)index);
        host.Out((ushort)(port + 1), (byte)value);
    }

    private byte Read(ushort port, int index)
    {
        host.Out(port, (uint)index);
        return (byte)host.In((ushort)(port + 1));
    }
}
