namespace Emulator.Core.Bus;

/// <summary>A device behind physical addresses. It sees offsets from the start of its own range.</summary>
public interface IMmioDevice
{
    /// <summary>Reads <paramref name="size"/> (1, 2, 4 or 8) bytes at <paramref name="offset"/>; never crosses a 4 KiB page.</summary>
    ulong ReadMmio(ulong offset, int size);

    /// <summary>Writes the low <paramref name="size"/> (1, 2, 4 or 8) bytes of <paramref name="value"/>.</summary>
    void WriteMmio(ulong offset, int size, ulong value);
}
