namespace Emulator.Remote.Block.Vhd;

/// <summary>A fixed VHD: the disk's bytes, and a footer behind them that is left alone.</summary>
internal sealed class VhdFixedImage(IImageStorage file, long length) : DiskImage
{
    /// <inheritdoc/>
    public override string Format => "vpc";

    /// <inheritdoc/>
    public override string Name => file.Name;

    /// <inheritdoc/>
    public override long Length => length;

    /// <inheritdoc/>
    public override bool IsReadOnly => file.IsReadOnly;

    /// <inheritdoc/>
    public override long FileLength => file.Length;

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
    public override void Dispose() => file.Dispose();
}
