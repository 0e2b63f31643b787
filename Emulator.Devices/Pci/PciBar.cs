using System.Numerics;
using Emulator.Core.Bus;
using Emulator.Core.Memory;

namespace Emulator.Devices.Pci;

/// <summary>A base address register as a function declares it (PCI 2.1, section 6.2.5). The guest decides where it goes.</summary>
public sealed record PciBar
{
    private PciBar(string name, uint size)
    {
        if (!BitOperations.IsPow2(size))
        {
            throw new ArgumentException($"size of BAR {name} is not a power of two: {size}", nameof(size));
        }
        Name = name;
        Size = size;
    }

    /// <summary>For people: the monitor and the memory map.</summary>
    public string Name { get; }

    /// <summary>Bytes decoded; a power of two.</summary>
    public uint Size { get; }

    /// <summary>True for I/O space, false for memory space.</summary>
    public bool IsIo => PortDevice is not null;

    /// <summary>Type bits that the register shows: bit 0 I/O, bit 3 prefetchable.</summary>
    public uint TypeBits => IsIo ? 1u : IsPrefetchable ? 8u : 0u;

    /// <summary>Memory without side effects on reads.</summary>
    public bool IsPrefetchable { get; private init; }

    /// <summary>The device behind an I/O BAR.</summary>
    public IPortDevice? PortDevice { get; private init; }

    /// <summary>Widest port access that the device takes whole, bytes.</summary>
    public int MaxPortSize { get; private init; }

    /// <summary>What a memory BAR leads to.</summary>
    public MemoryKind Kind { get; private init; }

    /// <summary>The device behind a memory BAR of kind <see cref="MemoryKind.Mmio"/>.</summary>
    public IMmioDevice? MmioDevice { get; private init; }

    /// <summary>Machine address behind a memory BAR of kind RAM or ROM.</summary>
    public ulong MachineAddress { get; private init; }

    /// <summary>An I/O BAR of 4 to 256 ports.</summary>
    public static PciBar Io(string name, uint size, IPortDevice device, int maxSize = 4) =>
        size is >= 4 and <= 256
            ? new PciBar(name, size) { PortDevice = device, MaxPortSize = maxSize }
            : throw new ArgumentException($"I/O BAR {name} has {size} ports", nameof(size));

    /// <summary>A memory BAR with a device behind it; at least one page, the granularity of the memory map.</summary>
    public static PciBar Mmio(string name, uint size, IMmioDevice device) =>
        Memory(name, size) with { Kind = MemoryKind.Mmio, MmioDevice = device };

    /// <summary>A prefetchable memory BAR that shows machine memory (video memory).</summary>
    public static PciBar Ram(string name, uint size, ulong machineAddress) =>
        Memory(name, size) with { Kind = MemoryKind.Ram, MachineAddress = machineAddress, IsPrefetchable = true };

    /// <summary>The expansion ROM BAR's memory.</summary>
    public static PciBar Rom(string name, uint size, ulong machineAddress) =>
        Memory(name, size) with { Kind = MemoryKind.Rom, MachineAddress = machineAddress };

    private static PciBar Memory(string name, uint size) =>
        size >= PhysicalMemory.PageSize
            ? new PciBar(name, size)
            : throw new ArgumentException($"memory BAR {name} is smaller than a page: {size}", nameof(size));
}
