using Emulator.Core.Bus;
using Emulator.Devices.Pci;

namespace Emulator.Devices.Ide;

/// <summary>
/// Function 1 of the Intel 82371SB (PIIX3), 8086:7010 at 01.1: two channels at the legacy ports and interrupts, and bus-master
/// registers in BAR 4 (data sheet section 2.3). The legacy ports always answer, whatever IDETIM's enable bits say, so that a guest without
/// a PCI BIOS finds its disks.
/// </summary>
public sealed class Piix3Ide : PciFunction, IPortDevice
{
    /// <summary>IDETIM of the primary and of the secondary channel; bit 15 of each says that the ports are decoded.</summary>
    private const int IdeTiming = 0x40;

    private readonly IdeBusMaster[] busMasters;

    /// <summary>Makes the function.</summary>
    /// <param name="memory">What the bus master reaches.</param>
    /// <param name="irq14">Interrupt of the primary channel.</param>
    /// <param name="irq15">Interrupt of the secondary channel.</param>
    public Piix3Ide(IDmaBus memory, IrqLine irq14, IrqLine irq15)
        : base(new PciIdentity(0x8086, 0x7010, 0, 0x010180))
    {
        busMasters = [new IdeBusMaster(memory), new IdeBusMaster(memory)];
        Primary = new IdeChannel(irq14, busMasters[0]);
        Secondary = new IdeChannel(irq15, busMasters[1]);
        SetDefault(0x06, 0x80);
        SetDefault(0x07, 0x02);
        SetWritable(0x04, 0x05);
        for (int i = 0; i < 5; i++)
        {
            SetWritable(IdeTiming + i, 0xFF);
        }
        AddBar(4, PciBar.Io("piix3 bus master ide", 16, this));
    }

    /// <summary>The channel at 1F0 and 3F6, IRQ 14.</summary>
    public IdeChannel Primary { get; }

    /// <summary>The channel at 170 and 376, IRQ 15.</summary>
    public IdeChannel Secondary { get; }

    /// <summary>Claims the legacy ports.</summary>
    public void Wire(PortBus ports)
    {
        Primary.Wire(ports, "ide0", 0x1F0, 0x3F6);
        Secondary.Wire(ports, "ide1", 0x170, 0x376);
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        Primary.Reset();
        Secondary.Reset();
    }

    /// <inheritdoc/>
    uint IPortDevice.ReadPort(int offset, int size)
    {
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            int at = (offset + i) & 15;
            value |= (uint)busMasters[at >> 3].Read(at & 7) << (8 * i);
        }
        return value;
    }

    /// <inheritdoc/>
    void IPortDevice.WritePort(int offset, int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            int at = (offset + i) & 15;
            busMasters[at >> 3].Write(at & 7, (byte)(value >> (8 * i)));
        }
    }
}
