using System.Buffers.Binary;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Qcow2;

/// <content>Changing the size, and giving everything back.</content>
internal sealed partial class Qcow2Image
{
    private const int MaxL1Entries = (32 << 20) / 8;

    /// <inheritdoc/>
    public override void Resize(long length)
    {
        if (header.SnapshotCount > 0)
        {
            throw new UserErrorException($"{Name} has internal snapshots, and cannot be resized; delete them with 'qemu-img snapshot -d'");
        }
        long entries = header.L1SizeFor(length);
        if (entries > MaxL1Entries)
        {
            throw new UserErrorException($"{Name}: {length} bytes are too many for clusters of {ClusterBytes}; make an image with a larger cluster_size");
        }
        MarkDirty();
        if (length < Length)
        {
            DropFrom((length + ClusterBytes - 1) >> header.ClusterBits);
            ClearTail(length);
        }
        if (entries > header.L1Size)
        {
            GrowLevel1((int)entries);
        }
        Flush();
        header.Size = length;
        Span<byte> field = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(field, length);
        file.Write(24, field);
        file.Flush();
    }

    /// <inheritdoc/>
    public override void MakeEmpty()
    {
        if (header.BackingFile is null)
        {
            base.MakeEmpty();
        }
        MarkDirty();
        DropFrom(0);
        Flush();
    }

    // Whoever makes the disk larger again finds zeros there.
    private void ClearTail(long length)
    {
        int inside = (int)(length & (ClusterBytes - 1));
        if (inside != 0 && KindOf(tables[length >> header.ClusterBits]) == Extent.Data)
        {
            int count = (int)Math.Min(ClusterBytes - inside, Length - length);
            Write(length, new byte[count]);
        }
    }

    private void DropFrom(long firstCluster)
    {
        int first = (int)((firstCluster + header.L2Entries - 1) / header.L2Entries);
        for (long cluster = firstCluster; cluster < (long)first * header.L2Entries && cluster << header.ClusterBits < Length; cluster++)
        {
            if (tables[cluster] is not 0 and var entry)
            {
                PrepareTable(cluster);
                tables.Set(cluster, 0);
                FreeLater(entry);
            }
        }
        for (int n = first; n < header.L1Size; n++)
        {
            foreach (ulong entry in tables.Table(n) ?? [])
            {
                FreeLater(entry);
            }
        }
        foreach (ulong entry in tables.Remove(first))
        {
            Refcounts.Metadata.Remove((long)(entry & Qcow2Entry.OffsetMask) >> header.ClusterBits);
            FreeLater(entry);
        }
    }

    private void GrowLevel1(int entries)
    {
        int oldClusters = (header.L1Size * 8 + ClusterBytes - 1) >> header.ClusterBits, clusters = (entries * 8 + ClusterBytes - 1) >> header.ClusterBits;
        if (clusters == oldClusters && oldClusters > 0)
        {
            // The rest of its cluster is zeros.
            tables.Grow(entries);
            WriteLevel1Place(header.L1Offset, entries);
            return;
        }
        Flush();
        long old = header.L1Offset >> header.ClusterBits, at = Refcounts.Allocate(clusters);
        tables.Grow(entries);
        for (int n = 0; n < clusters; n++)
        {
            Refcounts.Metadata.Add(at + n);
        }
        ulong[] table = new ulong[clusters * header.L2Entries];
        tables.Level1.CopyTo(table);
        BigEndianTable.Write(file, at << header.ClusterBits, table);
        Refcounts.WriteBlocks();
        file.Flush();
        WriteLevel1Place(at << header.ClusterBits, entries);
        for (int n = 0; n < oldClusters; n++)
        {
            Refcounts.Metadata.Remove(old + n);
            pendingFrees.Add(old + n);
        }
    }

    private void WriteLevel1Place(long offset, int entries)
    {
        header.L1Offset = offset;
        header.L1Size = entries;
        Span<byte> fields = stackalloc byte[12];
        BinaryPrimitives.WriteInt32BigEndian(fields, entries);
        BinaryPrimitives.WriteInt64BigEndian(fields[4..], offset);
        file.Write(36, fields);
    }
}
