using System.Buffers.Binary;
using System.IO.Compression;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

public sealed class PngTests
{
    [Fact]
    public void APictureSurvivesTheFile()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName() + ".png");
        try
        {
            Png.Write(path, new StubScreen(37, 11, Pixel));
            byte[] file = File.ReadAllBytes(path);
            Assert.Equal(Convert.FromHexString("89504E470D0A1A0A"), file[..8]);
            (int width, int height, byte[] rows) = Decode(file);
            Assert.Equal((37, 11), (width, height));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    int at = ((y * width) + x) * 3;
                    Assert.Equal(Pixel(x, y), (uint)((rows[at] << 16) | (rows[at + 1] << 8) | rows[at + 2]));
                }
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void APathThatCannotBeWrittenIsAnIoError() => Assert.Throws<DirectoryNotFoundException>(
        () => Png.Write(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "x.png"), new StubScreen(1, 1, Pixel)));

    private static uint Pixel(int x, int y) => (uint)((x * 7 << 16) | (y * 23 << 8) | (x ^ y));

    // PNG specification: IHDR, concatenated IDAT inflated, filters 0-4 undone; 8-bit RGB.
    private static (int Width, int Height, byte[] Rows) Decode(byte[] file)
    {
        using var data = new MemoryStream();
        int width = 0, height = 0;
        for (int at = 8; at < file.Length;)
        {
            int length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            string type = System.Text.Encoding.ASCII.GetString(file, at + 4, 4);
            ReadOnlySpan<byte> body = file.AsSpan(at + 8, length);
            if (type == "IHDR")
            {
                (width, height) = (BinaryPrimitives.ReadInt32BigEndian(body), BinaryPrimitives.ReadInt32BigEndian(body[4..]));
                Assert.Equal([8, 2, 0, 0, 0], body[8..].ToArray());
            }
            else if (type == "IDAT")
            {
                data.Write(body);
            }
            at += 12 + length;
        }
        data.Position = 0;
        using var inflate = new ZLibStream(data, CompressionMode.Decompress);
        int stride = width * 3;
        var rows = new byte[stride * height];
        for (int y = 0; y < height; y++)
        {
            int filter = inflate.ReadByte();
            inflate.ReadExactly(rows, y * stride, stride);
            for (int i = y * stride; i < (y + 1) * stride; i++)
            {
                bool first = i - (y * stride) < 3;
                int left = first ? 0 : rows[i - 3], up = y == 0 ? 0 : rows[i - stride], corner = first || y == 0 ? 0 : rows[i - stride - 3];
                rows[i] += (byte)(filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => Paeth(left, up, corner), _ => 0 });
            }
        }
        return (width, height, rows);
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up - corner;
        int toLeft = Math.Abs(estimate - left), toUp = Math.Abs(estimate - up), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }
}
