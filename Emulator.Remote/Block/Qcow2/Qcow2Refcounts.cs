using System.Buffers.Binary;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>
/// How often each cluster of the file is used (qcow2.txt, "Host cluster management"). Changes stay in memory until <see cref="WriteBlocks"/>.
/// </summary>
internal sealed class Qcow2Refcounts
{
    private const int MaxBlocksInMemory = 256, MaxUnwrittenClusters = 65536;

    private readonly IImageStorage file;
    private readonly Qcow2Header header;
    private readonly Dictionary<int, byte[]> blocks = [];
    private readonly HashSet<int> dirtyBlocks = [], dirtyEntries = [];
    private ulong[] table;
    private bool tableMoved;
    private long hint;

    public Qcow2Refcounts(IImageStorage file, Qcow2Header header)
    {
        this.file = file;
        this.header = header;
        table = BigEndianTable.Read(file, header.RefcountTableOffset, header.RefcountTableClusters * header.L2Entries);
        foreach (ulong entry in table)
        {
            if ((entry & Qcow2Entry.OffsetMask) != 0)
            {
                Metadata.Add((long)(entry & Qcow2Entry.OffsetMask) >> header.ClusterBits);
            }
        }
        AddTable();
        Metadata.Add(0);
    }

    /// <summary>Clusters of the file that hold tables: no data may be written there.</summary>
    public HashSet<long> Metadata { get; } = [];

    /// <summary>Clusters that must not be used although their refcount is 0: a repair knows them before the counts do.</summary>
    public Func<long, bool> IsReserved { get; set; } = _ => false;

    /// <summary>Clusters given up by a table that moved.</summary>
    public List<long> Abandoned { get; } = [];

    /// <summary>Where the blocks are, with 0 for those that are not there.</summary>
    public ReadOnlySpan<ulong> Table => table;

    /// <summary>True when the file does not have what is here.</summary>
    public bool IsDirty => dirtyBlocks.Count > 0 || dirtyEntries.Count > 0 || tableMoved;

    /// <summary>The largest refcount.</summary>
    public ulong Max => header.RefcountOrder == 6 ? ulong.MaxValue : (1ul << (1 << header.RefcountOrder)) - 1;

    /// <summary>Clusters that the table has room for.</summary>
    public long Capacity => (long)table.Length * header.RefcountsPerBlock;

    /// <summary>The refcount of a cluster.</summary>
    /// <exception cref="IOException">The host failed, or the table is damaged.</exception>
    public ulong this[long cluster]
    {
        get
        {
            long number = cluster / header.RefcountsPerBlock;
            return number < table.Length && Block((int)number) is { } block ? Get(block, (int)(cluster % header.RefcountsPerBlock)) : 0;
        }

        set
        {
            while (cluster >= Capacity)
            {
                Grow();
            }
            int number = (int)(cluster / header.RefcountsPerBlock);
            byte[] block = Block(number) ?? MakeBlock(number);
            Set(block, (int)(cluster % header.RefcountsPerBlock), value);
            dirtyBlocks.Add(number);
            if (value == 0)
            {
                hint = Math.Min(hint, cluster);
            }
        }
    }

    /// <summary>Takes <paramref name="count"/> free clusters in a row; their refcount is 1 then.</summary>
    /// <returns>Number of the first cluster.</returns>
    /// <exception cref="IOException">The host failed, or the table is damaged.</exception>
    public long Allocate(int count = 1)
    {
        // Behind the file only what is not written yet can be in use.
        long first = hint, limit = (file.Length >> header.ClusterBits) + Capacity / header.RefcountsPerBlock + MaxUnwrittenClusters + count;
        for (int found = 0; found < count;)
        {
            long cluster = first + found;
            if (cluster > limit)
            {
                throw new IOException($"{file.Name}: the refcounts are damaged: nothing is free; run 'emu img check -r all'");
            }
            if (IsUsed(cluster))
            {
                first = cluster + 1;
                found = 0;
            }
            else
            {
                found++;
            }
        }
        for (int n = 0; n < count; n++)
        {
            this[first + n] = 1;

            // A block that had to be made may have taken one of them.
            if (Metadata.Contains(first + n))
            {
                for (int back = 0; back < n; back++)
                {
                    this[first + back] = 0;
                }
                return Allocate(count);
            }
        }
        if (count == 1)
        {
            hint = first + 1;
        }
        return first;
    }

    /// <summary>Writes changed blocks, and then what names them. Whoever calls sees to the order on stable storage.</summary>
    /// <exception cref="IOException">The host failed; what was not written stays noted.</exception>
    public void WriteBlocks()
    {
        foreach (int number in dirtyBlocks.ToArray())
        {
            file.Write((long)(table[number] & Qcow2Entry.OffsetMask), blocks[number]);
            dirtyBlocks.Remove(number);
        }
        if (tableMoved)
        {
            file.Flush();
            BigEndianTable.Write(file, header.RefcountTableOffset, table);
            file.Flush();
            Span<byte> fields = stackalloc byte[12];
            BinaryPrimitives.WriteInt64BigEndian(fields, header.RefcountTableOffset);
            BinaryPrimitives.WriteInt32BigEndian(fields[8..], header.RefcountTableClusters);
            file.Write(48, fields);
            tableMoved = false;
            dirtyEntries.Clear();
        }
        else if (dirtyEntries.Count > 0)
        {
            file.Flush();
            foreach (int number in dirtyEntries.ToArray())
            {
                BigEndianTable.WriteEntry(file, header.RefcountTableOffset, number, table[number]);
                dirtyEntries.Remove(number);
            }
        }
        if (blocks.Count > MaxBlocksInMemory)
        {
            blocks.Clear();
        }
    }

