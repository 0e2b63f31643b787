using System.Buffers.Binary;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Vhd;

/// <summary>
/// A dynamic VHD (Virtual Hard Disk Image Format Specification 1.0): blocks, usually of 2 MiB, behind bitmaps of their sectors; a copy of the
/// footer is in front. Fixed disks are <see cref="VhdFixedImage"/>; differencing ones are refused.
/// </summary>
internal sealed class VhdImage : BlockMapImage
{
    private const uint Unused = 0xFFFFFFFF;
    private const int HeaderBytes = 1024, HeaderChecksumOffset = 36;
    private const long MaxSectors = 2040L << 21;

    private readonly VhdFooter footer;
    private readonly uint[] table;
    private readonly SortedSet<int> dirty = [];
    private readonly long tableOffset, bitmapBytes;
    private readonly HashSet<long> prepared = [];
    private long end;

    private VhdImage(IImageStorage file, VhdFooter footer, uint[] table, long tableOffset, int blockBytes)
        : base(file)
    {
        this.footer = footer;
        this.table = table;
        this.tableOffset = tableOffset;
        ClusterBytes = blockBytes;
        Length = footer.Sectors * 512;
        bitmapBytes = BitmapBytes(blockBytes);
        end = tableOffset + ((table.Length * 4L + 511) & ~511L);
        end = Math.Max(end, footer.HeaderOffset + HeaderBytes);
        foreach (uint sector in table)
        {
            if (sector != Unused)
            {
                end = Math.Max(end, sector * 512L + bitmapBytes + blockBytes);
            }
        }
    }

    /// <inheritdoc/>
    public override string Format => "vpc";

    /// <inheritdoc/>
    public override long Length { get; }

    /// <inheritdoc/>
    public override int ClusterBytes { get; }

    /// <summary>Opens a VHD of either kind.</summary>
    /// <param name="file">Its bytes; owned, also when this fails.</param>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    public static DiskImage Open(IImageStorage file)
    {
        try
        {
            return OpenKind(file);
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            file.Dispose();
            throw e is IOException ? new UserErrorException($"{file.Name} cannot be read: {HostErrors.Describe(e)}; check the host's disk") : e;
        }
    }

