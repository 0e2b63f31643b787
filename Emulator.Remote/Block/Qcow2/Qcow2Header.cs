using System.Buffers.Binary;
using System.Text;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>The head of a qcow2 image (QEMU, docs/interop/qcow2.txt, "Header"). All fields are big-endian.</summary>
internal sealed class Qcow2Header
{
    /// <summary>Incompatible feature: the refcounts may be wrong.</summary>
    public const ulong DirtyBit = 1;

    /// <summary>Incompatible feature: the image is damaged and must not be written.</summary>
    public const ulong CorruptBit = 2;

    /// <summary>Compatible feature: refcounts may be written late.</summary>
    public const ulong LazyRefcountsBit = 1;

    /// <summary>Autoclear feature: the bitmaps of the extension are right.</summary>
    public const ulong BitmapsBit = 1;

    /// <summary>Where <see cref="Incompatible"/> is.</summary>
    public const int IncompatibleOffset = 72;

    private const uint Magic = 0x514649FB;
    private const int Version2Bytes = 72, Version3Bytes = 104, CompressionTypeOffset = 104;
    private const int MaxClusterBits = 21, MinClusterBits = 9, MaxL1Bytes = 32 << 20, MaxRefcountTableBytes = 8 << 20, MaxSnapshots = 65536;
    private const int MaxBackingName = 1023, MaxBackingFormat = 15;
    private const uint EndExtension = 0, BackingFormatExtension = 0xE2792ACA, BitmapsExtension = 0x23852875;
    private const ulong DataFileBit = 4, CompressionTypeBit = 8, ExtendedL2Bit = 16;
    private const ulong KnownIncompatible = DirtyBit | CorruptBit | CompressionTypeBit;

    public int Version { get; init; } = 3;

    public int ClusterBits { get; init; } = 16;

    public int ClusterBytes => 1 << ClusterBits;

    /// <summary>Size of the disk in bytes.</summary>
    public long Size { get; set; }

    /// <summary>Entries of the active level 1 table.</summary>
    public int L1Size { get; set; }

    public long L1Offset { get; set; }

    public long RefcountTableOffset { get; set; }

    public int RefcountTableClusters { get; set; }

    public int SnapshotCount { get; init; }

    public long SnapshotsOffset { get; init; }

    public ulong Incompatible { get; set; }

    public ulong Compatible { get; set; }

    public ulong Autoclear { get; set; }

    /// <summary>A refcount has 1 &lt;&lt; this many bits.</summary>
    public int RefcountOrder { get; init; } = 4;

    /// <summary>0 deflate, 1 Zstandard.</summary>
    public int CompressionType { get; init; }

    public string? BackingFile { get; init; }

    public string? BackingFormat { get; init; }

    /// <summary>Offset and bytes of the directory of persistent bitmaps; 0 when there is none that counts.</summary>
    public (long Offset, long Bytes) Bitmaps { get; private set; }

    /// <summary>Clusters that an L2 table maps.</summary>
    public int L2Entries => ClusterBytes / 8;

    /// <summary>Bytes of the disk that an L2 table maps.</summary>
    public long L2Coverage => (long)ClusterBytes * L2Entries;

    /// <summary>Refcounts in a block.</summary>
    public int RefcountsPerBlock => ClusterBytes * 8 >> RefcountOrder;

    /// <summary>L1 entries that a disk of <paramref name="size"/> bytes needs.</summary>
    public long L1SizeFor(long size) => size / L2Coverage + (size % L2Coverage == 0 ? 0 : 1);

