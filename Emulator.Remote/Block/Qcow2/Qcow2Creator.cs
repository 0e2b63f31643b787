using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>Makes empty qcow2 images.</summary>
internal static class Qcow2Creator
{
    /// <summary>Refuses what cannot be made.</summary>
    /// <exception cref="UserErrorException">The disk is too large for such clusters, or the backing file's name too long.</exception>
    public static void Check(string path, Qcow2Header wanted)
    {
        if (wanted.L1SizeFor(wanted.Size) > (32 << 20) / 8)
        {
            throw new UserErrorException($"{path}: {wanted.Size} bytes are too many for clusters of {wanted.ClusterBytes}; give a larger cluster_size");
        }
        wanted.ToBytes();
    }

    /// <summary>Writes an empty image: head, refcount table, one refcount block, L1 table.</summary>
    /// <param name="file">Empty.</param>
    /// <param name="wanted">Version, cluster and refcount size, disk size, backing file; the places of the tables are chosen here.</param>
    /// <exception cref="IOException">The host failed.</exception>
    public static void Create(IImageStorage file, Qcow2Header wanted)
    {
        long entries = wanted.L1SizeFor(wanted.Size);
        int clusterBytes = wanted.ClusterBytes;
        int level1Clusters = (int)((entries * 8 + clusterBytes - 1) / clusterBytes), blocks = 1, tableClusters = 1;
        while (1 + tableClusters + blocks + level1Clusters > (long)blocks * wanted.RefcountsPerBlock)
        {
            blocks++;
            tableClusters = (blocks + wanted.L2Entries - 1) / wanted.L2Entries;
        }
        wanted.RefcountTableOffset = clusterBytes;
        wanted.RefcountTableClusters = tableClusters;
        long firstBlock = 1 + tableClusters;
        wanted.L1Offset = (firstBlock + blocks) * clusterBytes;
        wanted.L1Size = (int)entries;

        ulong[] table = new ulong[tableClusters * wanted.L2Entries];
        for (int n = 0; n < blocks; n++)
        {
            table[n] = (ulong)(firstBlock + n) * (ulong)clusterBytes;
        }
        long used = firstBlock + blocks + level1Clusters;
        file.SetLength(used * clusterBytes);
        BigEndianTable.Write(file, wanted.RefcountTableOffset, table);
        var refcounts = new Qcow2Refcounts(file, wanted);
        for (long cluster = 0; cluster < used; cluster++)
        {
            refcounts[cluster] = 1;
        }
        refcounts.WriteBlocks();

        // The head last: before it this is no image.
        file.Write(0, wanted.ToBytes());
        file.Flush();
    }
}
