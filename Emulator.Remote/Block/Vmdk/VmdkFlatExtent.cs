namespace Emulator.Remote.Block.Vmdk;

/// <summary>Bytes of a file as they are, or zeros when there is none.</summary>
internal sealed class VmdkFlatExtent(IImageStorage? file, long start, long length) : IVmdkExtent
{
    /// <inheritdoc/>
    public long Length => length;

    /// <inheritdoc/>
    public (Extent Kind, long Count) Map(long offset) => (file is null ? Extent.Zero : Extent.Data, length - offset);

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination) => file!.Read(start + offset, destination);

    /// <inheritdoc/>
    public void Dispose() => file?.Dispose();
}
