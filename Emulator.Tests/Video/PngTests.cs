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
            (int width, int height, uint[] pixels) = PngReader.Decode(file);
            Assert.Equal((37, 11), (width, height));
            for (int y = 0; y < height; y++)
            {
                for (int x = 0; x < width; x++)
                {
                    Assert.Equal(Pixel(x, y), pixels[(y * width) + x]);
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
}
