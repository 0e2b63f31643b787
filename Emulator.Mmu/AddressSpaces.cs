using Emulator.Core.Memory;

namespace Emulator.Mmu;

/// <summary>
/// Shadow tables for the address spaces that the guest comes back to. The guest's page tables behind them are traced: a write to one ends its trace,
/// and the entries that came from it are looked at before an address space that uses it is entered again, when the trace begins anew, unless it has been
/// broken often. So to enter an address space whose tables did not change costs nothing but the change of pointers.
/// <code>
/// MOV CR3 to X:  X is present, or has tables here: look at what came from written (untraced) tables, trace those again
///                X came a few times by now: tables of its own, copied from the present ones, all looked at
///                else: the present tables become X's, all looked at
/// </code>
/// </summary>
internal sealed unsafe class AddressSpaces : IDisposable
{
    // Each has 8 GiB of the host's addresses for its windows, and what it touches of 48 MiB of tables.
    private const int Most = 8;

    // So often a root is loaded, among the latest, before it gets tables of its own.
    private const int LoadsBeforeOwn = 3;

    private const int HistorySize = 64;

    private readonly PhysicalMemory memory;
    private readonly Func<uint, bool> holds;
    private readonly int* windowIsStale;
    private readonly List<Space> spaces = [];
    private readonly (AddressSpaceRoot Root, int Loads)[] history = new (AddressSpaceRoot, int)[HistorySize];
    private readonly TableTraces traces = new();
    private readonly List<uint> work = [];
    private Space present;
    private long clock;
    private bool wantsWindows;
    private MappingBudget budget = new(0);
    private int most = Most;

    /// <summary>Begins with one that is empty.</summary>
    /// <param name="memory">Machine memory.</param>
    /// <param name="holds">Does the guest say of a page what the present tables say? Notes where that came from.</param>
    /// <param name="windowIsStale">Becomes 1 when a window has to be brought in line.</param>
    public AddressSpaces(PhysicalMemory memory, Func<uint, bool> holds, int* windowIsStale)
    {
        this.memory = memory;
        this.holds = holds;
        this.windowIsStale = windowIsStale;
        IsTraced = table => memory.IsTracedTable(table - 1);
        spaces.Add(present = new Space());
    }

    /// <summary>The tables in force.</summary>
    public ShadowTables Present => present.Tables;

    /// <summary>Is a machine page (plus one) traced as a page table?</summary>
    public Func<uint, bool> IsTraced { get; }

    /// <summary>Pages with an entry in any.</summary>
    public int Count => spaces.Sum(s => s.Tables.Count);

    /// <summary>Pages mapped in any window.</summary>
    public int WindowPages => spaces.Sum(s => s.Tables.Windows?.Count ?? 0);

    /// <summary>Address spaces that have tables now.</summary>
    public int Known => spaces.Count(s => s.Root != AddressSpaceRoot.None);

    /// <summary>How often one was entered that had tables already; how often page tables were traced, and traces broken.</summary>
    public long Returns { get; private set; }

    /// <summary>See <see cref="Returns"/>.</summary>
    public long Traced { get; private set; }

    /// <summary>See <see cref="Returns"/>.</summary>
    public long Broken { get; private set; }

    /// <summary>Mappings of the host's that the windows have, beyond one each, and may have.</summary>
    public (int Used, int Limit) WindowMappings => (budget.Used, budget.Limit);

    /// <summary>Windows for every address space from now on, which keep to a budget of mappings together.</summary>
    /// <returns>False when the host has not the address space for one, or lets the process map next to nothing.</returns>
    public bool TryOpenWindows(MappingBudget mappings)
    {
        budget = mappings;
        wantsWindows = memory.HostFile >= 0 && budget.HasRoom;
        foreach (Space space in spaces)
        {
            space.Tables.Windows ??= wantsWindows ? HostWindows.TryMake(memory.HostFile, memory.Host, budget, windowIsStale) : null;
        }
        return wantsWindows = Present.Windows is not null;
    }

    /// <summary>Makes room in the budget for one more piece: the address space whose windows have most mappings loses them all. They come again where they are used.</summary>
    public void MakeRoomInWindows()
    {
        if (!budget.HasRoom)
        {
            spaces.MaxBy(s => s.Tables.Windows?.Mappings ?? 0)!.Tables.Windows?.DropAll();
        }
    }

    /// <summary>The guest loaded CR3.</summary>
    public void Enter(AddressSpaceRoot root)
    {
        Space before = present;
        bool known = present.Root == root;
        if (!known)
        {
            Space? found = Find(root);
            known = found is not null;
            Returns += known ? 1 : 0;
            present = found ?? (LoadsOf(root) >= LoadsBeforeOwn ? TryMake() : null) ?? present;
        }
        bool isSame = present == before;
        bool all = !known || (!isSame && present.HasUnseen);
        if (!known)
        {
            if (isSame)
            {
                present.Tables.Dependencies.ClearDirectories();
            }
            else
            {
                present.Tables.CopyFrom(before.Tables);
            }
            present.Root = root;
        }
        present.LastUsed = ++clock;
        present.HasUnseen &= isSame;
        LookAt(all, keepGlobal: isSame);
        if (!isSame && present.Tables.Windows is { AreStale: true })
        {
            *windowIsStale = 1;
        }
    }

