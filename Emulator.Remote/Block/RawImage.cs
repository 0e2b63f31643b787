using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>
/// A file or block device whose bytes are the disk's. What the disk has beyond the file's end reads as zeros; writing there makes the file longer.
/// </summary>
public sealed class RawImage : DiskImage
{
    private readonly IImageStorage file;
    private long length;

    /// <summary>Takes the file over.</summary>
    /// <param name="file">File or block device; owned.</param>
    /// <param name="diskLength">The disk's size in bytes, made from the file's; null rounds up to whole sectors of 512 bytes.</param>
    internal RawImage(IImageStorage file, Func<long, long>? diskLength = null)
    {
        this.file = file;
        length = (diskLength ?? WholeSectors)(file.Length);
    }

    /// <inheritdoc/>
    public override string Format => "raw";

    /// <inheritdoc/>
    public override string Name => file.Name;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override bool IsReadOnly => file.IsReadOnly;

    /// <summary>Bytes that the file really has; at most <see cref="Length"/> of them are the disk's.</summary>
    public override long FileLength => file.Length;

    /// <summary>
    /// True when nobody said that the image is raw. The guest may then not make its first sector look like another format's: the next
    /// start would take it for that, and a backing file named there for a file of the host that the guest may read.
    /// </summary>
    public bool IsGuess { get; init; }

    /// <summary>Opens the image.</summary>
    /// <param name="path">File or block device.</param>
    /// <param name="readOnly">True to open without the right to write.</param>
    /// <param name="diskLength">The disk's size in bytes, made from the file's; null rounds up to whole sectors of 512 bytes.</param>
    /// <exception cref="UserErrorException">It cannot be opened, is not a file or block device, or is in use.</exception>
    public static RawImage Open(string path, bool readOnly, Func<long, long>? diskLength = null) =>
        new(HostFile.Open(path, readOnly), diskLength);

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        file.Read(offset, destination);
    }

    /// <inheritdoc/>
    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckWrite(offset, source.Length);
        if (IsGuess && offset < ImageProbe.HeadBytes)
        {
            RefuseForeignHead(offset, source);
        }
        file.Write(offset, source);
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (!IsReadOnly)
        {
            file.Flush();
        }
    }

    /// <inheritdoc/>
    public override void Reopen(bool readOnly) => file.Reopen(readOnly);

    /// <inheritdoc/>
    public override void Resize(long newLength)
    {
        file.SetLength(newLength);
        length = newLength;
    }

    /// <inheritdoc/>
    public override void Dispose() => file.Dispose();

    private static long WholeSectors(long bytes) => (bytes + 511) & ~511L;

    private void RefuseForeignHead(long offset, ReadOnlySpan<byte> source)
    {
        Span<byte> head = stackalloc byte[ImageProbe.HeadBytes];
        file.Read(0, head);
        int count = (int)Math.Min(source.Length, head.Length - offset);
        source[..count].CopyTo(head[(int)offset..]);
        if (ImageProbe.ForeignFormat(head) is string format)
        {
            throw new IOException($"{Name}: the guest may not write the head of a {format} image to a disk whose format was guessed; give format=raw");
        }
    }
}