    /// <summary>Writes an empty disk.</summary>
    public static void Create(IImageStorage file, VhdFooter footer)
    {
        const int blockBytes = 2 << 20;
        if (footer.DiskType == VhdFooter.Fixed)
        {
            file.Write(footer.Sectors * 512, footer.AsBytes);
            file.Flush();
            return;
        }
        int entries = (int)((footer.Sectors * 512 + blockBytes - 1) / blockBytes);
        byte[] header = new byte[HeaderBytes];
        "cxsparse"u8.CopyTo(header);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(8), -1);
        BinaryPrimitives.WriteInt64BigEndian(header.AsSpan(16), VhdFooter.Bytes + HeaderBytes);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(24), 0x10000);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(28), entries);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(32), blockBytes);
        VhdFooter.WriteChecksum(header, HeaderChecksumOffset);
        byte[] table = new byte[(entries * 4 + 511) & ~511];
        table.AsSpan().Fill(0xFF);
        file.Write(VhdFooter.Bytes, header);
        file.Write(VhdFooter.Bytes + HeaderBytes, table);
        file.Write(VhdFooter.Bytes + HeaderBytes + table.Length, footer.AsBytes);
        file.Write(0, footer.AsBytes);
        file.Flush();
    }

    private protected override long? Find(long block)
    {
        uint sector = table[block];
        if (sector == Unused)
        {
            return null;
        }
        long at = sector * 512L + bitmapBytes;
        return at < FileLength
            ? at
            : throw new IOException($"{Name}: the image is damaged: block {block} is at {at:x}, behind the end of the file; restore it from a copy");
    }

    private protected override long Allocate(long block)
    {
        long at = end, blockEnd = at + bitmapBytes + ClusterBytes;
        if (blockEnd / 512 >= Unused)
        {
            throw new IOException($"{Name}: a VHD of this format cannot grow any more");
        }

        // The footer goes to the new end first: the file has one there or in front at any time.
        Storage.Write(blockEnd, footer.AsBytes);
        byte[] bitmap = new byte[bitmapBytes];
        bitmap.AsSpan().Fill(0xFF);
        Storage.Write(at, bitmap);
        end = blockEnd;
        table[block] = (uint)(at / 512);
        dirty.Add((int)block);
        prepared.Add(block);
        return at + bitmapBytes;
    }

    // Other programs mark the sectors that were written; a sector that is not marked reads as zeros for them.
    private protected override void PrepareWrite(long block)
    {
        if (prepared.Add(block))
        {
            byte[] bitmap = new byte[bitmapBytes];
            bitmap.AsSpan().Fill(0xFF);
            Storage.Write(table[block] * 512L, bitmap);
        }
    }

    private protected override bool WriteTable()
    {
        if (dirty.Count == 0)
        {
            return false;
        }
        Span<byte> entry = stackalloc byte[4];
        foreach (int block in dirty)
        {
            BinaryPrimitives.WriteUInt32BigEndian(entry, table[block]);
            Storage.Write(tableOffset + 4L * block, entry);
        }
        dirty.Clear();
        return true;
    }

    private static long BitmapBytes(int blockBytes) => (blockBytes / 512 / 8 + 511) & ~511;

    private static DiskImage OpenKind(IImageStorage file)
    {
        UserErrorException Bad(string what) => new($"{file.Name} is a damaged VHD image: {what}; restore it from a copy");
        byte[] last = new byte[VhdFooter.Bytes], first = new byte[VhdFooter.Bytes];
        file.Read(0, first);
        file.Read(Math.Max(0, file.Length - VhdFooter.Bytes), last);
        var footer = VhdFooter.Parse(first) ?? VhdFooter.Parse(last);
        if (footer is null)
        {
            throw first.AsSpan().StartsWith("conectix"u8) || last.AsSpan().StartsWith("conectix"u8)
                ? Bad("the checksum of its footer is wrong")
                : new UserErrorException($"{file.Name} is no VHD image; give its own format, or leave format= out");
        }
        long sectors = footer.Sectors;
        if (sectors is <= 0 or > MaxSectors)
        {
            throw Bad($"its disk has {sectors} sectors");
        }
        switch (footer.DiskType)
        {
            case VhdFooter.Fixed:
                return sectors * 512 <= file.Length - VhdFooter.Bytes
                    ? new VhdFixedImage(file, sectors * 512)
                    : throw Bad($"it has {file.Length} bytes for a disk of {sectors * 512}");
            case VhdFooter.Dynamic:
                break;
            case VhdFooter.Differencing:
                throw new UserErrorException($"{file.Name} is a differencing VHD, which is not built; merge it with its parent first");
            default:
                throw Bad($"its kind has the number {footer.DiskType}");
        }
        byte[] header = new byte[HeaderBytes];
        if (footer.HeaderOffset < 0 || footer.HeaderOffset > file.Length - HeaderBytes)
        {
            throw Bad("its header is not in the file");
        }
        file.Read(footer.HeaderOffset, header);
        uint checksum = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(HeaderChecksumOffset));
        if (!header.AsSpan().StartsWith("cxsparse"u8) || VhdFooter.Checksum(header, HeaderChecksumOffset) != checksum)
        {
            throw Bad("its header has no signature, or a wrong checksum");
        }
        long tableOffset = BinaryPrimitives.ReadInt64BigEndian(header.AsSpan(16));
        uint entries = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(28)), blockBytes = BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(32));
        if (blockBytes is < 512 or > 1 << 28 || (blockBytes & (blockBytes - 1)) != 0)
        {
            throw Bad($"its blocks have {blockBytes} bytes");
        }
        if (entries < (sectors * 512 + blockBytes - 1) / blockBytes || entries > MaxSectors)
        {
            throw Bad($"its table has {entries} entries for a disk of {sectors} sectors");
        }
        if (tableOffset < 0 || tableOffset > file.Length - entries * 4L)
        {
            throw Bad("its table is not in the file");
        }
        uint[] table = new uint[entries];
        byte[] bytes = new byte[entries * 4L];
        file.Read(tableOffset, bytes);
        for (int n = 0; n < table.Length; n++)
        {
            table[n] = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(4 * n));
        }
        return new VhdImage(file, footer, table, tableOffset, (int)blockBytes);
    }
}