    /// <summary>Drops everything, everywhere.</summary>
    /// <param name="root">What the present tables are filled for from now on.</param>
    public void FlushAll(AddressSpaceRoot root)
    {
        foreach (Space space in spaces)
        {
            space.Tables.Flush();
            space.Root = AddressSpaceRoot.None;
            space.HasUnseen = false;
        }
        present.Root = root;
    }

    /// <summary>Writes to the machine page have to be noted from now on.</summary>
    public void ProtectMachinePage(ulong machinePage)
    {
        Present.ProtectHostPage(memory.Host + (machinePage << 12));
        MissTraces();
    }

    /// <summary>Drops the right to write to host addresses.</summary>
    public void ForgetWrites(byte* from, byte* to)
    {
        foreach (Space space in spaces)
        {
            space.Tables.ForgetWrites(from, to);
        }
    }

    /// <summary>A traced page table is written: nobody will tell of the next write.</summary>
    public void TableWritten(ulong machinePage)
    {
        var table = (uint)machinePage + 1;
        Broken++;
        memory.TraceTable(machinePage, on: false);
        traces.NoteBroken(table);
        foreach (Space space in spaces)
        {
            if (space.Tables.Dependencies.Uses(table))
            {
                space.Tables.Dependencies.Untraced.Add(table);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Space space in spaces)
        {
            space.Tables.Dispose();
            space.Tables.Windows?.Dispose();
        }
    }

    private Space? Find(AddressSpaceRoot root)
    {
        foreach (Space space in spaces)
        {
            if (space.Root == root)
            {
                return space;
            }
        }
        return null;
    }

    private int LoadsOf(AddressSpaceRoot root)
    {
        ref (AddressSpaceRoot Root, int Loads) entry = ref history[(int)((root.Table >> 12) ^ (root.Table >> 5)) & (HistorySize - 1)];
        entry = entry.Root == root ? (root, entry.Loads + 1) : (root, 1);
        return entry.Loads;
    }

    // A new one, or that which was not used for longest; null when there can be only one.
    private Space? TryMake()
    {
        if (spaces.Count < most)
        {
            var made = new Space();
            if (!wantsWindows || (made.Tables.Windows = HostWindows.TryMake(memory.HostFile, memory.Host, budget, windowIsStale)) is not null)
            {
                spaces.Add(made);
                return made;
            }
            made.Tables.Dispose();
            most = spaces.Count;
        }
        return spaces.Where(s => s != present).MinBy(s => s.LastUsed);
    }

    // Brings the present tables in line with the guest's, and traces those.
    private void LookAt(bool all, bool keepGlobal)
    {
        ShadowTables tables = Present;
        HashSet<uint> untraced = tables.Dependencies.Untraced;
        all |= tables.Dependencies.AreIncomplete;
        if (!all && untraced.Count == 0)
        {
            if (tables.MissesTraces)
            {
                tables.ProtectTraced(memory);
            }
            return;
        }
        work.Clear();
        foreach (uint table in untraced)
        {
            work.Add(table);
            all |= tables.Dependencies.IsDirectory(table);
        }
        if (all)
        {
            tables.Sweep(holds, keepGlobal);
            present.HasUnseen |= keepGlobal;
        }
        else
        {
            foreach (uint table in work)
            {
                present.HasUnseen |= tables.SweepTable(table, holds, keepGlobal);
            }
        }
        Trace(tables, untraced);
    }

    private void Trace(ShadowTables tables, HashSet<uint> untraced)
    {
        work.Clear();
        bool begun = false;
        foreach (uint table in untraced)
        {
            if (!IsTraced(table))
            {
                if (!traces.MayTrace(table))
                {
                    continue;
                }
                memory.TraceTable(table - 1, on: true);
                Traced++;
                begun = true;
            }
            work.Add(table);
        }
        untraced.ExceptWith(work);
        if (begun)
        {
            MissTraces();
        }
        if (begun || tables.MissesTraces)
        {
            tables.ProtectTraced(memory);
        }
    }

    private void MissTraces()
    {
        foreach (Space space in spaces)
        {
            space.Tables.MissesTraces |= space != present;
        }
    }

    private sealed class Space
    {
        public ShadowTables Tables { get; } = new();

        public AddressSpaceRoot Root { get; set; } = AddressSpaceRoot.None;

        public long LastUsed { get; set; }

        // Global pages may not be what the guest's tables say: they came from another address space, or stayed when CR3 was loaded.
        public bool HasUnseen { get; set; }
    }
}
