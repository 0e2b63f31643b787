namespace Emulator.Firmware.Pci;

/// <summary>Configuration space of a board without PCI: every function is absent.</summary>
public sealed class NoPciConfig : IPciConfig
{
    /// <inheritdoc/>
    public uint Read(int bus, int dev, int fn, int reg, int size) => ~0u >> (32 - (size * 8));

    /// <inheritdoc/>
    public void Write(int bus, int dev, int fn, int reg, int size, uint value)
    {
    }
}
