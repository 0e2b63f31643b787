using Emulator.Remote.Display;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.PixelFormats;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>Screenshots in each format: PNG read by the specification, the others by the library's decoders.</summary>
public sealed class PictureFileTests
{
    private const int Width = 37, Height = 11;

    [Theory]
    [InlineData("a.png", "PNG")]
    [InlineData("a.b/c.JPG", "JPEG")]
    [InlineData("a.jpeg", "JPEG")]
    [InlineData("a.webp", "Webp")]
    [InlineData("a.gif", "GIF")]
    [InlineData("a.bmp", "BMP")]
    [InlineData("a.ppm", "PBM")]
    [InlineData("png", "PBM")]
    public void TheNameDecidesAndThePictureSurvives(string name, string format)
    {
        byte[] file = Write(PictureFile.FormatOfFile(name), Pixel);
        using Image<Rgb24> image = Image.Load<Rgb24>(file, out var found);
        Assert.Equal(format, found.Name);
        Assert.Equal((Width, Height), (image.Width, image.Height));
        int tolerance = format == "JPEG" ? 40 : 0;
        for (int y = 0; y < Height; y++)
        {
            for (int x = 0; x < Width; x++)
            {
                uint expected = Pixel(x, y);
                Rgb24 pixel = image[x, y];
                Assert.InRange(pixel.R - (int)(byte)(expected >> 16), -tolerance, tolerance);
                Assert.InRange(pixel.G - (int)(byte)(expected >> 8), -tolerance, tolerance);
                Assert.InRange(pixel.B - (int)(byte)expected, -tolerance, tolerance);
            }
        }
    }

    [Fact]
    public void APngIsPlainRgbByTheSpecification()
    {
        (int width, int height, uint[] pixels) = PngReader.Decode(Write(PictureFormat.Png, (x, y) => 0xAA000000 | ManyColours(x, y)));
        Assert.Equal((Width, Height), (width, height));
        Assert.All(Enumerable.Range(0, Width * Height), i => Assert.Equal(ManyColours(i % Width, i / Width), pixels[i]));
    }

    [Fact]
    public void OneFileOnlyNamesTheLibrary()
    {
        string root = ProjectFolder.Path;
        string[] named = [.. Directory.GetDirectories(root, "Emulator.*").Where(d => !d.EndsWith(".Tests", StringComparison.Ordinal))
            .SelectMany(d => Directory.GetFiles(d, "*.cs", SearchOption.AllDirectories))
            .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(f => File.ReadAllText(f).Contains("SixLabors", StringComparison.Ordinal)).Select(f => Path.GetFileName(f))];
        Assert.Equal(["PictureEncoder.cs"], named);
    }

    private static byte[] Write(PictureFormat format, Func<int, int, uint> pixel)
    {
        using var file = new MemoryStream();
        PictureFile.Write(file, new StubScreen(Width, Height, pixel), format);
        return file.ToArray();
    }

    // 16 colours, as in text: nothing for a palette to lose. 2 x 2 pixels are alike.
    private static uint Pixel(int x, int y) => ((((uint)x / 2) + ((uint)y / 2 * 3)) % 16) * 0x0B0703;

    private static uint ManyColours(int x, int y) => (uint)((x * 7 << 16) | (y * 23 << 8) | (x ^ y));
}
