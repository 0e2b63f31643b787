using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>A disk in an image of some format.</summary>
public abstract class DiskImage : IBlockBackend
{
    /// <summary>The format's name, as <c>qemu-img</c> has it.</summary>
    public abstract string Format { get; }

    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract long Length { get; }

    /// <inheritdoc/>
    public abstract bool IsReadOnly { get; }

    /// <summary>Bytes of the file that holds the image's head.</summary>
    public abstract long FileLength { get; }

    /// <summary>The image that shows where this one holds nothing; null when there is none.</summary>
    public virtual DiskImage? Backing => null;

    /// <summary>The backing file as the image has it written down; null when there is none.</summary>
    public virtual string? BackingName => null;

    /// <summary>Bytes of the unit that is allocated at once; 0 when the format knows none.</summary>
    public virtual int ClusterBytes => 0;

    /// <inheritdoc/>
    public abstract void Read(long offset, Span<byte> destination);

    /// <inheritdoc/>
    public abstract void Write(long offset, ReadOnlySpan<byte> source);

    /// <inheritdoc/>
    public abstract void Flush();

    /// <inheritdoc/>
    public abstract void Dispose();

    /// <summary>
    /// What this image itself holds from <paramref name="offset"/> on, and for how many of the next <paramref name="count"/> bytes that goes on.
    /// </summary>
    /// <exception cref="IOException">The host failed, or the image is damaged.</exception>
    public virtual (Extent Kind, long Count) Map(long offset, long count) => (Extent.Data, count);

    /// <summary>Opens the image again with the right to write, or without it. On failure it stays as it was.</summary>
    /// <exception cref="UserErrorException">It cannot be opened so, or is in use.</exception>
    /// <exception cref="IOException">The host failed.</exception>
    public abstract void Reopen(bool readOnly);

    /// <summary>Changes the disk's size; what is beyond the new end is gone.</summary>
    /// <exception cref="UserErrorException">The format, or this image, cannot be resized so.</exception>
    /// <exception cref="IOException">The host failed.</exception>
    public virtual void Resize(long length) =>
        throw new UserErrorException($"{Name} is a {Format} image, which cannot be resized here; convert it to qcow2 or raw first");

    /// <summary>Forgets everything that the image holds, so that its backing file shows everywhere.</summary>
    /// <exception cref="UserErrorException">It has no backing file.</exception>
    /// <exception cref="IOException">The host failed.</exception>
    public virtual void MakeEmpty() => throw new UserErrorException($"{Name} has no backing file; there is nothing below it to show");

    /// <summary>Reads from the backing file, which may be shorter than this disk, or not there.</summary>
    private protected void ReadBacking(long offset, Span<byte> destination)
    {
        int inside = (int)Math.Clamp((Backing?.Length ?? 0) - offset, 0, destination.Length);
        if (inside > 0)
        {
            Backing!.Read(offset, destination[..inside]);
        }
        destination[inside..].Clear();
    }

    /// <summary>Refuses a range that is not on the disk.</summary>
    /// <exception cref="IOException">It is not.</exception>
    private protected void CheckRange(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
        {
            throw new IOException($"{Name}: {count} bytes at {offset} are outside the image of {Length} bytes");
        }
    }

    /// <summary>Refuses a write that cannot be.</summary>
    /// <exception cref="IOException">The image is read-only, or the range is not on the disk.</exception>
    private protected void CheckWrite(long offset, int count)
    {
        CheckRange(offset, count);
        if (IsReadOnly)
        {
            throw new IOException($"{Name} is read-only");
        }
    }
}
