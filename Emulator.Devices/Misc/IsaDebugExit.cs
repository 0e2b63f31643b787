using Emulator.Core.Bus;

namespace Emulator.Devices.Misc;

/// <summary>
/// The <c>isa-debug-exit</c> device: a write of <c>v</c> ends the process with exit code <c>(v &lt;&lt; 1) | 1</c>. Reads give 0.
/// </summary>
/// <param name="machine">Takes the request.</param>
/// <param name="ioBase">First port; 501 by default.</param>
/// <param name="ioSize">Number of ports; 2 by default.</param>
public sealed class IsaDebugExit(IMachineControl machine, int ioBase = 0x501, int ioSize = 2) : IPortDevice
{
    /// <summary>Maps the ports.</summary>
    public void Wire(PortBus bus) => bus.Map("isa-debug-exit", ioBase, ioSize, this, maxSize: ioSize >= 4 ? 4 : ioSize >= 2 ? 2 : 1);

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => 0;

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value) => machine.RequestExit((int)(value << 1) | 1);
}
