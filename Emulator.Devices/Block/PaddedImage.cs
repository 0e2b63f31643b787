using Emulator.Core.Backends;

namespace Emulator.Devices.Block;

/// <summary>
/// An image whose length need not be whole sectors: what lies beyond its end reads as zeros, as on a medium that was never
/// written there.
/// </summary>
public static class PaddedImage
{
    /// <summary>Sectors of <paramref name="sectorSize"/> bytes; a partial last one counts.</summary>
    public static long SectorCount(IBlockBackend image, int sectorSize) => (image.Length + sectorSize - 1) / sectorSize;

    /// <summary>Fills <paramref name="destination"/> from byte <paramref name="offset"/>, with zeros beyond the end.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    public static void Read(IBlockBackend image, long offset, Span<byte> destination)
    {
        int inside = (int)Math.Clamp(image.Length - offset, 0, destination.Length);
        if (inside > 0)
        {
            image.Read(offset, destination[..inside]);
        }
        destination[inside..].Clear();
    }

    /// <summary>Writes the part of <paramref name="source"/> that lies inside the image; a partial last sector loses its padding.</summary>
    /// <exception cref="IOException">The host failed, the image is read-only, or nothing of the range is inside the image.</exception>
    public static void Write(IBlockBackend image, long offset, ReadOnlySpan<byte> source)
    {
        if (image.IsReadOnly)
        {
            throw new IOException($"{image.Name} is read-only");
        }
        if (offset >= image.Length)
        {
            throw new IOException($"{image.Name} ends before byte {offset}");
        }
        image.Write(offset, source[..(int)Math.Min(source.Length, image.Length - offset)]);
    }
}
