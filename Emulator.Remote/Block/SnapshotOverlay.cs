using Emulator.Core.Backends;

namespace Emulator.Remote.Block;

/// <summary>
/// Copy on write: what is written stays in memory, in clusters of 4 KiB, and is forgotten at the end unless
/// <see cref="Commit"/> is called. The base is never written otherwise.
/// </summary>
/// <param name="source">The image below; owned.</param>
public sealed class SnapshotOverlay(IBlockBackend source) : IBlockBackend
{
    private const int ClusterBytes = 4096;

    private readonly Dictionary<long, byte[]> clusters = [];

    /// <inheritdoc/>
    public string Name => source.Name;

    /// <inheritdoc/>
    public long Length => source.Length;

    /// <inheritdoc/>
    public bool IsReadOnly => false;

    /// <summary>The image below.</summary>
    public IBlockBackend Base => source;

    /// <summary>Bytes of memory that hold changes.</summary>
    public long ChangedBytes => (long)clusters.Count * ClusterBytes;

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            // Neighbouring clusters of the base are read at once.
            int count = PartInCluster(offset, destination.Length);
            if (clusters.TryGetValue(offset / ClusterBytes, out byte[]? cluster))
            {
                cluster.AsSpan((int)(offset % ClusterBytes), count).CopyTo(destination);
            }
            else
            {
                while (count < destination.Length && !clusters.ContainsKey((offset + count) / ClusterBytes))
                {
                    count += PartInCluster(offset + count, destination.Length - count);
                }
                source.Read(offset, destination[..count]);
            }
            offset += count;
            destination = destination[count..];
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> data)
    {
        CheckRange(offset, data.Length);
        while (!data.IsEmpty)
        {
            int count = PartInCluster(offset, data.Length);
            long number = offset / ClusterBytes;
            if (!clusters.TryGetValue(number, out byte[]? cluster))
            {
                cluster = new byte[ClusterBytes];
                if (count < ClusterBytes)
                {
                    source.Read(number * ClusterBytes, cluster.AsSpan(0, SizeOf(number)));
                }
                clusters.Add(number, cluster);
            }
            data[..count].CopyTo(cluster.AsSpan((int)(offset % ClusterBytes)));
            offset += count;
            data = data[count..];
        }
    }

    /// <summary>Nothing here is meant to last.</summary>
    public void Flush()
    {
    }

    /// <summary>Writes the changes to the base and forgets them here (<c>commit</c>, Ctrl-a s).</summary>
    /// <exception cref="IOException">The host failed; the changes are still here.</exception>
    /// <exception cref="Machine.Config.UserErrorException">The base cannot be opened for writing.</exception>
    public void Commit()
    {
        var image = source as DiskImage;
        bool wasReadOnly = source.IsReadOnly;
        image?.Reopen(readOnly: false);
        try
        {
            foreach ((long number, byte[] cluster) in clusters)
            {
                source.Write(number * ClusterBytes, cluster.AsSpan(0, SizeOf(number)));
            }
            source.Flush();
            clusters.Clear();
        }
        finally
        {
            image?.Reopen(wasReadOnly);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => source.Dispose();

    private static int PartInCluster(long offset, int count) => (int)Math.Min(count, ClusterBytes - offset % ClusterBytes);

    // The disk may end within its last cluster.
    private int SizeOf(long number) => (int)Math.Min(ClusterBytes, Length - number * ClusterBytes);

    private void CheckRange(long offset, int count)
    {
        if (offset < 0 || offset > Length - count)
        {
            throw new IOException($"{Name}: {count} bytes at {offset} are outside the image of {Length} bytes");
        }
    }
}
