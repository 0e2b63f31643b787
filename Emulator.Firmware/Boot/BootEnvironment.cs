using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>What a directly loaded kernel is told about the machine.</summary>
/// <param name="Map">Memory map, ascending.</param>
/// <param name="RsdpAddress">Where the ACPI root pointer stands; 0 without ACPI.</param>
public sealed record BootEnvironment(IReadOnlyList<E820Entry> Map, uint RsdpAddress)
{
    /// <summary>End of the RAM run that starts at 1 MiB.</summary>
    public uint HighMemoryEnd { get; } =
        (uint)Map.FirstOrDefault(entry => entry.Type == E820Type.Ram && entry.Start == MemoryMap.HighMemoryStart).End;

    /// <summary>True when [start, start + length) is RAM of one run.</summary>
    public bool IsRam(ulong start, ulong length) =>
        Map.Any(entry => entry.Type == E820Type.Ram && entry.Start <= start && start + length <= entry.End);
}
