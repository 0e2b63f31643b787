using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Pci;

/// <summary>
/// Function 0 of the Intel 82371SB (PIIX3), 8086:7000 at 01.0: routes the PIRQ wires to ISA interrupts (data sheet section
/// 2.2.8, PIRQRC). Other registers only remember what is written.
/// </summary>
public sealed class Piix3Isa : PciFunction
{
    private const int FirstPirqRoute = 0x60;

    // IRQs 0, 1, 2, 8 and 13 are reserved in PIRQRC.
    private const int Routable = 0b1101_1110_1111_1000;

    private readonly IrqLine?[] lines = new IrqLine?[16];
    private int driven;

    /// <summary>Makes the bridge. <paramref name="isaIrq"/> gives the input of the interrupt controller for IRQ 3 to 15.</summary>
    public Piix3Isa(Func<int, IrqLine> isaIrq)
        : base(new PciIdentity(0x8086, 0x7000, 0, 0x060100, Multifunction: true))
    {
        for (int irq = 0; irq < lines.Length; irq++)
        {
            lines[irq] = (Routable >> irq & 1) != 0 ? isaIrq(irq) : null;
        }
        SetDefault(0x04, 0x07);
        SetWritable(0x04, 0x00);
        SetDefault(0x07, 0x02);
        SetDefault(0x4C, 0x4D);
        SetWritable(0x4C, 0x7F);
        SetDefault(0x4E, 0x03);
        SetWritable(0x4E, 0xFF);
        SetWritable(0x4F, 0x01);
        for (int i = 0; i < 4; i++)
        {
            SetDefault(FirstPirqRoute + i, 0x80);
            SetWritable(FirstPirqRoute + i, 0x8F);
        }
        SetDefault(0x69, 0x02);
        SetWritable(0x69, 0xFE);
        SetWritable(0x6A, 0x44);
        SetWritable(0x70, 0xEF);
        SetDefault(0x70, 0x80);
        SetDefault(0x76, 0x0C);
        SetWritable(0x76, 0x8F);
        SetDefault(0x77, 0x0C);
        SetWritable(0x77, 0x8F);
        SetDefault(0x78, 0x02);
        SetWritable(0x78, 0xFF);
        SetWritable(0x79, 0xFF);
        SetWritable(0x80, 0x7F);
        SetWritable(0x82, 0x0F);
        SetDefault(0xA0, 0x08);
        SetWritable(0xA0, 0x1F);
        SetWritable(0xA2, 0xFF);
        SetDefault(0xA8, 0x0F);
        SetWritable(0xA8, 0xFF);
    }

    /// <summary>The ISA IRQ that a PIRQ wire (0 to 3) is routed to, or null.</summary>
    public int? RouteOf(int pirq)
    {
        uint route = ReadConfig(FirstPirqRoute + pirq, 1);
        int irq = (int)(route & 0x0F);
        return (route & 0x80) == 0 && lines[irq] is not null ? irq : null;
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        UpdateLines();
    }

    /// <inheritdoc/>
    protected override void TransferOwn(StateTransfer state)
    {
        driven = state.UInt16((ushort)driven);
        foreach (IrqLine? line in lines)
        {
            if (line is not null)
            {
                state.Line(line);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnAttached() => Bus.PirqChanged = (_, _) => UpdateLines();

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size)
    {
        if ((offset & ~3) == FirstPirqRoute)
        {
            UpdateLines();
        }
    }

    private void UpdateLines()
    {
        int asserted = 0;
        for (int pirq = 0; pirq < 4; pirq++)
        {
            if (RouteOf(pirq) is int irq && Bus.PirqLevel(pirq))
            {
                asserted |= 1 << irq;
            }
        }
        // Only what changed: the caller may have given the very wire that an ISA device drives.
        int changed = asserted ^ driven;
        driven = asserted;
        for (int irq = 0; irq < lines.Length; irq++)
        {
            if ((changed >> irq & 1) != 0)
            {
                lines[irq]?.Set((asserted >> irq & 1) != 0);
            }
        }
    }
}
