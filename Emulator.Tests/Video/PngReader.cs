using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>
/// Reads PNG and APNG by the specification, for pictures that this program wrote: 8-bit RGB, not interlaced.
/// </summary>
internal static class PngReader
{
    private const int BytesPerPixel = 3, SignatureLength = 8;

    /// <summary>Chunks in order; each CRC must be right, and IEND must be the last.</summary>
    public static IReadOnlyList<(string Type, byte[] Body)> Chunks(byte[] file)
    {
        Assert.Equal(Convert.FromHexString("89504E470D0A1A0A"), file[..SignatureLength]);
        var chunks = new List<(string, byte[])>();
        for (int at = SignatureLength; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            ReadOnlySpan<byte> checkedPart = file.AsSpan(at + 4, length + 4);
            Assert.Equal(Crc(checkedPart), BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at + 8 + length)));
            chunks.Add((Encoding.ASCII.GetString(file, at + 4, 4), file.AsSpan(at + 8, length).ToArray()));
            at += 12 + length;
        }
        Assert.Equal("IEND", chunks[^1].Item1);
        return chunks;
    }

    /// <summary>The picture, 0xRRGGBB row by row.</summary>
    public static (int Width, int Height, uint[] Pixels) Decode(byte[] file)
    {
        IReadOnlyList<(string Type, byte[] Body)> chunks = Chunks(file);
        Assert.Equal("IHDR", chunks[0].Type);
        byte[] header = chunks[0].Body;
        Assert.Equal([8, 2, 0, 0, 0], header[8..]);
        (int width, int height) = (BinaryPrimitives.ReadInt32BigEndian(header), BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)));
        byte[] data = [.. chunks.Where(c => c.Type == "IDAT").SelectMany(c => c.Body)];
        return (width, height, Pixels(data, width, height));
    }

    /// <summary>The pixels of a zlib stream of filtered rows.</summary>
    public static uint[] Pixels(byte[] data, int width, int height)
    {
        using var inflate = new ZLibStream(new MemoryStream(data), CompressionMode.Decompress);
        int stride = width * BytesPerPixel;
        byte[] above = new byte[stride], row = new byte[stride];
        var pixels = new uint[width * height];
        for (int y = 0; y < height; y++)
        {
            int filter = inflate.ReadByte();
            inflate.ReadExactly(row);
            Undo(filter, row, above);
            for (int x = 0; x < width; x++)
            {
                pixels[(y * width) + x] = (uint)((row[x * 3] << 16) | (row[(x * 3) + 1] << 8) | row[(x * 3) + 2]);
            }
            (above, row) = (row, above);
        }
        Assert.Equal(-1, inflate.ReadByte());
        return pixels;
    }

    private static void Undo(int filter, byte[] row, byte[] above)
    {
        for (int i = 0; i < row.Length; i++)
        {
            bool first = i < BytesPerPixel;
            int left = first ? 0 : row[i - BytesPerPixel], up = above[i], corner = first ? 0 : above[i - BytesPerPixel];
            row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => throw new InvalidDataException($"filter {filter}") });
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    // CRC-32 of ISO 3309, bit by bit.
    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = ~0u;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }
        return ~crc;
    }
}
