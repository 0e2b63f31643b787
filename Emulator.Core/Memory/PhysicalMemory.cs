using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.Core.Bus;

namespace Emulator.Core.Memory;

/// <summary>
/// Machine memory and the map g: guest-physical address (PA) to machine address (MA) or device. One block of host memory
/// holds RAM and every ROM; an MA is an offset in it. Owns the has-code granules (64 bytes each) and the dirty bits by machine page, so DMA
/// and CPU writes invalidate translated code in the same way.
/// </summary>
public sealed unsafe class PhysicalMemory : IDmaBus, IDisposable
{
    /// <summary>Guest-physical address space: 4 GiB.</summary>
    public const ulong AddressSpace = 1ul << 32;

    /// <summary>Bytes in a page.</summary>
    public const int PageSize = 4096;

    private const uint MmioFlag = 0x8000_0000, Unmapped = 0x4000_0000;

    private readonly void* allocation;
    private readonly SharedMemory? shared;
    private readonly ulong capacity;
    private ulong allocated;

    // By guest page: a machine page number, or MmioFlag | region index, or Unmapped. Reads and writes differ under PAM.
    private readonly uint[] readMap = new uint[AddressSpace / PageSize];
    private readonly uint[] writeMap = new uint[AddressSpace / PageSize];
    private readonly List<MemoryRegion> regions = [];

    // Devices by the index in the maps, and the other way round; an index is used again when its region has been taken out.
    private readonly List<MemoryRegion?> mmioRegions = [];
    private readonly Dictionary<MemoryRegion, int> mmioIndexes = [];
    private readonly Stack<int> freeIndexes = [];

    // By machine page: one bit for each 64-byte granule that holds decoded code; and whether it was written.
    private readonly ulong* codeGranules;
    private readonly byte* dirty;
    private readonly byte* tracedTables;

    /// <summary>Allocates machine memory for <paramref name="ramSize"/> bytes of RAM and <paramref name="extra"/> bytes of ROM and video memory.</summary>
    /// <param name="ramSize">Bytes of RAM.</param>
    /// <param name="extra">Bytes for ROM and video memory.</param>
    /// <param name="mappable">Machine memory can be mapped a second time, page by page, where the host can do that (<see cref="HostFile"/>).</param>
    /// <exception cref="OutOfMemoryException">The host has not that much address space.</exception>
    public PhysicalMemory(ulong ramSize, ulong extra = 32 << 20, bool mappable = false)
    {
        RamSize = ramSize;
        capacity = (ramSize + extra + PageSize - 1) & ~(ulong)(PageSize - 1);
        // SAFETY: owned here, freed in Dispose; calloc'ed so that untouched RAM costs the host nothing. One large page more so
        // that the start can be aligned.
        shared = mappable ? SharedMemory.TryMake(capacity) : null;
        if (shared is null)
        {
            allocation = NativeMemory.AllocZeroed((nuint)(capacity + HugePages.Size));
            Host = (byte*)(((ulong)allocation + HugePages.Size - 1) & ~((ulong)HugePages.Size - 1));
            HugePages.Ask(Host, ramSize & ~((ulong)HugePages.Size - 1));
        }
        else
        {
            Host = shared.Start;
        }
        codeGranules = (ulong*)NativeMemory.AllocZeroed((nuint)(capacity / PageSize), sizeof(ulong));
        dirty = (byte*)NativeMemory.AllocZeroed((nuint)(capacity / PageSize));
        tracedTables = (byte*)NativeMemory.AllocZeroed((nuint)(capacity / PageSize));
        allocated = ramSize;
        Array.Fill(readMap, Unmapped);
        Array.Fill(writeMap, Unmapped);
    }

    /// <summary>Host address of MA 0, page-aligned.</summary>
    public byte* Host { get; }

    /// <summary>Descriptor of the file behind machine memory, MA 0 at its start; -1: there is none.</summary>
    public int HostFile => shared?.File ?? -1;

    /// <summary>Bytes of RAM, at MA 0.</summary>
    public ulong RamSize { get; }

    /// <summary>Bytes of machine memory.</summary>
    public ulong Capacity => capacity;

    /// <summary>Devices that the map can name: those that are wired, and places of such as were.</summary>
    public int DevicePlaces => mmioRegions.Count;

    /// <summary>The regions as wired, for the monitor.</summary>
    public IReadOnlyList<MemoryRegion> Regions => regions;

