using Emulator.Core.Bus;

namespace Emulator.Devices.Misc;

/// <summary>
/// Port F0, the coprocessor error register (82371FB/SB data sheet, 2.5.8.1 and 4.8): FERR holds IRQ 13 asserted; a write releases it and asserts IGNNE
/// for as long as the error lasts. Its only state is that wire, which the interrupt controller saves.
/// </summary>
public sealed class CoprocessorError(IrqLine irq13, Action ignoreErrors) : IPortDevice
{
    /// <summary>Maps ports F0 and F1.</summary>
    public void Wire(PortBus bus) => bus.Map("coprocessor error", 0xF0, 2, this);

    /// <summary>State after power-on: no error.</summary>
    public void Reset() => irq13.Lower();

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => 0xFF;

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (offset == 0 && irq13.Level)
        {
            irq13.Lower();
            ignoreErrors();
        }
    }
}
