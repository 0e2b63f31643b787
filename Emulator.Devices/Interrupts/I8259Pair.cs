using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Interrupts;

/// <summary>
/// The two 8259A of an AT: the slave's INT feeds the master's input 2. Ports 20-21 (master), A0-A1 (slave) and the
/// edge/level control registers 4D0-4D1 of the PIIX (82371 data sheet, "Interrupt controller registers").
/// </summary>
public sealed class I8259Pair : IPortDevice, IStateful
{
    private const int CascadeInput = 2;

    // More wires than a board has for one interrupt.
    private const int MostSources = 64;

    private const int SlaveOffset = 2, ElcrOffset = 4;

    // Inputs 0, 1, 2 and 8, 13 belong to edge-triggered devices of the board: their ELCR bits are wired to 0.
    private const byte MasterElcrMask = 0xF8, SlaveElcrMask = 0xDE;

    private readonly IrqLine[] lines = new IrqLine[16];
    private readonly int[] asserted = new int[16];

    /// <summary>Makes the pair.</summary>
    /// <param name="intr">The processor's INTR pin; called with its level when that changes.</param>
    public I8259Pair(Action<bool> intr)
    {
        Master = new I8259(intr, slaveInputs: 1 << CascadeInput);
        Slave = new I8259(level => Master.SetInput(CascadeInput, level), slaveInputs: 0);
        for (int irq = 0; irq < lines.Length; irq++)
        {
            lines[irq] = NewSource(irq);
        }
    }

    /// <summary>IRQ 0-7.</summary>
    public I8259 Master { get; }

    /// <summary>IRQ 8-15.</summary>
    public I8259 Slave { get; }

    /// <summary>True while INTR is asserted.</summary>
    public bool Interrupting => Master.Interrupting;

    /// <summary>The wire of <paramref name="irq"/> (0-15); 2 is the cascade and leads nowhere.</summary>
    public IrqLine Input(int irq) => lines[irq];

    /// <summary>
    /// A wire of its own to <paramref name="irq"/>, for one that shares the interrupt: the input is high while any of its wires is.
    /// </summary>
    public IrqLine NewSource(int irq)
    {
        if (irq == CascadeInput)
        {
            return IrqLine.Unconnected;
        }
        I8259 chip = irq < 8 ? Master : Slave;
        return new IrqLine(level =>
        {
            asserted[irq] += level ? 1 : -1;
            chip.SetInput(irq & 7, asserted[irq] > 0);
        });
    }

    /// <summary>Maps all ports.</summary>
    public void Wire(PortBus bus)
    {
        bus.Map("pic-master", 0x20, 2, this);
        bus.Map("pic-slave", 0xA0, 2, this, offset: SlaveOffset);
        bus.Map("elcr", 0x4D0, 2, this, offset: ElcrOffset);
    }

    /// <summary>State after power-on. The wires keep the levels that their devices drive.</summary>
    public void Reset()
    {
        Slave.Reset();
        Master.Reset();
    }

    /// <summary>
    /// The processor's interrupt acknowledge. A request that has gone meanwhile gives the spurious vector: input 7 of
    /// the chip that was asked, with no in-service bit there.
    /// </summary>
    /// <returns>The interrupt vector.</returns>
    public int Acknowledge()
    {
        int ir = Master.Acknowledge();
        return ir == CascadeInput ? Vector(Slave, Slave.Acknowledge()) : Vector(Master, ir);
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => offset switch
    {
        ElcrOffset => Master.Elcr,
        ElcrOffset + 1 => Slave.Elcr,
        >= SlaveOffset => Slave.ReadPort(offset - SlaveOffset, size),
        _ => Master.ReadPort(offset, size),
    };

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        switch (offset)
        {
            case ElcrOffset:
                Master.Elcr = (byte)(value & MasterElcrMask);
                break;
            case ElcrOffset + 1:
                Slave.Elcr = (byte)(value & SlaveElcrMask);
                break;
            case >= SlaveOffset:
                Slave.WritePort(offset - SlaveOffset, size, value);
                break;
            default:
                Master.WritePort(offset, size, value);
                break;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        Master.Transfer(state);
        Slave.Transfer(state);
        for (int irq = 0; irq < lines.Length; irq++)
        {
            state.Line(lines[irq]);
            asserted[irq] = state.Int32(asserted[irq], 0, MostSources);
        }
    }

    private static int Vector(I8259 chip, int ir) => chip.VectorBase + (ir < 0 ? 7 : ir);
}