    /// <summary>AND mask on processor addresses: all ones, or bit 20 clear while the A20 gate is shut.</summary>
    public ulong A20Mask { get; private set; } = ~0ul;

    /// <summary>True while the A20 gate is open.</summary>
    public bool A20
    {
        get => A20Mask == ~0ul;
        set
        {
            ulong mask = value ? ~0ul : ~(1ul << 20);
            if (mask != A20Mask)
            {
                A20Mask = mask;
                MappingChanged?.Invoke();
            }
        }
    }

    /// <summary>The map g, the A20 gate or a dirty bit changed: composed translations are stale.</summary>
    public event Action? MappingChanged;

    /// <summary>Dirty bits of [ma, ma + length) were cleared: who can write there without notice must not any more.</summary>
    public event Action<ulong, ulong>? Cleaned;

    /// <summary>Bytes [ma, ma + length) with decoded code in their granules are about to change, or have just changed by DMA.</summary>
    public Action<ulong, int>? CodeWritten { get; set; }

    /// <summary>A machine page that is traced as a page table is about to change, or has just changed by DMA.</summary>
    public Action<ulong>? TableWritten { get; set; }

    /// <summary>Reserves <paramref name="length"/> bytes of machine memory beyond RAM (ROM, video memory).</summary>
    /// <returns>Their machine address, page-aligned.</returns>
    public ulong Allocate(ulong length)
    {
        ulong ma = (allocated + PageSize - 1) & ~(ulong)(PageSize - 1);
        if (ma + length > capacity)
        {
            throw new InvalidOperationException($"machine memory for ROMs and video is full ({length} bytes asked)");
        }
        allocated = ma + length;
        return ma;
    }

    /// <summary>Wires a region. Equal priorities may not overlap.</summary>
    /// <exception cref="InvalidOperationException">The range is not whole pages, or overlaps one of the same priority.</exception>
    public MemoryRegion Map(MemoryRegion region)
    {
        if (((region.Start | region.Length) & (PageSize - 1)) != 0 || region.Start + region.Length > AddressSpace)
        {
            throw new InvalidOperationException($"memory region {region.Name} is not whole pages below 4 GiB");
        }
        foreach (MemoryRegion other in regions)
        {
            if (other.Priority == region.Priority && other.Start < region.Start + region.Length && region.Start < other.Start + other.Length)
            {
                throw new InvalidOperationException($"physical 0x{region.Start:x} is wired to both {other.Name} and {region.Name}");
            }
        }
        return AddRegion(region);
    }

    /// <summary>Wires a region that the guest placed (a PCI BAR): hidden by what is wired, never refused.</summary>
    public MemoryRegion MapGuest(MemoryRegion region) => AddRegion(region with { Length = Math.Min(region.Length, AddressSpace - region.Start) });

    /// <summary>Takes a region out again.</summary>
    public void Unmap(MemoryRegion region)
    {
        if (regions.Remove(region))
        {
            Rebuild(region.Start, region.Length);
            if (!regions.Contains(region) && mmioIndexes.Remove(region, out int index))
            {
                mmioRegions[index] = null;
                freeIndexes.Push(index);
            }
            MappingChanged?.Invoke();
        }
    }

    /// <summary>
    /// Redirects [start, start + length) as the chip set's PAM registers do: RAM where enabled, what the regions say elsewhere.
    /// </summary>
    public void SetShadowing(ulong start, ulong length, bool readRam, bool writeRam)
    {
        Rebuild(start, length);
        for (ulong page = start / PageSize; page < (start + length) / PageSize; page++)
        {
            if (readRam)
            {
                readMap[page] = (uint)page;
            }
            writeMap[page] = writeRam ? (uint)page : readRam ? Unmapped : writeMap[page];
        }
        MappingChanged?.Invoke();
    }

    /// <summary>Machine page that reads of the guest page at <paramref name="pa"/> come from.</summary>
    /// <returns>False for devices and holes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReadPage(ulong pa, out ulong machinePage)
    {
        machinePage = pa < AddressSpace ? readMap[pa >> 12] : Unmapped;
        return machinePage < Unmapped;
    }

    /// <summary>Machine page that writes to the guest page at <paramref name="pa"/> go to.</summary>
    /// <returns>False for devices, ROM and holes.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryWritePage(ulong pa, out ulong machinePage)
    {
        machinePage = pa < AddressSpace ? writeMap[pa >> 12] : Unmapped;
        return machinePage < Unmapped;
    }

