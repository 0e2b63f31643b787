using System.Buffers.Binary;
using System.IO.Compression;

namespace Emulator.Remote.Display;

/// <summary>Chunks of a PNG file (W3C PNG specification, third edition, chapters 5, 9 and 11).</summary>
internal static class PngChunks
{
    /// <summary>Bytes of a chunk besides its contents: length, type, CRC.</summary>
    public const int Overhead = 12;

    private const int BytesPerPixel = 3, HeaderLength = 13;
    private const byte BitDepth = 8, TrueColour = 2, UpFilter = 2;

    private static readonly uint[] CrcTable = MakeCrcTable();

    /// <summary>The file's first 8 bytes.</summary>
    public static ReadOnlySpan<byte> Signature => [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>Writes a chunk.</summary>
    public static void Write(Stream to, ReadOnlySpan<byte> type, ReadOnlySpan<byte> contents)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, contents.Length);
        to.Write(number);
        to.Write(type);
        to.Write(contents);
        BinaryPrimitives.WriteUInt32BigEndian(number, ~Crc(Crc(~0u, type), contents));
        to.Write(number);
    }

    /// <summary>IHDR's contents: 8-bit RGB, not interlaced.</summary>
    public static byte[] Header(int width, int height)
    {
        var header = new byte[HeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (BitDepth, TrueColour);
        return header;
    }

    /// <summary>The pixels of a rectangle as a zlib stream of rows, each the difference from the row above.</summary>
    /// <param name="pixels">0xRRGGBB; higher bits are ignored.</param>
    /// <param name="stride">Pixels from one row to the next.</param>
    /// <param name="area">The rectangle.</param>
    /// <param name="level">How hard to compress.</param>
    public static byte[] Pack(ReadOnlySpan<uint> pixels, int stride, PixelArea area, CompressionLevel level)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, level))
        {
            byte[] above = new byte[area.Width * BytesPerPixel], row = new byte[above.Length], difference = new byte[above.Length + 1];
            difference[0] = UpFilter;
            for (int y = area.Top; y < area.Top + area.Height; y++)
            {
                ReadOnlySpan<uint> line = pixels.Slice((y * stride) + area.Left, area.Width);
                for (int x = 0; x < line.Length; x++)
                {
                    (row[x * 3], row[(x * 3) + 1], row[(x * 3) + 2]) = ((byte)(line[x] >> 16), (byte)(line[x] >> 8), (byte)line[x]);
                }
                for (int i = 0; i < row.Length; i++)
                {
                    difference[i + 1] = (byte)(row[i] - above[i]);
                }
                zlib.Write(difference);
                (above, row) = (row, above);
            }
        }
        return packed.ToArray();
    }

    private static uint Crc(uint crc, ReadOnlySpan<byte> bytes)
    {
        foreach (byte b in bytes)
        {
            crc = CrcTable[(byte)(crc ^ b)] ^ (crc >> 8);
        }
        return crc;
    }

    private static uint[] MakeCrcTable()
    {
        var table = new uint[256];
        for (uint n = 0; n < table.Length; n++)
        {
            uint crc = n;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
            table[n] = crc;
        }
        return table;
    }
}
