namespace Emulator.Remote.Block.Qcow2;

/// <summary>Bits of L1 and L2 entries (qcow2.txt, "Cluster mapping").</summary>
internal static class Qcow2Entry
{
    /// <summary>The refcount of what the entry names is 1: it may be written where it is.</summary>
    public const ulong Copied = 1ul << 63;

    /// <summary>The entry names compressed data.</summary>
    public const ulong Compressed = 1ul << 62;

    /// <summary>The cluster reads as zeros (version 3).</summary>
    public const ulong Zero = 1;

    /// <summary>Offset of a cluster or table in the file.</summary>
    public const ulong OffsetMask = 0x00FF_FFFF_FFFF_FE00;

    private const int SectorBytes = 512;

    /// <summary>Where the data of a compressed entry are, with the bytes that may belong to them.</summary>
    public static (long Offset, int Bytes) CompressedData(ulong entry, int clusterBits)
    {
        int shift = 62 - (clusterBits - 8);
        long offset = (long)(entry & ((1ul << shift) - 1));
        int sectors = (int)((entry >> shift) & ((1ul << (clusterBits - 8)) - 1)) + 1;
        return (offset, sectors * SectorBytes - (int)(offset & (SectorBytes - 1)));
    }

    /// <summary>The entry for compressed data at <paramref name="offset"/>.</summary>
    public static ulong ForCompressed(long offset, int bytes, int clusterBits)
    {
        long sectors = (offset + bytes - 1) / SectorBytes - offset / SectorBytes;
        return Compressed | (ulong)offset | (ulong)sectors << (62 - (clusterBits - 8));
    }
}
