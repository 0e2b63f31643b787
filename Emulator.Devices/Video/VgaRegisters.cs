using Emulator.Core.State;

namespace Emulator.Devices.Video;

/// <summary>All the registers that make a picture, together.</summary>
internal sealed class VgaRegisters
{
    /// <summary>SR0-SR4.</summary>
    public Sequencer Sequencer { get; } = new();

    /// <summary>CR0-CR18.</summary>
    public CrtController Crtc { get; } = new();

    /// <summary>GR0-GR8.</summary>
    public GraphicsController Graphics { get; } = new();

    /// <summary>AR0-AR14.</summary>
    public AttributeController Attributes { get; } = new();

    /// <summary>The palette.</summary>
    public PaletteDac Dac { get; } = new();

    /// <summary>
    /// Port 3C2: bit 0 CRTC at 3Dx (else 3Bx), bit 1 the CPU reaches video memory, bits 3-2 clock, bit 5 odd/even page, bits 7-6 sync
    /// polarity.
    /// </summary>
    public byte MiscOutput { get; set; }

    /// <summary>Port 3DA write, 3CA read.</summary>
    public byte FeatureControl { get; set; }

    /// <summary>Port 3C3: bit 0 enables the video subsystem.</summary>
    public byte SubsystemEnable { get; set; }

    /// <summary>The CRTC and status ports are at 3Dx, else at 3Bx.</summary>
    public bool ColourPorts => (MiscOutput & 0x01) != 0;

    /// <summary>The CPU reaches video memory.</summary>
    public bool RamEnabled => (MiscOutput & 0x02) != 0;

    /// <summary>Power-on state.</summary>
    public void Reset()
    {
        Sequencer.Registers.Reset();
        Crtc.Registers.Reset();
        Graphics.Registers.Reset();
        Attributes.Reset();
        Dac.Reset();
        (MiscOutput, FeatureControl, SubsystemEnable) = (0, 0, 0);
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        Sequencer.Registers.Transfer(state);
        Crtc.Registers.Transfer(state);
        Graphics.Registers.Transfer(state);
        Attributes.Transfer(state);
        Dac.Transfer(state);
        MiscOutput = state.Byte(MiscOutput);
        FeatureControl = state.Byte(FeatureControl);
        SubsystemEnable = state.Byte(SubsystemEnable);
    }

    /// <summary>
    /// Sets the registers of a linear mode that was switched on by VBE, which guests rely on: graphics, a 64 KiB window at A0000, all
    /// planes,
    /// packed pixels above 4 bits, and a CRTC that tells the mode's size.
    /// </summary>
    public void EnterVbeMode(int width, int height, int bitsPerPixel, int pitch)
    {
        Graphics.Registers[6] = (byte)((Graphics.Registers[6] & ~0x0C) | 0x05);
        Graphics.Registers[5] = (byte)((Graphics.Registers[5] & ~0x60) | (bitsPerPixel > 4 ? 0x40 : 0));
        Sequencer.Registers[2] = 0x0F;
        Sequencer.Registers[4] = bitsPerPixel > 4
            ? (byte)(Sequencer.Registers[4] | 0x08)
            : (byte)((Sequencer.Registers[4] & ~0x08) | 0x04);
        if (bitsPerPixel == 4)
        {
            Sequencer.Registers[1] &= 0xF7;
            Graphics.Registers[5] &= 0xEF;
            Graphics.Registers[6] &= 0xFD;
        }
        RegisterFile crtc = Crtc.Registers;
        int last = height - 1;
        crtc[0x01] = (byte)((width >> 3) - 1);
        crtc[0x13] = (byte)(pitch >> 3);
        crtc[0x17] |= 0x03;
        crtc[0x12] = (byte)last;
        crtc[0x07] = (byte)((crtc[0x07] & ~0x52) | ((last & 0x100) >> 7) | ((last & 0x200) >> 3) | 0x10);
        crtc[0x09] = 0x40;
        crtc[0x18] = 0xFF;
    }
}