    /// <summary>Reads 1, 2, 4 or 8 bytes inside one page. A20 is the caller's business.</summary>
    public ulong ReadValue(ulong pa, int size)
    {
        if (TryReadPage(pa, out ulong page))
        {
            byte* p = Host + (page << 12) + (pa & 0xFFF);
            return size switch { 1 => *p, 2 => *(ushort*)p, 4 => *(uint*)p, _ => *(ulong*)p };
        }
        return TryDevice(readMap, pa, out MemoryRegion? region) ? region!.Device!.ReadMmio(pa - region.Start, size) : ~0ul >> (64 - (size * 8));
    }

    /// <summary>Writes 1, 2, 4 or 8 bytes inside one page.</summary>
    public void WriteValue(ulong pa, int size, ulong value) => WriteValue(pa, size, value, tracesTables: true);

    /// <summary>The same as the processor itself does it when it sets A and D bits: no trace of page tables sees it.</summary>
    public void WriteTableEntry(ulong pa, int size, ulong value) => WriteValue(pa, size, value, tracesTables: false);

    private void WriteValue(ulong pa, int size, ulong value, bool tracesTables)
    {
        if (TryWritePage(pa, out ulong page))
        {
            ulong ma = (page << 12) + (pa & 0xFFF);
            if (tracesTables)
            {
                NoteTableWrite(page);
            }
            NoteCodeWrite(ma, size);
            byte* p = Host + ma;
            switch (size)
            {
                case 1: *p = (byte)value; break;
                case 2: *(ushort*)p = (ushort)value; break;
                case 4: *(uint*)p = (uint)value; break;
                default: *(ulong*)p = value; break;
            }
        }
        else if (TryDevice(writeMap, pa, out MemoryRegion? region))
        {
            region!.Device!.WriteMmio(pa - region.Start, size, value);
        }
    }

