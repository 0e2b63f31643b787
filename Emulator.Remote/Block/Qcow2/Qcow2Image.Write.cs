using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Qcow2;

/// <content>
/// Writing. The order makes a power failure, or the end of the process, harmless at any moment (docs/decisions/0010): data go to the file at once,
/// tables at a flush: data, refcounts, level 2, level 1, and only then the refcounts of what is not used any more. While that is under way
/// an image of version 3 has its dirty bit set; one of version 2 is flushed between any two steps.
/// </content>
internal sealed partial class Qcow2Image
{
    private const int MaxDirtyTables = 32, MaxPendingFrees = 65536;

    private readonly List<long> pendingFrees = [];
    private bool isMarkedDirty;
    private long compressedEnd;

    private Qcow2Refcounts Refcounts => refcounts ?? throw new IOException($"{Name} is read-only");

    /// <inheritdoc/>
    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckWrite(offset, source.Length);
        while (!source.IsEmpty)
        {
            int inside = (int)(offset & (ClusterBytes - 1));
            int count = Math.Min(ClusterBytes - inside, source.Length);
            WritePart(offset >> header.ClusterBits, inside, source[..count]);
            offset += count;
            source = source[count..];
        }
        if (tables.DirtyTables > MaxDirtyTables || pendingFrees.Count > MaxPendingFrees)
        {
            Flush();
        }
    }

    /// <summary>Writes a cluster compressed, where it can be made smaller; it must hold nothing yet.</summary>
    /// <exception cref="IOException">The host failed, or the range is not a whole cluster or the disk's last part.</exception>
    public void WriteCompressed(long offset, ReadOnlySpan<byte> source)
    {
        CheckWrite(offset, source.Length);
        long cluster = offset >> header.ClusterBits;
        byte[] whole = new byte[ClusterBytes];
        source.CopyTo(whole);
        if ((offset & (ClusterBytes - 1)) != 0 || tables[cluster] != 0 || Qcow2Codec.Compress(header.CompressionType, whole) is not { } data)
        {
            Write(offset, source);
            return;
        }
        PrepareTable(cluster);
        long at = AllocateBytes(data.Length);
        file.Write(at, data);
        tables.Set(cluster, Qcow2Entry.ForCompressed(at, data.Length, header.ClusterBits));
        if (tables.DirtyTables > MaxDirtyTables)
        {
            Flush();
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (IsReadOnly)
        {
            return;
        }
        if (tables.IsDirty || Refcounts.IsDirty || pendingFrees.Count > 0)
        {
            WriteTables();
        }
        file.Flush();
    }

    private void WritePart(long cluster, int inside, ReadOnlySpan<byte> source)
    {
        ulong entry = tables[cluster];
        bool isInPlace = (entry & (Qcow2Entry.Copied | Qcow2Entry.Compressed)) == Qcow2Entry.Copied && (entry & Qcow2Entry.OffsetMask) != 0
            && tables.IsWritable(cluster);
        if (isInPlace && KindOf(entry) == Extent.Data)
        {
            file.Write(DataOffset(entry) + inside, source);
            return;
        }
        PrepareTable(cluster);
        bool isZeroBefore = KindOf(entry) == Extent.Zero || (KindOf(entry) == Extent.None && Backing is null);
        long host = isInPlace ? DataOffset(entry) : Refcounts.Allocate() << header.ClusterBits;
        try
        {
            if (source.Length == ClusterBytes)
            {
                file.Write(host, source);
            }
            else if (isZeroBefore && host >= file.Length)
            {
                // Behind the file there are zeros already.
                file.Write(host + inside, source);
            }
            else
            {
                byte[] whole = new byte[ClusterBytes];
                ReadPart(cluster << header.ClusterBits, 0, whole.AsSpan(0, (int)Math.Min(ClusterBytes, Length - (cluster << header.ClusterBits))));
                source.CopyTo(whole.AsSpan(inside));
                file.Write(host, whole);
            }
        }
        catch (IOException) when (!isInPlace)
        {
            Refcounts[host >> header.ClusterBits] = 0;
            throw;
        }
        tables.Set(cluster, (ulong)host | Qcow2Entry.Copied);
        if (!isInPlace)
        {
            FreeLater(entry);
        }
    }

    // A damaged image must not lead the guest's data into the tables.
    private long DataOffset(ulong entry)
    {
        long offset = HostOffset(entry);
        return Refcounts.Metadata.Contains(offset >> header.ClusterBits)
            ? throw new IOException($"{Name}: the image is damaged: the cluster at {offset:x} is data and table in one; restore it from a copy")
            : offset;
    }

    // The table that maps a cluster is there, is this image's alone, and may be changed.
    private void PrepareTable(long cluster)
    {
        MarkDirty();
        if (tables.IsWritable(cluster))
        {
            return;
        }
        int first = (int)(cluster / header.L2Entries);
        ulong old = tables.Level1[first];
        tables.Table(first);
        long host = Refcounts.Allocate();
        Refcounts.Metadata.Add(host);
        tables.Place(first, host << header.ClusterBits);
        FreeLater(old);
    }

    // Compressed data share clusters: each cluster counts every piece that touches it.
    private long AllocateBytes(int count)
    {
        long end = compressedEnd;
        int room = (int)(-end & (ClusterBytes - 1));
        long at = end;
        if (room < count || Refcounts[at >> header.ClusterBits] == Refcounts.Max)
        {
            int more = (count + ClusterBytes - 1) >> header.ClusterBits;
            long first = Refcounts.Allocate(more);
            at = first << header.ClusterBits;
        }
        else
        {
            Refcounts[at >> header.ClusterBits]++;
        }
        compressedEnd = at + count;
        return at;
    }

    // The file's tables still name what the entry names: its count goes down once they do not.
    private void FreeLater(ulong entry)
    {
        long first = (long)(entry & Qcow2Entry.OffsetMask), last = first;
        if ((entry & Qcow2Entry.Compressed) != 0)
        {
            (first, int bytes) = Qcow2Entry.CompressedData(entry, header.ClusterBits);
            last = first + bytes - 1;
            compressedEnd = 0;
        }
        else if (first == 0)
        {
            return;
        }
        for (long cluster = first >> header.ClusterBits; cluster <= last >> header.ClusterBits; cluster++)
        {
            pendingFrees.Add(cluster);
        }
    }

    private void WriteTables()
    {
        MarkDirty();

        // What the new tables name must be there before them.
        file.Flush();
        Refcounts.WriteBlocks();
        FlushVersion2();
        tables.WriteLevel2();
        FlushVersion2();
        tables.WriteLevel1();
        pendingFrees.AddRange(Refcounts.Abandoned);
        Refcounts.Abandoned.Clear();
        if (pendingFrees.Count == 0)
        {
            return;
        }
        FlushVersion2();
        foreach (long cluster in pendingFrees)
        {
            if (Refcounts[cluster] is not 0 and var count)
            {
                Refcounts[cluster] = count - 1;
            }
        }
        pendingFrees.Clear();
        Refcounts.WriteBlocks();

        // The same place may hold other data the next time.
        expandedEntry = 0;
    }

    private void FlushVersion2()
    {
        if (header.Version == 2)
        {
            file.Flush();
        }
    }

    private void MarkDirty()
    {
        if (isMarkedDirty || header.Version == 2)
        {
            return;
        }
        header.Incompatible |= Qcow2Header.DirtyBit;
        WriteFeatures(Qcow2Header.IncompatibleOffset, header.Incompatible);
        file.Flush();
        isMarkedDirty = true;
    }

    private void BecomeWritable(bool forRepair = false)
    {
        if ((header.Incompatible & Qcow2Header.CorruptBit) != 0 && !forRepair)
        {
            throw new UserErrorException($"{Name} is marked as damaged; repair it with 'emu img check -r all', or open it with readonly=on");
        }
        refcounts = new(file, header);
        foreach (ulong entry in tables.Level1)
        {
            refcounts.Metadata.Add((long)(entry & Qcow2Entry.OffsetMask) >> header.ClusterBits);
        }
        for (int n = 0; n < (header.L1Size * 8L + ClusterBytes - 1) >> header.ClusterBits; n++)
        {
            refcounts.Metadata.Add((header.L1Offset >> header.ClusterBits) + n);
        }
        if ((header.Incompatible & Qcow2Header.DirtyBit) != 0)
        {
            isMarkedDirty = true;
            if (!forRepair && Check(CheckRepair.All).Corruptions > 0)
            {
                throw new UserErrorException($"{Name} was not closed, and is damaged; look with 'emu img check', or open it with readonly=on");
            }
        }
        if (header.Autoclear != 0)
        {
            // What other programs keep beside the data (bitmaps) would not follow our writes.
            header.Autoclear = 0;
            WriteFeatures(88, 0);
        }
    }

    private void BecomeReadOnly()
    {
        if (refcounts is null)
        {
            return;
        }
        Flush();
        if (isMarkedDirty)
        {
            header.Incompatible &= ~Qcow2Header.DirtyBit;
            WriteFeatures(Qcow2Header.IncompatibleOffset, header.Incompatible);
            file.Flush();
            isMarkedDirty = false;
        }
        refcounts = null;
    }
}
