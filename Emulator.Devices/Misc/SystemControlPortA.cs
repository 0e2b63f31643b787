using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Misc;

/// <summary>Port 92 (IBM PS/2 Technical Reference, "System Control Port A"): bit 0 fast reset, bit 1 A20; the rest is stored.</summary>
public sealed class SystemControlPortA(A20Gate a20, IMachineControl machine) : IPortDevice, IStateful
{
    private const byte FastReset = 0x01, A20 = 0x02;
    private byte stored;

    /// <summary>Maps port 92.</summary>
    public void Wire(PortBus bus) => bus.Map("port92", 0x92, 1, this);

    /// <summary>State after power-on; the gate is reset by its owner.</summary>
    public void Reset() => stored = 0;

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        stored = state.Byte(stored);
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => (uint)(stored | (a20.IsOpen ? A20 : 0));

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        bool resets = (value & ~stored & FastReset) != 0;
        stored = (byte)(value & ~A20);
        a20.IsOpen = (value & A20) != 0;
        if (resets)
        {
            machine.RequestReset();
        }
    }
}
