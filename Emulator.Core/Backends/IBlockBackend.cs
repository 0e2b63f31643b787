namespace Emulator.Core.Backends;

/// <summary>A disk, floppy or CD image. Byte-addressed; devices use whole sectors.</summary>
public interface IBlockBackend : IDisposable
{
    /// <summary>Image name as the user gave it, for the monitor.</summary>
    string Name { get; }

    /// <summary>Size in bytes.</summary>
    long Length { get; }

    /// <summary>True when writes are refused.</summary>
    bool IsReadOnly { get; }

    /// <summary>Fills <paramref name="destination"/> from byte <paramref name="offset"/>.</summary>
    /// <exception cref="IOException">The host failed, or the range is outside the image.</exception>
    void Read(long offset, Span<byte> destination);

    /// <summary>Writes <paramref name="source"/> at byte <paramref name="offset"/>.</summary>
    /// <exception cref="IOException">The host failed, the image is read-only, or the range is outside the image.</exception>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Returns when everything written is on stable storage.</summary>
    void Flush();
}
