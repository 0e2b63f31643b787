using System.Runtime.InteropServices;

namespace Emulator.Mmu;

/// <summary>
/// Host page mapping: 4 GiB of the host's address space in which guest memory lies at its linear addresses, as far as the shadow tables of one
/// privilege know it, so that the host's own MMU does the guest's translation. What is not mapped faults.
/// </summary>
/// <remarks>
/// The host joins pages that go on alike in the file and in their rights to one mapping; each other piece, and each hole, is one of its own. They are
/// counted here as the host counts them, against a budget. When the host refuses a call, everything is taken out by another one; when it refuses that too, the window is lost
/// (<see cref="IsLost"/>): nobody may look through it any more.
/// </remarks>
internal sealed unsafe partial class HostWindow : IDisposable
{
    // A page's machine page plus one in the low bits.
    private const uint Writable = 1u << 31, Stale = 1u << 30;
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
    private readonly MappingBudget budget;

    private HostWindow(byte* start, int file, byte* host, MappingBudget budget)
    {
        Start = start;
        this.budget = budget;
        this.file = file;
        this.host = host;
        // SAFETY: owned here, freed in Dispose; indexed by 20-bit page numbers.
        machine = (uint*)NativeMemory.AllocZeroed(ShadowTables.Pages, sizeof(uint));
    }

    /// <summary>Host address of linear address 0.</summary>
    public byte* Start { get; }

    /// <summary>Pages mapped.</summary>
    public int Count => mapped.Count;

    /// <summary>Mappings of the host's beyond the one that an empty window is.</summary>
    public int Mappings { get; private set; }

    /// <summary>The host would neither change the window nor empty it: what is in it may be wrong.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Reserves an empty window onto the machine memory at <paramref name="host"/>, behind which <paramref name="file"/> is.</summary>
    /// <returns>Null when the host refuses.</returns>
    public static HostWindow? TryMake(int file, byte* host, MappingBudget budget)
    {
        nint at = Map(0, Size + Guard, ProtNone, MapReserve, -1, 0);
        return at == -1 ? null : new HostWindow((byte*)at, file, host, budget);
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
        if (IsLost || delta == 0 || (write && !writable) || !budget.HasRoom)
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
            // Part of it may be unmapped now, or mapped: all goes, and what is needed comes again.
            DropAll();
            return false;
        }
        int before = Joints(first, last);
        for (uint n = 0; n < count; n++)
        {
            mapped.Add(first + n);
            machine[first + n] = (target + n + 1) | (writable ? Writable : 0);
        }
        NoteMappings(Joints(first, last) - before);
        return true;
    }

    /// <summary>True when the page is mapped, with the right to write if <paramref name="write"/>.</summary>
    public bool IsMapped(uint page, bool write) => machine[page] != 0 && (!write || (machine[page] & Writable) != 0);

    /// <summary>Notes that <see cref="Check"/> has to look at a page.</summary>
    /// <returns>False when there is nothing to look at, or it was noted already.</returns>
    public bool NoteStale(uint page)
    {
        if (machine[page] == 0 || (machine[page] & Stale) != 0)
        {
            return false;
        }
        machine[page] |= Stale;
        return true;
    }

    /// <summary>Takes the page out, or its right to be written, unless the tables still say what they said when it was mapped.</summary>
    /// <returns>True when it was taken out.</returns>
    public bool Check(uint page, nint* reads, nint* writes)
    {
        uint known = machine[page] &= ~Stale;
        if (known == 0)
        {
            return false;
        }
        nint delta = reads[page];
        if (delta == 0 || MachinePage(page, delta) + 1 != (known & ~Writable))
        {
            if (Map(AddressOf(page), 0x1000, ProtNone, MapReserve | MapFixed, -1, 0) == AddressOf(page))
            {
                Change(page, 0);
                mapped.Remove(page);
            }
            else
            {
                DropAll();
            }
            return true;
        }
        if ((known & Writable) != 0 && writes[page] != delta)
        {
            // Splits a mapping, as taking the page out can.
            if (Protect(AddressOf(page), 0x1000, ProtRead) == 0)
            {
                Change(page, known & ~Writable);
            }
            else
            {
                DropAll();
            }
        }
        return false;
    }

    /// <summary>Takes every page out.</summary>
    public void DropAll()
    {
        // With the guard: a mapping that ends where this ends needs not be cut, which takes one more.
        IsLost = Map((nint)Start, Size + Guard, ProtNone, MapReserve | MapFixed, -1, 0) != (nint)Start;
        foreach (uint page in mapped)
        {
            machine[page] = 0;
        }
        mapped.Clear();
        if (!IsLost)
        {
            NoteMappings(-Mappings);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // A host that refuses keeps the addresses reserved until the process ends; nobody uses them.
        if (Unmap((nint)Start, Size + Guard) == 0)
        {
            NoteMappings(-Mappings);
        }
        NativeMemory.Free(machine);
    }

    private uint MachinePage(uint page, nint delta) => (uint)(((nint)((ulong)page << 12) + delta - (nint)host) >> 12);

    private bool IsAlike(uint page, nint delta, bool writable, nint* reads, nint* writes) =>
        reads[page] == delta && (writes[page] == delta) == writable && machine[page] == 0;

    private nint AddressOf(uint page) => (nint)Start + (nint)((ulong)page << 12);

    private void Change(uint page, uint to)
    {
        int before = Joints(page, page);
        machine[page] = to;
        NoteMappings(Joints(page, page) - before);
    }

    private void NoteMappings(int more)
    {
        Mappings += more;
        budget.Add(more);
    }

    // Places from before the first page to behind the last one where one mapping ends and the next begins.
    private int Joints(uint first, uint last)
    {
        int joints = 0;
        for (uint page = Math.Max(first, 1); page <= Math.Min(last + 1, ShadowTables.Pages - 1); page++)
        {
            uint left = machine[page - 1] & ~Stale, right = machine[page] & ~Stale;
            joints += (left == 0 ? right == 0 : right == left + 1) ? 0 : 1;
        }
        // The guard.
        return last == ShadowTables.Pages - 1 && machine[last] != 0 ? joints + 1 : joints;
    }

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, ulong length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, ulong length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, ulong length);
}
