using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Pci;

/// <summary>
/// PCI configuration mechanism 1 (CONFADD at CF8, CONFDATA at CFC; 82441FX data sheet section 3.1) and the PIIX3's reset
/// control register RC at CF9 (82371SB data sheet section 2.5.4.1), which hides behind CONFADD: that answers dwords only.
/// </summary>
public sealed class PciHost(PciBus bus, IMachineControl machine) : IPortDevice, IStateful
{
    private const int ResetControl = 1, Data = 4;
    private const uint AddressBits = 0x80FF_FFFC;

    private uint address;
    private byte resetControl;

    /// <summary>Claims ports CF8 to CFF.</summary>
    public void Wire(PortBus ports) => ports.Map("pci configuration", 0xCF8, 8, this, maxSize: 4);

    /// <summary>Back to the state after power-on.</summary>
    public void Reset()
    {
        address = 0;
        resetControl = 0;
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => (offset, size) switch
    {
        (0, 4) => address,
        (ResetControl, 1) => resetControl,
        (>= Data, _) when Target is { } function => function.ReadConfig(Register(offset), size),
        _ => ~0u,
    };

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        switch (offset, size)
        {
            case (0, 4):
                address = value & AddressBits;
                break;
            case (ResetControl, 1):
                WriteResetControl((byte)value);
                break;
            case (>= Data, _):
                Target?.WriteConfig(Register(offset), size, value);
                break;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        address = state.UInt32(address) & AddressBits;
        resetControl = state.Byte(resetControl);
    }

    // Bus 0 only, and only while the enable bit is set.
    private PciFunction? Target =>
        (address & 0x80FF_0000) == 0x8000_0000 ? bus.Find((int)(address >> 11) & 0x1F, (int)(address >> 8) & 7) : null;

    private int Register(int offset) => (int)(address & 0xFC) | (offset & 3);

    // Bit 1 chooses the kind of reset, bit 2 triggers it on its way from 0 to 1.
    private void WriteResetControl(byte value)
    {
        bool trigger = (value & ~resetControl & 4) != 0;
        resetControl = (byte)(value & 0x02);
        if (trigger)
        {
            machine.RequestReset();
        }
    }
}
