namespace Emulator.Firmware.Bios;

/// <summary>
/// Guest memory as the code that called the BIOS sees it: linear addresses, with its paging and its rights. An access that faults is
/// remembered by the caller's side (<see cref="IBiosHost.HasFaulted"/>), reads as 0 and changes nothing, like every later one of the same call.
/// </summary>
public interface IBiosMemory
{
    /// <summary>Reads 1, 2 or 4 bytes.</summary>
    uint Load(uint linear, int size);

    /// <summary>Writes the low 1, 2 or 4 bytes of <paramref name="value"/>.</summary>
    void Store(uint linear, int size, uint value);

    /// <summary>Fills <paramref name="destination"/> from <paramref name="linear"/>.</summary>
    void Read(uint linear, Span<byte> destination);

    /// <summary>Writes <paramref name="source"/> at <paramref name="linear"/>.</summary>
    void Write(uint linear, ReadOnlySpan<byte> source);
}