    /// <inheritdoc/>
    public void Read(ulong pa, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int n = Math.Min(destination.Length, PageSize - (int)(pa & 0xFFF));
            if (TryReadPage(pa, out ulong page))
            {
                new ReadOnlySpan<byte>(Host + (page << 12) + (pa & 0xFFF), n).CopyTo(destination);
            }
            else
            {
                destination[..n].Fill(0xFF);
            }
            pa += (ulong)n;
            destination = destination[n..];
        }
    }

    /// <inheritdoc/>
    public void Write(ulong pa, ReadOnlySpan<byte> source)
    {
        while (!source.IsEmpty)
        {
            int n = Math.Min(source.Length, PageSize - (int)(pa & 0xFFF));
            if (TryWritePage(pa, out ulong page))
            {
                ulong ma = (page << 12) + (pa & 0xFFF);
                NoteWrite(ma, n);
                source[..n].CopyTo(new Span<byte>(Host + ma, n));
            }
            pa += (ulong)n;
            source = source[n..];
        }
    }

    /// <summary>Machine memory as a span, for loaders and for video memory.</summary>
    public Span<byte> Machine(ulong ma, int length)
    {
        if (ma + (ulong)length > capacity)
        {
            throw new ArgumentOutOfRangeException(nameof(ma), $"machine address 0x{ma:x} + {length} is beyond 0x{capacity:x}");
        }
        return new Span<byte>(Host + ma, length);
    }

    /// <summary>True when the machine page holds decoded code anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool HasCode(ulong machinePage) => codeGranules[machinePage] != 0;

    /// <summary>True when a write to the machine page has to be noted: it holds decoded code, or is traced as a page table.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool IsTraced(ulong machinePage) => codeGranules[machinePage] != 0 || tracedTables[machinePage] != 0;

    /// <summary>True when the machine page is traced as a page table.</summary>
    public bool IsTracedTable(ulong machinePage) => tracedTables[machinePage] != 0;

    /// <summary>Begins or ends the trace of a page table; write mappings of the page are the caller's business.</summary>
    public void TraceTable(ulong machinePage, bool on) => tracedTables[machinePage] = on ? (byte)1 : (byte)0;

    /// <summary>
    /// For translated code that notes writes itself, by machine page: 64 bits of granules with code; not 0 where a page table is traced; the dirty byte, to be set.
    /// </summary>
    // SAFETY: they live as long as this.
    public (nint CodeGranules, nint TracedTables, nint Dirty) WriteNotes => ((nint)codeGranules, (nint)tracedTables, (nint)dirty);

    /// <summary>True when granules that [ma, ma + length) touches hold decoded code; the range lies in one page.</summary>
    public bool IsCode(ulong ma, int length) => (codeGranules[ma >> 12] & GranuleMask(ma, length)) != 0;

    /// <summary>Marks the granules of [ma, ma + length) as code.</summary>
    /// <returns>True when the page had none: write mappings of it are stale.</returns>
    public bool MarkCode(ulong ma, int length)
    {
        ulong page = ma >> 12;
        bool first = codeGranules[page] == 0;
        codeGranules[page] |= GranuleMask(ma, length);
        return first;
    }

    /// <summary>Replaces the granules of a page, after blocks were dropped.</summary>
    public void SetCodeGranules(ulong machinePage, ulong granules) => codeGranules[machinePage] = granules;

    /// <summary>The granules that [ma, ma + length) touches; the range lies in one page.</summary>
    public static ulong GranuleMask(ulong ma, int length)
    {
        int first = (int)(ma & 0xFFF) >> 6, last = (int)((ma & 0xFFF) + (ulong)length - 1) >> 6;
        return (~0ul >> (63 - last)) & (~0ul << first);
    }

    /// <summary>
    /// Called before a write that does not go through a write-mapped page: sets the dirty bit, drops overlapped code and tells of page tables.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteWrite(ulong ma, int length)
    {
        NoteTableWrite(ma >> 12);
        NoteCodeWrite(ma, length);
    }

    private void NoteTableWrite(ulong machinePage)
    {
        if (tracedTables[machinePage] != 0)
        {
            TableWritten?.Invoke(machinePage);
        }
    }

    private void NoteCodeWrite(ulong ma, int length)
    {
        dirty[ma >> 12] = 1;
        if ((codeGranules[ma >> 12] & GranuleMask(ma, length)) != 0)
        {
            CodeWritten?.Invoke(ma, length);
        }
    }

    /// <summary>Sets the dirty bit of a page that becomes writable without further notice.</summary>
    public void MarkDirty(ulong machinePage) => dirty[machinePage] = 1;

    /// <summary>Returns and clears the dirty bits of [ma, ma + length); true when any was set.</summary>
    public bool ConsumeDirty(ulong ma, ulong length)
    {
        var span = new Span<byte>(dirty + (ma >> 12), (int)((length + PageSize - 1) / PageSize));
        if (!span.Contains((byte)1))
        {
            return false;
        }
        span.Clear();
        Cleaned?.Invoke(ma, length);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(allocation);
        shared?.Dispose();
        NativeMemory.Free(codeGranules);
        NativeMemory.Free(dirty);
        NativeMemory.Free(tracedTables);
    }

    private MemoryRegion AddRegion(MemoryRegion region)
    {
        regions.Add(region);
        Rebuild(region.Start, region.Length);
        MappingChanged?.Invoke();
        return region;
    }

    private bool TryDevice(uint[] map, ulong pa, out MemoryRegion? region)
    {
        uint entry = pa < AddressSpace ? map[pa >> 12] : Unmapped;
        region = (entry & MmioFlag) != 0 ? mmioRegions[(int)(entry & ~MmioFlag)] : null;
        return region is not null;
    }

    private void Rebuild(ulong start, ulong length)
    {
        int first = (int)(start / PageSize), count = (int)(length / PageSize);
        Array.Fill(readMap, Unmapped, first, count);
        Array.Fill(writeMap, Unmapped, first, count);
        foreach (MemoryRegion region in regions.OrderBy(r => r.Priority))
        {
            ulong from = Math.Max(region.Start, start), to = Math.Min(region.Start + region.Length, start + length);
            uint device = region.Kind == MemoryKind.Mmio && from < to ? MmioFlag | (uint)MmioIndex(region) : 0;
            for (ulong pa = from; pa < to; pa += PageSize)
            {
                uint entry = device != 0
                    ? device
                    : (uint)((region.MachineAddress + (pa - region.Start)) >> 12);
                readMap[pa >> 12] = entry;
                writeMap[pa >> 12] = region.Kind == MemoryKind.Rom ? Unmapped : entry;
            }
        }
    }

    private int MmioIndex(MemoryRegion region)
    {
        if (mmioIndexes.TryGetValue(region, out int index))
        {
            return index;
        }
        if (!freeIndexes.TryPop(out index))
        {
            index = mmioRegions.Count;
            mmioRegions.Add(null);
        }
        mmioRegions[index] = region;
        mmioIndexes.Add(region, index);
        return index;
    }
}
