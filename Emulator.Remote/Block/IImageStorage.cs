using Emulator.Machine.Config;

namespace Emulator.Remote.Block;

/// <summary>The bytes that an image format is laid out in: a file of the host, or memory in tests.</summary>
public interface IImageStorage : IDisposable
{
    /// <summary>Name as the user gave it.</summary>
    string Name { get; }

    /// <summary>Size in bytes; grows with writes behind the end.</summary>
    long Length { get; }

    /// <summary>True when it was opened without the right to write.</summary>
    bool IsReadOnly { get; }

    /// <summary>Fills <paramref name="destination"/>; what lies beyond the end reads as zeros.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    void Read(long offset, Span<byte> destination);

    /// <summary>Writes all of <paramref name="source"/>.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    void Write(long offset, ReadOnlySpan<byte> source);

    /// <summary>Cuts the end off, or moves it out.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    void SetLength(long length);

    /// <summary>Returns when everything is on stable storage.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    void Flush();

    /// <summary>Opens it again with the right to write, or without it. On failure it stays as it was.</summary>
    /// <exception cref="UserErrorException">It cannot be opened so, or is in use.</exception>
    void Reopen(bool readOnly);
}