    /// <summary>Reads and checks the head.</summary>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    /// <exception cref="IOException">The host failed.</exception>
    public static Qcow2Header Read(IImageStorage file)
    {
        Span<byte> head = stackalloc byte[112];
        file.Read(0, head);
        UserErrorException Bad(string what) => new($"{file.Name} is a damaged qcow2 image: {what}; restore it from a copy");
        uint U32(ReadOnlySpan<byte> h, int at) => BinaryPrimitives.ReadUInt32BigEndian(h[at..]);
        ulong U64(ReadOnlySpan<byte> h, int at) => BinaryPrimitives.ReadUInt64BigEndian(h[at..]);
        if (U32(head, 0) != Magic)
        {
            throw new UserErrorException($"{file.Name} is no qcow2 image; give its own format, or leave format= out");
        }
        uint version = U32(head, 4);
        if (version is not (2 or 3))
        {
            throw new UserErrorException($"{file.Name} is a qcow2 image of version {version}, which is not known here; convert it with 'qemu-img convert -O qcow2'");
        }
        uint clusterBits = U32(head, 20);
        if (clusterBits is < MinClusterBits or > MaxClusterBits)
        {
            throw Bad($"its clusters have 2^{clusterBits} bytes");
        }
        ulong incompatible = version == 2 ? 0 : U64(head, IncompatibleOffset);
        RefuseFeatures(file.Name, incompatible);
        if (U32(head, 32) != 0)
        {
            throw new UserErrorException($"{file.Name} is encrypted, which is not built; decrypt it with 'qemu-img convert' first");
        }
        uint headerBytes = version == 2 ? Version2Bytes : U32(head, 100);
        if (headerBytes < (version == 2 ? Version2Bytes : Version3Bytes) || headerBytes > 1u << (int)clusterBits)
        {
            throw Bad($"its head has {headerBytes} bytes");
        }
        uint order = version == 2 ? 4 : U32(head, 96);
        if (order > 6)
        {
            throw Bad($"its refcounts have 2^{order} bits");
        }
        int compression = headerBytes > CompressionTypeOffset ? head[CompressionTypeOffset] : 0;
        if (compression > 1 || (compression != 0) != ((incompatible & CompressionTypeBit) != 0))
        {
            throw Bad($"its compression has the number {compression}");
        }
        ulong size = U64(head, 24), l1Offset = U64(head, 40), tableOffset = U64(head, 48), snapshotsOffset = U64(head, 64);
        uint l1Size = U32(head, 36), tableClusters = U32(head, 56), snapshots = U32(head, 60);
        if (size > long.MaxValue - (1L << 22))
        {
            throw Bad($"its disk has {size} bytes");
        }
        var (backing, format, bitmaps) = ReadExtensions(file, (int)headerBytes, (int)clusterBits, U64(head, 8), U32(head, 16), Bad);
        var header = new Qcow2Header
        {
            Version = (int)version,
            ClusterBits = (int)clusterBits,
            Size = (long)size,
            L1Size = (int)Math.Min(l1Size, int.MaxValue),
            L1Offset = (long)l1Offset,
            RefcountTableOffset = (long)tableOffset,
            RefcountTableClusters = (int)Math.Min(tableClusters, int.MaxValue),
            SnapshotCount = (int)Math.Min(snapshots, int.MaxValue),
            SnapshotsOffset = (long)snapshotsOffset,
            Incompatible = incompatible,
            Compatible = version == 2 ? 0 : U64(head, 80),
            Autoclear = version == 2 ? 0 : U64(head, 88),
            RefcountOrder = (int)order,
            CompressionType = compression,
            BackingFile = backing,
            BackingFormat = format,
        };
        header.Bitmaps = (header.Autoclear & BitmapsBit) != 0 ? bitmaps : default;
        header.CheckTables(file, Bad);
        return header;
    }

