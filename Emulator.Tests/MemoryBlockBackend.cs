using System.Collections.Concurrent;
using Emulator.Core.Backends;

namespace Emulator.Tests;

/// <summary>An image in memory. Bytes in <see cref="BadSectors"/> (512-byte numbers) cannot be read or written.</summary>
public sealed class MemoryBlockBackend(byte[] data) : IBlockBackend
{
    private static readonly ConcurrentDictionary<long, byte[]> Patterns = new();

    /// <summary>An image of zeros.</summary>
    public MemoryBlockBackend(long length)
        : this(new byte[length])
    {
    }

    /// <summary>The contents.</summary>
    public byte[] Data => data;

    /// <summary>Sectors of 512 bytes that fail with an IOException.</summary>
    public HashSet<long> BadSectors { get; } = [];

    /// <summary>True when <see cref="Flush"/> fails with an IOException.</summary>
    public bool FlushFails { get; set; }

    /// <summary>How often <see cref="Flush"/> was called.</summary>
    public int Flushes { get; private set; }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long Length => data.Length;

    /// <inheritdoc/>
    public bool IsReadOnly { get; set; }

    /// <summary>An image in which every sector differs from its neighbours: byte i is <see cref="Pattern"/>(i).</summary>
    public static MemoryBlockBackend Patterned(long length)
    {
        byte[] pattern = Patterns.GetOrAdd(length, static n => [.. Enumerable.Range(0, (int)n).Select(i => Pattern(i))]);
        return new MemoryBlockBackend((byte[])pattern.Clone());
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
    public void Flush()
    {
        Flushes++;
        if (FlushFails)
        {
            throw new IOException("no flush");
        }
    }

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
