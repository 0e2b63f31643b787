using Emulator.Core.Backends;
using Emulator.Core.Bus;

namespace Emulator.Devices.Misc;

/// <summary>
/// A debug console of one port (Bochs E9, SeaBIOS 402): what is written goes to the host, a read gives E9, by which guests
/// know that it is there.
/// </summary>
public sealed class DebugPort(ICharBackend output) : IPortDevice
{
    private const uint Presence = 0xE9;

    /// <summary>Maps the one port <paramref name="port"/>.</summary>
    public void Wire(PortBus bus, int port) => bus.Map("debugcon", port, 1, this);

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => Presence;

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        Span<byte> data = [(byte)value];
        output.Send(data);
    }
}