    /// <summary>The bytes of the head with its extensions, for a new image.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ClusterBytes];
        var b = bytes.AsSpan();
        int at = Version == 2 ? Version2Bytes : 112;
        BinaryPrimitives.WriteUInt32BigEndian(b, Magic);
        BinaryPrimitives.WriteInt32BigEndian(b[4..], Version);
        BinaryPrimitives.WriteInt32BigEndian(b[20..], ClusterBits);
        BinaryPrimitives.WriteInt64BigEndian(b[24..], Size);
        BinaryPrimitives.WriteInt32BigEndian(b[36..], L1Size);
        BinaryPrimitives.WriteInt64BigEndian(b[40..], L1Offset);
        BinaryPrimitives.WriteInt64BigEndian(b[48..], RefcountTableOffset);
        BinaryPrimitives.WriteInt32BigEndian(b[56..], RefcountTableClusters);
        if (Version > 2)
        {
            BinaryPrimitives.WriteUInt64BigEndian(b[IncompatibleOffset..], CompressionType == 0 ? 0 : CompressionTypeBit);
            BinaryPrimitives.WriteUInt64BigEndian(b[80..], Compatible);
            BinaryPrimitives.WriteInt32BigEndian(b[96..], RefcountOrder);
            BinaryPrimitives.WriteInt32BigEndian(b[100..], at);
            b[CompressionTypeOffset] = (byte)CompressionType;
        }
        if (BackingFormat is not null)
        {
            byte[] format = Encoding.UTF8.GetBytes(BackingFormat);
            BinaryPrimitives.WriteUInt32BigEndian(b[at..], BackingFormatExtension);
            BinaryPrimitives.WriteInt32BigEndian(b[(at + 4)..], format.Length);
            format.CopyTo(b[(at + 8)..]);
            at += 8 + ((format.Length + 7) & ~7);
        }
        at += 8;
        if (BackingFile is not null)
        {
            byte[] name = Encoding.UTF8.GetBytes(BackingFile);
            if (name.Length > MaxBackingName || name.Length > ClusterBytes - at)
            {
                throw new UserErrorException($"{BackingFile}: the name is too long for a backing file; use a relative one");
            }
            BinaryPrimitives.WriteInt64BigEndian(b[8..], at);
            BinaryPrimitives.WriteInt32BigEndian(b[16..], name.Length);
            name.CopyTo(b[at..]);
        }
        return bytes;
    }

    private static void RefuseFeatures(string name, ulong incompatible)
    {
        string? what = (incompatible & ~KnownIncompatible) switch
        {
            0 => null,
            var bits when (bits & DataFileBit) != 0 => "keeps its data in another file",
            var bits when (bits & ExtendedL2Bit) != 0 => "has extended L2 entries",
            var bits => $"needs the unknown features {bits:x}",
        };
        if (what is not null)
        {
            throw new UserErrorException($"{name} is a qcow2 image that {what}, which is not built; convert it with 'qemu-img convert -O qcow2'");
        }
    }

    private static (string? Backing, string? Format, (long, long) Bitmaps) ReadExtensions(
        IImageStorage file, int headerBytes, int clusterBits, ulong backingOffset, uint backingBytes, Func<string, UserErrorException> bad)
    {
        int clusterBytes = 1 << clusterBits;
        int end = clusterBytes;
        string? backing = null;
        if (backingOffset != 0 && backingBytes != 0)
        {
            if (backingBytes > MaxBackingName || backingOffset > (ulong)(clusterBytes - (int)backingBytes))
            {
                throw bad("the name of its backing file is not in its first cluster");
            }
            byte[] name = new byte[backingBytes];
            file.Read((long)backingOffset, name);
            backing = Encoding.UTF8.GetString(name);
            end = (int)backingOffset;
        }
        string? format = null;
        (long, long) bitmaps = default;
        byte[] entry = new byte[24];
        for (int at = headerBytes; at + 8 <= end;)
        {
            file.Read(at, entry.AsSpan(0, 8));
            uint type = BinaryPrimitives.ReadUInt32BigEndian(entry), length = BinaryPrimitives.ReadUInt32BigEndian(entry.AsSpan(4));
            if (type == EndExtension)
            {
                break;
            }
            if (length > end - at - 8)
            {
                throw bad($"extension {type:x} of its head is too long");
            }
            if (type == BackingFormatExtension)
            {
                if (length > MaxBackingFormat)
                {
                    throw bad("its backing file's format has no such name");
                }
                byte[] name = new byte[length];
                file.Read(at + 8, name);
                format = Encoding.UTF8.GetString(name);
            }
            else if (type == BitmapsExtension && length == 24)
            {
                file.Read(at + 8, entry);
                bitmaps = (BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(16)), BinaryPrimitives.ReadInt64BigEndian(entry.AsSpan(8)));
            }
            at += 8 + (((int)length + 7) & ~7);
        }
        return (backing, format, bitmaps);
    }

    // Everything that is read at once must be there, and of a size that memory holds.
    private void CheckTables(IImageStorage file, Func<string, UserErrorException> bad)
    {
        void Inside(string what, long offset, long bytes, long limit)
        {
            if (bytes > limit)
            {
                throw bad($"its {what} has {bytes} bytes");
            }
            if ((offset & (ClusterBytes - 1)) != 0 || offset < 0)
            {
                throw bad($"its {what} is at {offset:x}, no cluster's start");
            }
            if (bytes > 0 && (offset == 0 || offset > file.Length - bytes))
            {
                throw bad($"its {what} at {offset:x} is not in the file of {file.Length} bytes");
            }
        }
        Inside("L1 table", L1Offset, L1Size * 8L, MaxL1Bytes);
        Inside("refcount table", RefcountTableOffset, (long)RefcountTableClusters * ClusterBytes, Math.Max(MaxRefcountTableBytes, ClusterBytes));
        if (L1Size < L1SizeFor(Size))
        {
            throw bad($"its L1 table is too small for a disk of {Size} bytes");
        }
        if (RefcountTableClusters == 0)
        {
            throw bad("it has no refcount table");
        }
        if (SnapshotCount > MaxSnapshots)
        {
            throw bad($"it has {SnapshotCount} snapshots");
        }
        Inside("snapshot table", SnapshotsOffset, SnapshotCount * 40L, long.MaxValue);
    }
}
