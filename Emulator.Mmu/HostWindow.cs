using System.Runtime.InteropServices;

namespace Emulator.Mmu;

/// <summary>
/// Host page mapping: 4 GiB of the host's address space in which guest memory lies at its linear addresses, as far as the shadow tables of one
/// privilege know it, so that the host's own MMU does the guest's translation. What is not mapped faults.
/// </summary>
internal sealed unsafe partial class HostWindow : IDisposable
{
    // A page's machine page plus one in the low bits.
    private const uint Writable = 1u << 31;
    private const ulong Size = 1ul << 32;

    // An operand that starts in the last page may reach beyond.
    private const ulong Guard = 1 << 16;

    private const int ProtNone = 0, ProtRead = 1, ProtReadWrite = 3, MapShared = 1, MapFixed = 0x10, MapPopulate = 0x8000, MapReserve = 0x4022;

    // Most pages mapped at once around the one that is asked for, a side.
    private const int Around = 256;

    private readonly int file;
    private readonly byte* host;
    private readonly uint* machine;
    private readonly HashSet<uint> mapped = [];

    private HostWindow(byte* start, int file, byte* host)
    {
        Start = start;
        this.file = file;
        this.host = host;
        // SAFETY: owned here, freed in Dispose; indexed by 20-bit page numbers.
        machine = (uint*)NativeMemory.AllocZeroed(ShadowTables.Pages, sizeof(uint));
    }

    /// <summary>Host address of linear address 0.</summary>
    public byte* Start { get; }

    /// <summary>Pages mapped.</summary>
    public int Count => mapped.Count;

    /// <summary>Reserves an empty window onto the machine memory at <paramref name="host"/>, behind which <paramref name="file"/> is.</summary>
    /// <returns>Null when the host refuses.</returns>
    public static HostWindow? TryMake(int file, byte* host)
    {
        nint at = Map(0, Size + Guard, ProtNone, MapReserve, -1, 0);
        return at == -1 ? null : new HostWindow((byte*)at, file, host);
    }

    /// <summary>Maps a page, and its neighbours that the tables know in the same way.</summary>
    /// <param name="page">Linear page.</param>
    /// <param name="write">It is to be writable.</param>
    /// <param name="reads">The shadow table of reads.</param>
    /// <param name="writes">The shadow table of writes.</param>
    /// <returns>False when the tables don't allow it, or the host does not: then it stays as it is.</returns>
    public bool TryMap(uint page, bool write, nint* reads, nint* writes)
    {
        nint delta = reads[page];
        bool writable = writes[page] == delta;
        if (delta == 0 || (write && !writable))
        {
            return false;
        }
        uint first = page, last = page;
        while (first > 0 && page - first < Around && IsAlike(first - 1, delta, writable, reads, writes))
        {
            first--;
        }
        while (last < ShadowTables.Pages - 1 && last - page < Around && IsAlike(last + 1, delta, writable, reads, writes))
        {
            last++;
        }
        uint target = MachinePage(first, delta), count = last - first + 1;
        nint at = (nint)Start + (nint)((ulong)first << 12);
        if (Map(at, (ulong)count << 12, writable ? ProtReadWrite : ProtRead, MapShared | MapFixed | MapPopulate, file, (long)target << 12) != at)
        {
            // Too many mappings: all go, and those that are needed come again.
            DropAll();
            return false;
        }
        for (uint n = 0; n < count; n++)
        {
            mapped.Add(first + n);
            machine[first + n] = (target + n + 1) | (writable ? Writable : 0);
        }
        return true;
    }

    /// <summary>True when the page is mapped, with the right to write if <paramref name="write"/>.</summary>
    public bool IsMapped(uint page, bool write) => (machine[page] & ~Writable) != 0 && (!write || (machine[page] & Writable) != 0);

    /// <summary>Takes the page out, or its right to be written, unless the tables still say what they said when it was mapped.</summary>
    /// <returns>True when it was taken out.</returns>
    public bool Check(uint page, nint* reads, nint* writes)
    {
        uint known = machine[page];
        if (known == 0)
        {
            return false;
        }
        nint delta = reads[page];
        if (delta == 0 || MachinePage(page, delta) + 1 != (known & ~Writable))
        {
            Unmap(page);
            return true;
        }
        if ((known & Writable) != 0 && writes[page] != delta)
        {
            _ = Protect((nint)Start + (nint)((ulong)page << 12), 0x1000, ProtRead);
            machine[page] = known & ~Writable;
        }
        return false;
    }

    /// <summary>Takes every page out.</summary>
    public void DropAll()
    {
        if (mapped.Count > 0)
        {
            _ = Map((nint)Start, Size, ProtNone, MapReserve | MapFixed, -1, 0);
            foreach (uint page in mapped)
            {
                machine[page] = 0;
            }
            mapped.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Unmap((nint)Start, Size + Guard);
        NativeMemory.Free(machine);
    }

    private uint MachinePage(uint page, nint delta) => (uint)(((nint)((ulong)page << 12) + delta - (nint)host) >> 12);

    private bool IsAlike(uint page, nint delta, bool writable, nint* reads, nint* writes) =>
        reads[page] == delta && (writes[page] == delta) == writable && machine[page] == 0;

    private void Unmap(uint page)
    {
        _ = Map((nint)Start + (nint)((ulong)page << 12), 0x1000, ProtNone, MapReserve | MapFixed, -1, 0);
        machine[page] = 0;
        mapped.Remove(page);
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, ulong length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, ulong length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, ulong length);
}