    /// <summary>Forgets a block whose place cannot be right.</summary>
    public void DropBlock(int number)
    {
        table[number] = 0;
        blocks.Remove(number);
        dirtyBlocks.Remove(number);
        dirtyEntries.Add(number);
    }

    private bool IsUsed(long cluster) => Metadata.Contains(cluster) || IsReserved(cluster) || this[cluster] != 0;

    private byte[]? Block(int number)
    {
        if (blocks.TryGetValue(number, out byte[]? block))
        {
            return block;
        }
        ulong offset = table[number] & Qcow2Entry.OffsetMask;
        if (offset == 0)
        {
            return null;
        }
        if ((offset & (ulong)(header.ClusterBytes - 1)) != 0 || (long)offset >= file.Length)
        {
            throw new IOException($"{file.Name}: the refcount table is damaged: entry {number} is {table[number]:x}; run 'emu img check -r all'");
        }
        block = new byte[header.ClusterBytes];
        file.Read((long)offset, block);
        blocks.Add(number, block);
        return block;
    }

    // A block counts itself: it lies among the clusters that it has the refcounts of.
    private byte[] MakeBlock(int number)
    {
        long cluster = (long)number * header.RefcountsPerBlock;
        while (Metadata.Contains(cluster) || IsReserved(cluster))
        {
            cluster++;
        }
        if (cluster / header.RefcountsPerBlock != number)
        {
            throw new IOException($"{file.Name}: there is no room for refcounts in block {number}; run 'emu img check -r all'");
        }
        return PlaceBlock(number, cluster);
    }

    private byte[] PlaceBlock(int number, long cluster)
    {
        byte[] block = new byte[header.ClusterBytes];
        blocks[number] = block;
        table[number] = (ulong)cluster << header.ClusterBits;
        dirtyBlocks.Add(number);
        dirtyEntries.Add(number);
        Metadata.Add(cluster);
        this[cluster] = 1;
        return block;
    }

    // A table of half as many entries again goes behind all that the old one could name, followed by the blocks for that stretch.
    private void Grow()
    {
        long start = Capacity;
        int perBlock = header.RefcountsPerBlock, oldClusters = header.RefcountTableClusters;
        int clusters = oldClusters + Math.Max(1, oldClusters / 2), newBlocks;
        for (; ; clusters++)
        {
            newBlocks = 1;
            while ((long)newBlocks * perBlock < clusters + newBlocks)
            {
                newBlocks++;
            }
            if (table.Length + newBlocks <= (long)clusters * header.L2Entries)
            {
                break;
            }
        }
        int first = table.Length;
        for (int n = 0; n < oldClusters; n++)
        {
            long old = (header.RefcountTableOffset >> header.ClusterBits) + n;
            Metadata.Remove(old);
            Abandoned.Add(old);
        }
        Array.Resize(ref table, clusters * header.L2Entries);
        header.RefcountTableOffset = start << header.ClusterBits;
        header.RefcountTableClusters = clusters;
        AddTable();
        tableMoved = true;

        // All blocks are there before the first of them is counted.
        for (int n = 0; n < newBlocks; n++)
        {
            blocks[first + n] = new byte[header.ClusterBytes];
            table[first + n] = (ulong)(start + clusters + n) << header.ClusterBits;
            dirtyBlocks.Add(first + n);
            Metadata.Add(start + clusters + n);
        }
        for (long cluster = start; cluster < start + clusters + newBlocks; cluster++)
        {
            this[cluster] = 1;
        }
    }

    private void AddTable()
    {
        for (int n = 0; n < header.RefcountTableClusters; n++)
        {
            Metadata.Add((header.RefcountTableOffset >> header.ClusterBits) + n);
        }
    }

    private ulong Get(ReadOnlySpan<byte> block, int index) => header.RefcountOrder switch
    {
        3 => block[index],
        4 => BinaryPrimitives.ReadUInt16BigEndian(block[(2 * index)..]),
        5 => BinaryPrimitives.ReadUInt32BigEndian(block[(4 * index)..]),
        6 => BinaryPrimitives.ReadUInt64BigEndian(block[(8 * index)..]),
        var order => (ulong)(block[index << order >> 3] >> ((index << order) & 7)) & Max,
    };

    private void Set(Span<byte> block, int index, ulong value)
    {
        if (value > Max)
        {
            throw new IOException($"{file.Name}: a cluster is used {value} times, more than its refcount can say");
        }
        switch (header.RefcountOrder)
        {
            case 3:
                block[index] = (byte)value;
                break;
            case 4:
                BinaryPrimitives.WriteUInt16BigEndian(block[(2 * index)..], (ushort)value);
                break;
            case 5:
                BinaryPrimitives.WriteUInt32BigEndian(block[(4 * index)..], (uint)value);
                break;
            case 6:
                BinaryPrimitives.WriteUInt64BigEndian(block[(8 * index)..], value);
                break;
            case var order:
                int bit = (index << order) & 7, mask = (int)Max << bit;
                ref byte cell = ref block[index << order >> 3];
                cell = (byte)((cell & ~mask) | (int)value << bit);
                break;
        }
    }
}
