using Emulator.Core.Bus;

namespace Emulator.Core.Memory;

/// <summary>What a run of guest-physical addresses leads to.</summary>
public enum MemoryKind
{
    /// <summary>Readable and writable host memory.</summary>
    Ram,

    /// <summary>Host memory that swallows writes.</summary>
    Rom,

    /// <summary>A device.</summary>
    Mmio,
}

/// <summary>A claimed run of guest-physical addresses, whole pages.</summary>
/// <param name="Name">For people.</param>
/// <param name="Start">First guest-physical address.</param>
/// <param name="Length">Bytes, a multiple of 4096.</param>
/// <param name="Kind">RAM, ROM or a device.</param>
/// <param name="MachineAddress">Offset in the machine memory for RAM and ROM.</param>
/// <param name="Device">The device of an MMIO region; sees offsets from <paramref name="Start"/>.</param>
/// <param name="Priority">Higher hides lower where regions overlap.</param>
public sealed record MemoryRegion(
    string Name, ulong Start, ulong Length, MemoryKind Kind, ulong MachineAddress, IMmioDevice? Device, int Priority);
