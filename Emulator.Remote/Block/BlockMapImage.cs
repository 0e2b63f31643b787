namespace Emulator.Remote.Block;

/// <summary>What VHD and VDI share: a table with a place in the file for each block of the disk, and blocks added at the file's end.</summary>
internal abstract class BlockMapImage(IImageStorage file) : DiskImage
{
    /// <inheritdoc/>
    public override string Name => file.Name;

    /// <inheritdoc/>
    public override bool IsReadOnly => file.IsReadOnly;

    /// <inheritdoc/>
    public override long FileLength => file.Length;

    /// <summary>The file's bytes.</summary>
    private protected IImageStorage Storage => file;

    /// <inheritdoc/>
    public override void Read(long offset, Span<byte> destination)
    {
        CheckRange(offset, destination.Length);
        while (!destination.IsEmpty)
        {
            (long block, long inside) = Math.DivRem(offset, ClusterBytes);
            int count = (int)Math.Min(ClusterBytes - inside, destination.Length);
            if (Find(block) is long at)
            {
                file.Read(at + inside, destination[..count]);
            }
            else
            {
                destination[..count].Clear();
            }
            offset += count;
            destination = destination[count..];
        }
    }

    /// <inheritdoc/>
    public override void Write(long offset, ReadOnlySpan<byte> source)
    {
        CheckWrite(offset, source.Length);
        while (!source.IsEmpty)
        {
            (long block, long inside) = Math.DivRem(offset, ClusterBytes);
            int count = (int)Math.Min(ClusterBytes - inside, source.Length);
            long at = Find(block) ?? Allocate(block);
            PrepareWrite(block);
            file.Write(at + inside, source[..count]);
            offset += count;
            source = source[count..];
        }
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        if (IsReadOnly)
        {
            return;
        }
        file.Flush();
        if (WriteTable())
        {
            file.Flush();
        }
    }

    /// <inheritdoc/>
    public override (Extent Kind, long Count) Map(long offset, long count)
    {
        long block = offset / ClusterBytes, end = offset + count;
        bool isThere = Find(block) is not null;
        do
        {
            block++;
        }
        while (block * ClusterBytes < end && Find(block) is not null == isThere);
        return (isThere ? Extent.Data : Extent.Zero, Math.Min(block * ClusterBytes, end) - offset);
    }

    /// <inheritdoc/>
    public override void Reopen(bool readOnly)
    {
        Flush();
        file.Reopen(readOnly);
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        try
        {
            Flush();
        }
        catch (IOException)
        {
            // Whoever cares for the writes has called Flush, and was told. The tables in the file are whole.
        }
        file.Dispose();
    }

    /// <summary>Where a block's data are in the file; null when it has none.</summary>
    /// <exception cref="IOException">The table is damaged there.</exception>
    private protected abstract long? Find(long block);

    /// <summary>Gives a block a place at the file's end, where zeros are. The table in the file is written by <see cref="WriteTable"/>.</summary>
    private protected abstract long Allocate(long block);

    /// <summary>Called before a block is written.</summary>
    private protected virtual void PrepareWrite(long block)
    {
    }

    /// <summary>Writes the changed part of the table, once the blocks that it names are on stable storage.</summary>
    /// <returns>False when nothing has changed.</returns>
    private protected abstract bool WriteTable();
}
