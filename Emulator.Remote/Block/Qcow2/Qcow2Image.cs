using System.Buffers.Binary;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Qcow2;

/// <summary>
/// A qcow2 image of version 2 or 3 (QEMU, docs/interop/qcow2.txt): clusters allocated as they are written, over a backing file, compressed ones
/// for reading; internal snapshots are left alone. Encryption, external data files and extended L2 entries are refused.
/// </summary>
internal sealed partial class Qcow2Image : DiskImage
{
    private readonly IImageStorage file;
    private readonly Qcow2Header header;
    private readonly Qcow2Tables tables;
    private readonly byte[] expanded;
    private ulong expandedEntry;

    // Only while the image may be written.
    private Qcow2Refcounts? refcounts;

    private Qcow2Image(IImageStorage file, Qcow2Header header, DiskImage? backing)
    {
        this.file = file;
        this.header = header;
        Backing = backing;
        tables = new(file, header);
        expanded = new byte[header.ClusterBytes];
    }

    /// <inheritdoc/>
    public override string Format => "qcow2";

    /// <inheritdoc/>
    public override string Name => file.Name;

    /// <inheritdoc/>
    public override long Length => header.Size;

    /// <inheritdoc/>
    public override bool IsReadOnly => file.IsReadOnly;

    /// <inheritdoc/>
    public override long FileLength => file.Length;

    /// <inheritdoc/>
    public override DiskImage? Backing { get; }

    /// <inheritdoc/>
    public override string? BackingName => header.BackingFile;

    /// <inheritdoc/>
    public override int ClusterBytes => header.ClusterBytes;

    /// <summary>The head.</summary>
    public Qcow2Header Header => header;

    /// <summary>Opens the image.</summary>
    /// <param name="file">Its bytes; owned, also when this fails.</param>
    /// <param name="openBacking">Opens the backing file by name and format (null: to be looked at); null to do without.</param>
    /// <param name="forRepair">True to open an image for writing that is marked as damaged.</param>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    public static Qcow2Image Open(IImageStorage file, Func<string, string?, DiskImage>? openBacking, bool forRepair = false)
    {
        DiskImage? backing = null;
        try
        {
            var header = Qcow2Header.Read(file);
            if (header.BackingFile is string name && openBacking is not null)
            {
                backing = openBacking(name, header.BackingFormat);
            }
            var image = new Qcow2Image(file, header, backing);
            if (!file.IsReadOnly)
            {
                image.BecomeWritable(forRepair);
            }
            return image;
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            backing?.Dispose();
            file.Dispose();
            if (e is IOException)
            {
                throw new UserErrorException($"{file.Name} cannot be used: {HostErrors.Describe(e)}; check the host's disk");
            }
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            int inside = (int)(offset & (ClusterBytes - 1));
            int count = Math.Min(ClusterBytes - inside, destination.Length);
            ReadPart(offset, inside, destination[..count]);
            offset += count;
            destination = destination[count..];
        }
    }

    /// <inheritdoc/>
    public override (Extent Kind, long Count) Map(long offset, long count)
    {
        long end = offset + count, at = offset;
        Extent? kind = null;
        while (at < end)
        {
            long cluster = at >> header.ClusterBits;
            int first = (int)(cluster / header.L2Entries);
            bool hasTable = (tables.Level1[first] & Qcow2Entry.OffsetMask) != 0;
            Extent here = hasTable ? KindOf(tables[cluster]) : Extent.None;
            if ((kind ??= here) != here)
            {
                break;
            }
            at = hasTable ? (cluster + 1) << header.ClusterBits : (first + 1) * header.L2Coverage;
        }
        return (kind ?? Extent.None, Math.Min(at, end) - offset);
    }

    /// <inheritdoc/>
    public override void Reopen(bool readOnly)
    {
        if (readOnly == IsReadOnly)
        {
            return;
        }
        if (readOnly)
        {
            BecomeReadOnly();
        }
        file.Reopen(readOnly);
        if (readOnly)
        {
            return;
        }
        try
        {
            BecomeWritable();
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            refcounts = null;
            file.Reopen(readOnly: true);
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        try
        {
            if (!IsReadOnly)
            {
                BecomeReadOnly();
            }
        }
        catch (IOException)
        {
            // The image keeps its mark that the refcounts need a look. Whoever cares for the writes has called Flush, and was told.
            refcounts = null;
        }
        file.Dispose();
        Backing?.Dispose();
    }

    private Extent KindOf(ulong entry) =>
        (entry & Qcow2Entry.Compressed) != 0 ? Extent.Data
        : header.Version > 2 && (entry & Qcow2Entry.Zero) != 0 ? Extent.Zero
        : (entry & Qcow2Entry.OffsetMask) != 0 ? Extent.Data : Extent.None;

    private void ReadPart(long offset, int inside, Span<byte> destination)
    {
        ulong entry = tables[offset >> header.ClusterBits];
        switch (KindOf(entry))
        {
            case Extent.Data when (entry & Qcow2Entry.Compressed) != 0:
                Expand(entry);
                expanded.AsSpan(inside, destination.Length).CopyTo(destination);
                break;
            case Extent.Data:
                file.Read(HostOffset(entry) + inside, destination);
                break;
            case Extent.None:
                ReadBacking(offset, destination);
                break;
            default:
                destination.Clear();
                break;
        }
    }

    private long HostOffset(ulong entry)
    {
        long offset = (long)(entry & Qcow2Entry.OffsetMask);
        return (offset & (ClusterBytes - 1)) == 0
            ? offset
            : throw new IOException($"{Name}: the image is damaged: L2 entry {entry:x} names no cluster's start; restore it from a copy");
    }

    private void Expand(ulong entry)
    {
        if (entry == expandedEntry)
        {
            return;
        }
        (long offset, int bytes) = Qcow2Entry.CompressedData(entry, header.ClusterBits);
        byte[] data = new byte[bytes];
        file.Read(offset, data);
        expandedEntry = 0;
        if (!Qcow2Codec.TryExpand(header.CompressionType, data, expanded))
        {
            throw new IOException($"{Name}: the image is damaged: the compressed data at {offset:x} cannot be expanded; restore it from a copy");
        }
        expandedEntry = entry;
    }

    private void WriteFeatures(int offset, ulong value)
    {
        Span<byte> field = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(field, value);
        file.Write(offset, field);
    }
}
