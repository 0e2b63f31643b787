using System.Buffers.Binary;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>Compares the refcounts of an image with what its tables refer to, and puts them right.</summary>
internal sealed class Qcow2Check(IImageStorage file, Qcow2Header header, Qcow2Refcounts refcounts)
{
    private const int MaxMessages = 1000, SnapshotHeadBytes = 40;

    private readonly uint[] counts = new uint[(file.Length >> header.ClusterBits) + 1];
    private readonly HashSet<int> badBlocks = [];
    private long nextInRow;

    public CheckResult Result { get; } = new();

    /// <summary>True when the L1 or an L2 table was changed.</summary>
    public bool FixedLevel1 { get; private set; }

    private int ClusterBytes => header.ClusterBytes;

    public void Run(CheckRepair repair)
    {
        Result.TotalClusters = (header.Size + ClusterBytes - 1) >> header.ClusterBits;
        Count(0, 1);
        ulong[] level1 = CountLevel1(header.L1Offset, header.L1Size, isActive: true);
        CountSnapshots();
        CountBitmaps();
        Count(header.RefcountTableOffset, (long)header.RefcountTableClusters * ClusterBytes);
        CountBlocks(repair);
        Compare(repair);
        CheckCopied(level1, repair);
        if (repair != CheckRepair.None)
        {
            refcounts.WriteBlocks();
            file.Flush();
        }
    }

    private void Count(long offset, long bytes)
    {
        for (long cluster = offset >> header.ClusterBits; cluster <= (offset + bytes - 1) >> header.ClusterBits; cluster++)
        {
            if (cluster >= counts.Length)
            {
                Corrupt($"cluster {cluster} is referred to and lies behind the end of the image");
                break;
            }
            counts[cluster]++;
        }
    }

    private uint References(long cluster) => cluster < counts.Length ? counts[cluster] : 0;

    private void Corrupt(string message)
    {
        Result.Corruptions++;
        Say($"ERROR {message}");
    }

    private void Say(string message)
    {
        if (Result.Messages.Count < MaxMessages)
        {
            Result.Messages.Add(message);
        }
    }

    private bool IsUsable(long offset) => (offset & (ClusterBytes - 1)) == 0 && offset < file.Length;

    private ulong[] CountLevel1(long offset, int size, bool isActive)
    {
        if (size > 0)
        {
            Count(offset, size * 8L);
        }
        ulong[] level1 = BigEndianTable.Read(file, offset, size);
        for (int first = 0; first < size; first++)
        {
            long at = (long)(level1[first] & Qcow2Entry.OffsetMask);
            if (at == 0)
            {
                continue;
            }
            if (!IsUsable(at))
            {
                Corrupt($"L2 table of L1 entry {first}: offset={at:x} is not in the image");
                continue;
            }
            Count(at, ClusterBytes);
            nextInRow = 0;
            ulong[] level2 = BigEndianTable.Read(file, at, header.L2Entries);
            foreach (ulong entry in level2)
            {
                CountEntry(entry, isActive);
            }
        }
        return level1;
    }

    private void CountEntry(ulong entry, bool isActive)
    {
        if ((entry & Qcow2Entry.Compressed) != 0)
        {
            (long at, int bytes) = Qcow2Entry.CompressedData(entry, header.ClusterBits);
            Count(at, bytes);
            if ((entry & Qcow2Entry.Copied) != 0)
            {
                Corrupt($"coffset=0x{at:x}: copied flag must never be set for compressed clusters");
            }
            if (isActive)
            {
                Result.AllocatedClusters++;
                Result.CompressedClusters++;
                Result.FragmentedClusters++;
            }
            return;
        }
        long offset = (long)(entry & Qcow2Entry.OffsetMask);
        if (offset == 0)
        {
            return;
        }
        if ((offset & (ClusterBytes - 1)) != 0)
        {
            Corrupt($"offset={offset:x}: Data cluster is not properly aligned; L2 entry corrupted.");
            return;
        }
        Count(offset, ClusterBytes);
        if (isActive)
        {
            Result.AllocatedClusters++;
            Result.FragmentedClusters += nextInRow != 0 && offset != nextInRow ? 1 : 0;
            nextInRow = offset + ClusterBytes;
        }
    }

