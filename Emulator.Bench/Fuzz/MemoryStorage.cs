using Emulator.Remote.Block;

namespace Emulator.Bench.Fuzz;

/// <summary>An image's file in memory, of at most 256 MiB, that remembers what was written since the last flush.</summary>
public sealed class MemoryStorage : IImageStorage
{
    private const int MaxBytes = 256 << 20;

    private readonly List<(long Offset, byte[] Data)> unflushed = [];
    private byte[] bytes;
    private byte[] stable;
    private int length;

    /// <summary>A file with these contents.</summary>
    public MemoryStorage(byte[] contents, bool readOnly = false)
    {
        bytes = [.. contents];
        length = contents.Length;
        stable = [];
        IsReadOnly = readOnly;
    }

    /// <inheritdoc/>
    public string Name => "memory";

    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public bool IsReadOnly { get; private set; }

    /// <summary>True to keep track of what a crash would lose.</summary>
    public bool KeepsHistory { get; init; }

    /// <summary>Called with the number of each write before it is done; may throw.</summary>
    public Action<int>? BeforeWrite { get; set; }

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    /// <summary>The contents as the program sees them.</summary>
    public byte[] Contents => bytes[..length];

    /// <summary>
    /// The contents after the power has failed: all that was flushed, and of the writes since then any part, in sectors of 512 bytes.
    /// </summary>
    public byte[] AfterPowerFailure(Random random)
    {
        byte[] disk = [.. stable];
        foreach (var (offset, data) in unflushed.OrderBy(_ => random.Next()))
        {
            for (long at = offset; at < offset + data.Length;)
            {
                long next = Math.Min(offset + data.Length, (at & ~511L) + 512);
                if (random.Next(2) == 0)
                {
                    if (disk.Length < next)
                    {
                        Array.Resize(ref disk, (int)next);
                    }
                    data.AsSpan((int)(at - offset), (int)(next - at)).CopyTo(disk.AsSpan((int)at));
                }
                at = next;
            }
        }
        return disk;
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        int inside = (int)Math.Clamp(length - offset, 0, destination.Length);
        if (inside > 0)
        {
            bytes.AsSpan((int)offset, inside).CopyTo(destination);
        }
        destination[inside..].Clear();
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        BeforeWrite?.Invoke(Writes++);
        if (offset < 0 || offset > MaxBytes - source.Length)
        {
            throw new IOException("the memory of this test is full");
        }
        Grow((int)offset + source.Length);
        source.CopyTo(bytes.AsSpan((int)offset));
        if (KeepsHistory)
        {
            unflushed.Add((offset, source.ToArray()));
        }
    }

    /// <inheritdoc/>
    public void SetLength(long newLength)
    {
        if (newLength is < 0 or > MaxBytes)
        {
            throw new IOException("the memory of this test is full");
        }
        if (newLength < length)
        {
            bytes.AsSpan((int)newLength, length - (int)newLength).Clear();
            length = (int)newLength;
        }
        Grow((int)newLength);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        if (KeepsHistory)
        {
            stable = Contents;
            unflushed.Clear();
        }
    }

    /// <inheritdoc/>
    public void Reopen(bool readOnly) => IsReadOnly = readOnly;

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Grow(int end)
    {
        if (end > bytes.Length)
        {
            Array.Resize(ref bytes, Math.Max(end, Math.Min(MaxBytes, 2 * bytes.Length)));
        }
        length = Math.Max(length, end);
    }
}
