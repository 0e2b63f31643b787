namespace Emulator.Mmu;

/// <summary>
/// The guest's page tables and directories, by machine page plus one, that entries of one address space came from; and which of them are not traced
/// (<see cref="Untraced"/>), so that nobody tells of writes to them.
/// </summary>
internal sealed class TableDependencies
{
    // Linear pages under one page table: 1024, with PAE 512.
    private const int LongShift = 10, PaeShift = 9;

    private readonly uint[] tableOf = new uint[ShadowTables.Pages >> PaeShift];
    private readonly HashSet<uint> tables = [];
    private readonly List<uint> directories = [];
    private int shift = LongShift;
    private uint lastDirectory;

    /// <summary>Entries came from tables that are no memory, and cannot be traced.</summary>
    public bool AreIncomplete { get; private set; }

    /// <summary>Tables and directories whose entries have to be looked at before the address space is entered again.</summary>
    public HashSet<uint> Untraced { get; } = [];

    /// <summary>Notes where the entry of a page came from.</summary>
    /// <param name="page">The linear page.</param>
    /// <param name="walk">The walk that found it.</param>
    /// <param name="isPae">Tables have 512 entries.</param>
    /// <param name="isTraced">Is a machine page traced?</param>
    public void Note(uint page, in PageWalk walk, bool isPae, Func<uint, bool> isTraced)
    {
        AreIncomplete |= walk.Directory == 0 || (walk.Table == 0 && walk.PageShift == 12);
        if (walk.Directory != lastDirectory && walk.Directory != 0)
        {
            lastDirectory = walk.Directory;
            if (!directories.Contains(lastDirectory))
            {
                directories.Add(lastDirectory);
                Use(lastDirectory, isTraced);
            }
        }
        shift = isPae ? PaeShift : LongShift;
        ref uint table = ref tableOf[page >> shift];
        if (table != walk.Table && walk.Table != 0)
        {
            table = walk.Table;
            Use(table, isTraced);
        }
    }

    /// <summary>True when entries came from the table or directory.</summary>
    public bool Uses(uint table) => tables.Contains(table);

    /// <summary>True for a directory, on which all may depend.</summary>
    public bool IsDirectory(uint table) => directories.Contains(table);

    /// <summary>First page and number of pages of each range whose entries came from a table.</summary>
    public IEnumerable<(uint First, uint Count)> RegionsOf(uint table)
    {
        for (int n = 0; n < ShadowTables.Pages >> shift; n++)
        {
            if (tableOf[n] == table)
            {
                yield return ((uint)n << shift, 1u << shift);
            }
        }
    }

    /// <summary>Forgets the directories: another one is in force.</summary>
    public void ClearDirectories()
    {
        directories.Clear();
        lastDirectory = 0;
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        AreIncomplete = false;
        if (tables.Count > 0)
        {
            Array.Clear(tableOf);
            tables.Clear();
            directories.Clear();
            Untraced.Clear();
            lastDirectory = 0;
        }
    }

    private void Use(uint table, Func<uint, bool> isTraced)
    {
        tables.Add(table);
        if (!isTraced(table))
        {
            Untraced.Add(table);
        }
    }
}
