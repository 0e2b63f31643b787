namespace Emulator.Core.Bus;

/// <summary>A device behind I/O ports. It sees offsets from the first port of its own range, never port numbers.</summary>
public interface IPortDevice
{
    /// <summary>Reads <paramref name="size"/> (1, 2 or 4) bytes at <paramref name="offset"/>; bits above the size are ignored.</summary>
    uint ReadPort(int offset, int size);

    /// <summary>Writes the low <paramref name="size"/> (1, 2 or 4) bytes of <paramref name="value"/> at <paramref name="offset"/>.</summary>
    void WritePort(int offset, int size, uint value);
}
