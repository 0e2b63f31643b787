using Emulator.Devices.Pci;
using Emulator.Firmware.Pci;

namespace Emulator.Machine.Board;

/// <summary>Configuration space of the one bus, for firmware that runs in the VMM.</summary>
internal sealed class PciConfigAccess(PciBus pci) : IPciConfig
{
    /// <inheritdoc/>
    public uint Read(int bus, int dev, int fn, int reg, int size) =>
        bus == 0 && pci.Find(dev, fn) is { } function ? function.ReadConfig(reg, size) : ~0u >> (32 - (size * 8));

    /// <inheritdoc/>
    public void Write(int bus, int dev, int fn, int reg, int size, uint value)
    {
        if (bus == 0)
        {
            pci.Find(dev, fn)?.WriteConfig(reg, size, value);
        }
    }
}
