using Emulator.Core.Backends;

namespace Emulator.Tests;

/// <summary>An image in memory. Bytes in <see cref="BadSectors"/> (512-byte numbers) cannot be read or written.</summary>
public sealed class MemoryBlockBackend(byte[] data) : IBlockBackend
{
    /// <summary>An image of zeros.</summary>
    public MemoryBlockBackend(long length)
        : this(new byte[length])
    {
    }

    /// <summary>The contents.</summary>
    public byte[] Data => data;

    /// <summary>Sectors of 512 bytes that fail with an IOException.</summary>
    public HashSet<long> BadSectors { get; } = [];

    /// <summary>How often <see cref="Flush"/> was called.</summary>
    public int Flushes { get; private set; }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long Length => data.Length;

    /// <inheritdoc/>
    public bool IsReadOnly { get; set; }

    /// <summary>Fills every 512-byte sector with a pattern of its own: the number, then number + i.</summary>
    public static MemoryBlockBackend Patterned(long length)
    {
        var image = new MemoryBlockBackend(length);
        for (long i = 0; i < length; i++)
        {
            image.Data[i] = Pattern(i);
        }
        return image;
    }

    /// <summary>The byte that <see cref="Patterned"/> puts at an offset.</summary>
    public static byte Pattern(long offset) => (byte)((offset * 7) + (offset >> 9) * 31 + (offset >> 17));

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        Check(offset, destination.Length);
        data.AsSpan((int)offset, destination.Length).CopyTo(destination);
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        Check(offset, source.Length);
        if (IsReadOnly)
        {
            throw new IOException("read-only");
        }
        source.CopyTo(data.AsSpan((int)offset));
    }

    /// <inheritdoc/>
    public void Flush() => Flushes++;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Check(long offset, int length)
    {
        if (offset < 0 || offset + length > data.Length)
        {
            throw new IOException("outside the image");
        }
        if (BadSectors.Any(bad => bad >= offset / 512 && bad <= (offset + length - 1) / 512))
        {
            throw new IOException("bad sector");
        }
    }
}
