using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>
/// A file or block device whose bytes are the disk's. An advisory lock keeps other programs of this kind away from an
/// image that is written. What the disk has beyond the file's end reads as zeros; writing there makes the file longer.
/// </summary>
public sealed class RawImage : IBlockBackend
{
    private HostFile file;

    private RawImage(HostFile file, string name, bool isReadOnly, long length)
    {
        this.file = file;
        Name = name;
        IsReadOnly = isReadOnly;
        Length = length;
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <inheritdoc/>
    public bool IsReadOnly { get; private set; }

    /// <summary>Bytes that the file really has; at most <see cref="Length"/> of them are the disk's.</summary>
    public long FileLength => file.Length;

    /// <summary>Opens the image.</summary>
    /// <param name="path">File or block device.</param>
    /// <param name="readOnly">True to open without the right to write.</param>
    /// <param name="diskLength">The disk's size in bytes, made from the file's; null rounds up to whole sectors of 512 bytes.</param>
    /// <exception cref="UserErrorException">It cannot be opened, is not a file or block device, or is in use.</exception>
    public static RawImage Open(string path, bool readOnly, Func<long, long>? diskLength = null)
    {
        var file = HostFile.Open(path, readOnly);
        return new(file, path, readOnly, (diskLength ?? WholeSectors)(file.Length));
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        int done = 0;
        while (done < destination.Length)
        {
            int n = file.Read(offset + done, destination[done..]);
            if (n == 0)
            {
                destination[done..].Clear();
                return;
            }
            done += n;
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckRange(offset, source.Length);
        if (IsReadOnly)
        {
            throw new IOException($"{Name} is read-only");
        }
        file.Write(offset, source);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (!IsReadOnly)
        {
            file.Flush();
        }
    }

    /// <summary>
    /// Opens the image again with the right to write, or without it: a snapshot's base is read-only until it is
    /// committed. On failure the image stays as it was.
    /// </summary>
    /// <exception cref="UserErrorException">It cannot be opened so, or is in use.</exception>
    public void Reopen(bool readOnly)
    {
        if (readOnly == IsReadOnly)
        {
            return;
        }

        // The lock of the handle that we hold would refuse the new one.
        file.Dispose();
        try
        {
            file = HostFile.Open(Name, readOnly);
            IsReadOnly = readOnly;
        }
        catch (UserErrorException)
        {
            file = HostFile.Open(Name, IsReadOnly);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();

    private static long WholeSectors(long bytes) => (bytes + 511) & ~511L;

    private void CheckRange(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
        {
            throw new IOException($"{Name}: {count} bytes at {offset} are outside the image of {Length} bytes");
        }
    }
}
