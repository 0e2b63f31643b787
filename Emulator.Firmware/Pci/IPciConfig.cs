namespace Emulator.Firmware.Pci;

/// <summary>PCI configuration space as firmware reaches it. Absent functions read as all ones.</summary>
public interface IPciConfig
{
    /// <summary>Reads 1, 2 or 4 bytes of a function's configuration space.</summary>
    uint Read(int bus, int dev, int fn, int reg, int size);

    /// <summary>Writes 1, 2 or 4 bytes of a function's configuration space.</summary>
    void Write(int bus, int dev, int fn, int reg, int size, uint value);
}
