using Emulator.Core.Bus;
using Emulator.Core.Time;

namespace Emulator.Devices.Video;

/// <summary>
/// The VGA's I/O ports (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem"). Offsets count from port 3B0.
/// </summary>
internal sealed class VgaPorts(VgaRegisters registers, BochsVbe vbe, IClock clock, Action memoryPathChanged) : IPortDevice
{
    /// <summary>The port that offset 0 stands for.</summary>
    public const int Base = 0x3B0;

    private const byte NotDecoded = 0xFF;

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        int port = Base + offset;
        return port is >= 0x3C0 and <= 0x3CF ? ReadFixed(port)
            : IsColour(port) == registers.ColourPorts ? ReadRelocated(port & 0x0F)
            : NotDecoded;
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        int port = Base + offset;
        if (port is >= 0x3C0 and <= 0x3CF)
        {
            WriteFixed(port, (byte)value);
        }
        else if (IsColour(port) == registers.ColourPorts)
        {
            WriteRelocated(port & 0x0F, (byte)value);
        }
    }

    private static bool IsColour(int port) => port >= 0x3D0;

    private byte ReadFixed(int port)
    {
        switch (port)
        {
            case 0x3C0: return registers.Attributes.Index;
            case 0x3C1: return registers.Attributes.Read();
            case 0x3C2: return 0; // input status 0: no interrupt pending, sense comparator low
            case 0x3C3: return registers.SubsystemEnable;
            case 0x3C4: return registers.Sequencer.Registers.Index;
            case 0x3C5: return registers.Sequencer.Registers[registers.Sequencer.Registers.Index];
            case 0x3C6: return registers.Dac.PixelMask;
            case 0x3C7: return registers.Dac.State;
            case 0x3C8: return registers.Dac.WriteAddress;
            case 0x3C9: return registers.Dac.Read();
            case 0x3CA: return registers.FeatureControl;
            case 0x3CC: return registers.MiscOutput;
            case 0x3CE: return registers.Graphics.Registers.Index;
            case 0x3CF: return registers.Graphics.Registers[registers.Graphics.Registers.Index];
            default: return NotDecoded;
        }
    }

    private void WriteFixed(int port, byte value)
    {
        switch (port)
        {
            case 0x3C0 or 0x3C1:
                registers.Attributes.Write(value);
                break;
            case 0x3C2:
                registers.MiscOutput = value;
                memoryPathChanged();
                break;
            case 0x3C3:
                registers.SubsystemEnable = value;
                break;
            case 0x3C4:
                registers.Sequencer.Registers.Index = value;
                break;
            case 0x3C5:
                registers.Sequencer.Registers[registers.Sequencer.Registers.Index] = value;
                memoryPathChanged();
                break;
            case 0x3C6:
                registers.Dac.PixelMask = value;
                break;
            case 0x3C7:
                registers.Dac.SetReadAddress(value);
                break;
            case 0x3C8:
                registers.Dac.SetWriteAddress(value);
                break;
            case 0x3C9:
                registers.Dac.Write(value);
                break;
            case 0x3CE:
                registers.Graphics.Registers.Index = value;
                break;
            case 0x3CF:
                registers.Graphics.Registers[registers.Graphics.Registers.Index] = value;
                memoryPathChanged();
                break;
        }
    }

    private byte ReadRelocated(int port)
    {
        switch (port)
        {
            case 0x4: return registers.Crtc.Registers.Index;
            case 0x5: return registers.Crtc.Registers[registers.Crtc.Registers.Index];
            case 0xA:
                registers.Attributes.ResetFlipFlop();
                BeamPosition beam = vbe.Enabled
                    ? VgaTiming.AtVbe(clock.NowNs, vbe.Height)
                    : VgaTiming.At(clock.NowNs, registers.MiscOutput, registers.Sequencer, registers.Crtc);
                return (byte)((beam.DisplayEnabled ? 0 : 0x01) | (beam.VerticalRetrace ? 0x08 : 0));
            default: return NotDecoded;
        }
    }

    private void WriteRelocated(int port, byte value)
    {
        switch (port)
        {
            case 0x4:
                registers.Crtc.Registers.Index = value;
                break;
            case 0x5:
                registers.Crtc.Write(value);
                break;
            case 0xA:
                registers.FeatureControl = value;
                break;
        }
    }
}