    private void CountSnapshots()
    {
        long at = header.SnapshotsOffset;
        byte[] head = new byte[SnapshotHeadBytes];
        for (int n = 0; n < header.SnapshotCount; n++)
        {
            file.Read(at, head);
            long level1 = BinaryPrimitives.ReadInt64BigEndian(head);
            int size = BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(8));
            int idBytes = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(12)), nameBytes = BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(14));
            long extraBytes = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(36));
            at += (SnapshotHeadBytes + extraBytes + idBytes + nameBytes + 7) & ~7;
            if (size is < 0 or > 1 << 22 || (level1 & (ClusterBytes - 1)) != 0 || level1 < 0 || level1 > file.Length - size * 8L)
            {
                Corrupt($"snapshot {n}: its L1 table at offset={level1:x} is not in the image");
                continue;
            }
            CountLevel1(level1, size, isActive: false);
        }
        if (header.SnapshotCount > 0)
        {
            Count(header.SnapshotsOffset, at - header.SnapshotsOffset);
        }
    }

    // qcow2.txt, "Bitmaps": a directory of entries, each with a table of clusters.
    private void CountBitmaps()
    {
        (long offset, long bytes) = header.Bitmaps;
        if (bytes == 0)
        {
            return;
        }
        if ((offset & (ClusterBytes - 1)) != 0 || bytes is < 0 or > 1 << 26 || offset < 0 || offset > file.Length - bytes)
        {
            Corrupt($"the bitmap directory at offset={offset:x} is not in the image");
            return;
        }
        Count(offset, bytes);
        byte[] directory = new byte[bytes];
        file.Read(offset, directory);
        for (int at = 0; at + 24 <= bytes;)
        {
            var entry = directory.AsSpan(at);
            long table = BinaryPrimitives.ReadInt64BigEndian(entry);
            uint size = BinaryPrimitives.ReadUInt32BigEndian(entry[8..]);
            long next = at + ((24L + BinaryPrimitives.ReadUInt16BigEndian(entry[18..]) + BinaryPrimitives.ReadUInt32BigEndian(entry[20..]) + 7) & ~7);
            if ((table & (ClusterBytes - 1)) != 0 || size > 1 << 26 || table < 0 || table > file.Length - size * 8L || next > bytes)
            {
                Corrupt($"the bitmap table at offset={table:x} is not in the image");
                return;
            }
            at = (int)next;
            Count(table, size * 8L);
            foreach (ulong cluster in BigEndianTable.Read(file, table, (int)size).Where(c => (c & Qcow2Entry.OffsetMask) != 0))
            {
                Count((long)(cluster & Qcow2Entry.OffsetMask), ClusterBytes);
            }
        }
    }

    private void CountBlocks(CheckRepair repair)
    {
        HashSet<long> seen = [];
        for (int n = 0; n < refcounts.Table.Length; n++)
        {
            long offset = (long)(refcounts.Table[n] & Qcow2Entry.OffsetMask);
            if (offset == 0)
            {
                continue;
            }
            if (IsUsable(offset) && seen.Add(offset))
            {
                Count(offset, ClusterBytes);
                continue;
            }
            Corrupt($"refcount block {n} at offset={offset:x} is outside the image, not aligned, or used twice");
            if (repair == CheckRepair.All)
            {
                refcounts.DropBlock(n);
                Result.Corruptions--;
                Result.CorruptionsFixed++;
            }
            else
            {
                badBlocks.Add(n);
            }
        }
    }

    private ulong Refcount(long cluster) => badBlocks.Contains((int)(cluster / header.RefcountsPerBlock)) ? 0 : refcounts[cluster];

    private void Compare(CheckRepair repair)
    {
        // Blocks that have to be made must not land on data, and count themselves.
        HashSet<long> known = [.. refcounts.Metadata];
        refcounts.IsReserved = cluster => References(cluster) != 0;
        long last = -1;
        long end = Math.Max(counts.Length, Math.Min(refcounts.Capacity, LastCounted() + 1));
        for (long cluster = 0; cluster < end; cluster++)
        {
            ulong refcount = Refcount(cluster);
            uint references = References(cluster);
            if (refcount != 0 || references != 0)
            {
                last = Math.Max(last, cluster);
            }
            if (refcount == references || (references == 0 && refcounts.Metadata.Contains(cluster) && !known.Contains(cluster)))
            {
                continue;
            }
            bool isLeak = refcount > references, isFixed = repair == CheckRepair.All || (isLeak && repair == CheckRepair.Leaks);
            Say($"{(isFixed ? "Repairing" : isLeak ? "Leaked" : "ERROR")} cluster {cluster} refcount={refcount} reference={references}");
            if (isFixed)
            {
                refcounts[cluster] = references;
            }
            Result.Leaks += isLeak && !isFixed ? 1 : 0;
            Result.LeaksFixed += isLeak && isFixed ? 1 : 0;
            Result.Corruptions += !isLeak && !isFixed ? 1 : 0;
            Result.CorruptionsFixed += !isLeak && isFixed ? 1 : 0;
        }
        refcounts.IsReserved = _ => false;
        Result.ImageEnd = (last + 1) << header.ClusterBits;
    }

    // The last cluster that a block of the table could count.
    private long LastCounted()
    {
        for (int n = refcounts.Table.Length - 1; n >= 0; n--)
        {
            if ((refcounts.Table[n] & Qcow2Entry.OffsetMask) != 0 && !badBlocks.Contains(n))
            {
                // A table that names blocks far behind the file's end is not worth the time of looking through them all.
                return Math.Min((n + 1L) * header.RefcountsPerBlock - 1, counts.Length + 4L * header.RefcountsPerBlock);
            }
        }
        return -1;
    }

    // The flag says of active tables and their clusters that nobody else uses them.
    private void CheckCopied(ulong[] level1, CheckRepair repair)
    {
        for (int first = 0; first < level1.Length; first++)
        {
            long at = (long)(level1[first] & Qcow2Entry.OffsetMask);
            if (at == 0 || !IsUsable(at))
            {
                continue;
            }
            if (IsCopiedWrong(level1[first], at, $"L2 cluster: l1_index={first} l1_entry={level1[first]:x}", repair))
            {
                BigEndianTable.WriteEntry(file, header.L1Offset, first, level1[first] ^ Qcow2Entry.Copied);
            }
            ulong[] level2 = BigEndianTable.Read(file, at, header.L2Entries);
            for (int second = 0; second < level2.Length; second++)
            {
                ulong entry = level2[second];
                long offset = (long)(entry & Qcow2Entry.OffsetMask);
                if ((entry & Qcow2Entry.Compressed) == 0 && offset != 0 && (offset & (ClusterBytes - 1)) == 0
                    && IsCopiedWrong(entry, offset, $"data cluster: l2_entry={entry:x}", repair))
                {
                    BigEndianTable.WriteEntry(file, at, second, entry ^ Qcow2Entry.Copied);
                }
            }
        }
    }

    // True when it is to be turned over.
    private bool IsCopiedWrong(ulong entry, long offset, string what, CheckRepair repair)
    {
        ulong refcount = Refcount(offset >> header.ClusterBits);
        if ((refcount == 1) == ((entry & Qcow2Entry.Copied) != 0))
        {
            return false;
        }
        if (repair != CheckRepair.All)
        {
            Corrupt($"OFLAG_COPIED {what} refcount={refcount}");
            return false;
        }
        Say($"Repairing OFLAG_COPIED {what} refcount={refcount}");
        Result.CorruptionsFixed++;
        FixedLevel1 = true;
        return true;
    }
}
