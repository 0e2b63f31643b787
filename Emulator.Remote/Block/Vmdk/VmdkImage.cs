using System.Text;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block.Vmdk;

/// <summary>
/// A VMware disk ("Virtual Disk Format 5.0"), for reading: one sparse file with a descriptor inside (also stream-optimized), a descriptor with
/// sparse and flat files beside it, or an old COWD file; a parent below it.
/// </summary>
internal sealed class VmdkImage : DiskImage
{
    private const int MaxDescriptorBytes = 1 << 20;

    private readonly IImageStorage head;
    private readonly List<(long Start, IVmdkExtent Extent)> extents = [];

    private VmdkImage(IImageStorage head) => this.head = head;

    /// <inheritdoc/>
    public override string Format => "vmdk";

    /// <inheritdoc/>
    public override string Name => head.Name;

    /// <inheritdoc/>
    public override long Length => extents.Count == 0 ? 0 : extents[^1].Start + extents[^1].Extent.Length;

    /// <inheritdoc/>
    public override bool IsReadOnly => true;

    /// <inheritdoc/>
    public override long FileLength => head.Length;

    /// <inheritdoc/>
    public override DiskImage? Backing => backing;

    /// <inheritdoc/>
    public override string? BackingName => Descriptor?.Parent;

    /// <inheritdoc/>
    public override int ClusterBytes => extents.Select(e => e.Extent).OfType<VmdkSparseExtent>().FirstOrDefault()?.GrainBytes ?? 0;

    /// <summary>The text part; null in an old image that has none.</summary>
    public VmdkDescriptor? Descriptor { get; private set; }

    private DiskImage? backing;

    /// <summary>Opens the image.</summary>
    /// <param name="head">The file that the user named; owned, also when this fails.</param>
    /// <param name="openFile">Opens a file that the descriptor names.</param>
    /// <param name="openBacking">Opens the parent by name and format (null: to be looked at); null to do without.</param>
    /// <exception cref="UserErrorException">It is damaged, or asks for what is not built.</exception>
    public static VmdkImage Open(IImageStorage head, Func<string, IImageStorage> openFile, Func<string, string?, DiskImage>? openBacking)
    {
        var image = new VmdkImage(head);
        try
        {
            if (!head.IsReadOnly)
            {
                throw new UserErrorException($"{head.Name} is a VMDK image, which is for reading only here; add -snapshot or readonly=on, or convert it with 'emu img convert -O qcow2'");
            }
            image.ReadHead(openFile);
            if (image.Descriptor?.Parent is string parent && openBacking is not null)
            {
                image.backing = openBacking(parent, null);
            }
            return image;
        }
        catch (Exception e) when (e is UserErrorException or IOException)
        {
            image.Dispose();
            throw e is IOException ? new UserErrorException($"{head.Name} cannot be read: {HostErrors.Describe(e)}; check the host's disk") : e;
        }
    }

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            (long start, IVmdkExtent extent) = At(offset);
            (Extent kind, long run) = extent.Map(offset - start);
            int count = (int)Math.Min(run, destination.Length);
            var part = destination[..count];
            if (kind == Extent.Data)
            {
                extent.Read(offset - start, part);
            }
            else if (kind == Extent.None)
            {
                ReadBacking(offset, part);
            }
            else
            {
                part.Clear();
            }
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
            (long start, IVmdkExtent extent) = At(at);
            (Extent here, long run) = extent.Map(at - start);
            if ((kind ??= here) != here)
            {
                break;
            }
            at += run;
        }
        return (kind ?? Extent.None, Math.Min(at, end) - offset);
    }

    /// <inheritdoc/>
    public override void Write(long offset, ReadOnlySpan<byte> source) => CheckWrite(offset, source.Length);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override void Reopen(bool readOnly)
    {
        if (!readOnly)
        {
            throw new UserErrorException($"{Name} is a VMDK image, which cannot be written here; convert it with 'emu img convert -O qcow2'");
        }
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        head.Dispose();
        extents.ForEach(e => e.Extent.Dispose());
        backing?.Dispose();
    }

    private void ReadHead(Func<string, IImageStorage> openFile)
    {
        byte[] magic = new byte[4];
        head.Read(0, magic);
        if (magic.AsSpan().SequenceEqual("COWD"u8))
        {
            Add(VmdkSparseExtent.Open(head));
            return;
        }
        if (magic.AsSpan().SequenceEqual("KDMV"u8))
        {
            var sparse = VmdkSparseExtent.Open(head);
            (long offset, long bytes) = sparse.Descriptor;
            if (offset > 0 && bytes > 0)
            {
                Descriptor = VmdkDescriptor.Parse(Name, ReadText(offset, bytes));
            }
            Add(sparse);
            return;
        }
        Descriptor = VmdkDescriptor.Parse(Name, ReadText(0, head.Length));
        foreach (var line in Descriptor.Extents)
        {
            Add(OpenExtent(line, openFile));
        }
        if (extents.Count == 0)
        {
            throw new UserErrorException($"{Name} is no VMDK image, or its descriptor names no extent; give its own format, or leave format= out");
        }
    }

    private static IVmdkExtent OpenExtent(VmdkDescriptor.ExtentLine line, Func<string, IImageStorage> openFile)
    {
        if (line.Kind == "ZERO")
        {
            return new VmdkFlatExtent(null, 0, line.Sectors * 512);
        }
        IImageStorage file = openFile(line.File);
        switch (line.Kind)
        {
            case "FLAT" or "VMFS":
                return new VmdkFlatExtent(file, line.Offset * 512, line.Sectors * 512);
            case "SPARSE" or "VMFSSPARSE":
                try
                {
                    return VmdkSparseExtent.Open(file);
                }
                catch (Exception e) when (e is UserErrorException or IOException)
                {
                    file.Dispose();
                    throw;
                }
            default:
                file.Dispose();
                throw new UserErrorException($"{file.Name}: extents of kind {line.Kind} are not built; convert the image with 'qemu-img convert'");
        }
    }

    private string ReadText(long offset, long bytes)
    {
        if (bytes > MaxDescriptorBytes || offset > head.Length)
        {
            throw new UserErrorException($"{Name} is a damaged VMDK image: its descriptor has {bytes} bytes at {offset}; restore it from a copy");
        }
        byte[] text = new byte[bytes];
        head.Read(offset, text);
        int end = text.AsSpan().IndexOf((byte)0);
        return Encoding.UTF8.GetString(text, 0, end < 0 ? text.Length : end);
    }

    private void Add(IVmdkExtent extent) => extents.Add((Length, extent));

    private (long Start, IVmdkExtent Extent) At(long offset)
    {
        int n = extents.Count - 1;
        while (extents[n].Start > offset)
        {
            n--;
        }
        return extents[n];
    }
}
