namespace Emulator.Remote.Block.Qcow2;

/// <summary>
/// The two levels of tables from a disk's clusters to the file's (qcow2.txt, "Cluster mapping"). Changes stay in memory until they are written.
/// </summary>
internal sealed class Qcow2Tables
{
    private const int MaxTablesInMemory = 128;

    private readonly IImageStorage file;
    private readonly Qcow2Header header;
    private readonly Dictionary<int, ulong[]> tables = [];
    private readonly HashSet<int> dirtyTables = [], dirtyEntries = [];
    private ulong[] level1;

    public Qcow2Tables(IImageStorage file, Qcow2Header header)
    {
        this.file = file;
        this.header = header;
        level1 = BigEndianTable.Read(file, header.L1Offset, header.L1Size);
    }

    /// <summary>The active level 1 table.</summary>
    public ReadOnlySpan<ulong> Level1 => level1;

    /// <summary>True when the file does not have what is here.</summary>
    public bool IsDirty => dirtyTables.Count > 0 || dirtyEntries.Count > 0;

    /// <summary>Level 2 tables that are not written.</summary>
    public int DirtyTables => dirtyTables.Count;

    /// <summary>The entry of a cluster of the disk.</summary>
    /// <exception cref="IOException">The host failed, or the table is damaged.</exception>
    public ulong this[long cluster]
    {
        get
        {
            (long first, long second) = Math.DivRem(cluster, header.L2Entries);
            return Table((int)first) is { } table ? table[second] : 0;
        }
    }

    /// <summary>The level 2 table of an entry of level 1; null when there is none.</summary>
    /// <exception cref="IOException">The host failed, or the table is damaged.</exception>
    public ulong[]? Table(int first)
    {
        if (tables.TryGetValue(first, out ulong[]? table))
        {
            return table;
        }
        long offset = (long)(level1[first] & Qcow2Entry.OffsetMask);
        if (offset == 0)
        {
            return null;
        }
        if ((offset & (header.ClusterBytes - 1)) != 0 || offset >= file.Length)
        {
            throw new IOException($"{file.Name}: the image is damaged: L1 entry {first} is {level1[first]:x}; restore it from a copy");
        }
        if (tables.Count >= MaxTablesInMemory)
        {
            foreach (int clean in tables.Keys.Where(t => !dirtyTables.Contains(t)).ToArray())
            {
                tables.Remove(clean);
            }
        }
        table = BigEndianTable.Read(file, offset, header.L2Entries);
        tables.Add(first, table);
        return table;
    }

    /// <summary>Changes the entry of a cluster, whose table must be one that may be written.</summary>
    public void Set(long cluster, ulong entry)
    {
        (long first, long second) = Math.DivRem(cluster, header.L2Entries);
        Table((int)first)![second] = entry;
        dirtyTables.Add((int)first);
    }

    /// <summary>True when the table that maps a cluster is there and is this image's alone.</summary>
    public bool IsWritable(long cluster) =>
        level1[cluster / header.L2Entries] is var entry && (entry & Qcow2Entry.Copied) != 0 && (entry & Qcow2Entry.OffsetMask) != 0;

    /// <summary>Puts a table with the present contents, or an empty one, at <paramref name="offset"/>.</summary>
    public void Place(int first, long offset)
    {
        tables[first] = Table(first) ?? new ulong[header.L2Entries];
        level1[first] = (ulong)offset | Qcow2Entry.Copied;
        dirtyTables.Add(first);
        dirtyEntries.Add(first);
    }

    /// <summary>Forgets what is in memory and reads level 1 again: the file was changed beside this.</summary>
    public void Reload()
    {
        tables.Clear();
        dirtyTables.Clear();
        dirtyEntries.Clear();
        level1 = BigEndianTable.Read(file, header.L1Offset, header.L1Size);
    }

    /// <summary>Takes the tables of level 1's entries from <paramref name="end"/> on away.</summary>
    /// <returns>The entries of level 1 that were there.</returns>
    public List<ulong> Remove(int end)
    {
        List<ulong> removed = [];
        for (int n = end; n < level1.Length; n++)
        {
            if (level1[n] != 0)
            {
                removed.Add(level1[n]);
                level1[n] = 0;
                dirtyEntries.Add(n);
                tables.Remove(n);
                dirtyTables.Remove(n);
            }
        }
        return removed;
    }

    /// <summary>Makes the level 1 table longer. The caller writes it.</summary>
    public void Grow(int size) => Array.Resize(ref level1, size);

    /// <summary>Writes changed level 2 tables.</summary>
    /// <exception cref="IOException">The host failed; what was not written stays noted.</exception>
    public void WriteLevel2()
    {
        foreach (int first in dirtyTables.ToArray())
        {
            BigEndianTable.Write(file, (long)(level1[first] & Qcow2Entry.OffsetMask), tables[first]);
            dirtyTables.Remove(first);
        }
    }

    /// <summary>Writes changed entries of level 1, once the tables that they name are on stable storage.</summary>
    /// <exception cref="IOException">The host failed; what was not written stays noted.</exception>
    public void WriteLevel1()
    {
        if (dirtyEntries.Count == 0)
        {
            return;
        }
        file.Flush();
        foreach (int first in dirtyEntries.ToArray())
        {
            BigEndianTable.WriteEntry(file, header.L1Offset, first, level1[first]);
            dirtyEntries.Remove(first);
        }
    }
}
