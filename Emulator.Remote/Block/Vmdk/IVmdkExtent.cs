namespace Emulator.Remote.Block.Vmdk;

/// <summary>A stretch of a VMDK's disk.</summary>
internal interface IVmdkExtent : IDisposable
{
    /// <summary>Bytes of the disk that it is for.</summary>
    long Length { get; }

    /// <summary>What is at <paramref name="offset"/>, and for how many bytes at least that goes on.</summary>
    (Extent Kind, long Count) Map(long offset);

    /// <summary>Reads data; the range lies within one answer of <see cref="Map"/>.</summary>
    void Read(long offset, Span<byte> destination);
}
