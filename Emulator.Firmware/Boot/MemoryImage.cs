using Emulator.Core.Bus;

namespace Emulator.Firmware.Boot;

/// <summary>Takes a loader's writes as chunks instead of putting them into memory. Adjoining writes become one chunk.</summary>
public sealed class MemoryImage : IDmaBus
{
    private readonly List<(uint Address, MemoryStream Bytes)> chunks = [];

    /// <summary>The chunks in the order in which they were written.</summary>
    public IReadOnlyList<(uint Address, byte[] Bytes)> Chunks => [.. chunks.Select(chunk => (chunk.Address, chunk.Bytes.ToArray()))];

    /// <summary>Nothing can be read back.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public void Read(ulong pa, Span<byte> destination) => throw new NotSupportedException("a memory image takes writes only");

    /// <inheritdoc/>
    public void Write(ulong pa, ReadOnlySpan<byte> source)
    {
        if (chunks.Count == 0 || chunks[^1].Address + (ulong)chunks[^1].Bytes.Length != pa)
        {
            chunks.Add(((uint)pa, new MemoryStream()));
        }
        chunks[^1].Bytes.Write(source);
    }
}
