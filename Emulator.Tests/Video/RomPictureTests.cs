using Xunit;

namespace Emulator.Tests.Video;

/// <summary>
/// The screens of testroms/video.asm, saved by <c>screendump</c>, against pictures computed here from fonts, palettes and the numbers in memory: with
/// SeaBIOS' video BIOS and with the built-in one.
/// </summary>
public sealed class RomPictureTests
{
    private static readonly int[] Standard =
    [
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 40, 90, 91,
    ];

    public static TheoryData<string, int> Pictures
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string firmware in (string[])["builtin", "seabios"])
            {
                // SeaBIOS' video BIOS has text of 400 lines only, and in mode 7 resets the attribute
                // controller's flip-flop by port 3DA, which is not there then: QEMU shows nothing of it either.
                IEnumerable<int> numbers = Standard.Concat(RomVbePictures.Modes.Select(m => m.Number));
                int[] missing = firmware == "seabios" ? [8, 12, 13] : [];
                foreach (int number in numbers.Except(missing))
                {
                    data.Add(firmware, number);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Pictures))]
    public void EveryPixelIsTheComputedOne(string firmware, int number)
    {
        RomScreens run = RomScreens.Of(firmware);
        Assert.True(run.All.TryGetValue(number, out RomScreen? screen), $"the ROM has not shown picture {number}");
        RomPicture expected = new RomTextPictures(run.Fonts, screen.NowNs, is400Lines: firmware == "seabios").Make(number)
            ?? RomGraphicsPictures.Make(number, screen.NowNs) ?? RomVbePictures.Make(number)!;
        (int width, int height, uint[] pixels) = PngReader.Decode(screen.Png);
        Assert.Equal((expected.Width, expected.Height), (width, height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                if (pixels[(y * width) + x] != expected.Pixel(x, y))
                {
                    Assert.Fail($"pixel ({x}, {y}) is {pixels[(y * width) + x]:x6}, expected {expected.Pixel(x, y):x6}");
                }
            }
        }
    }

    [Theory]
    [InlineData("builtin")]
    [InlineData("seabios")]
    public void BlinkingHasTwoPhases(string firmware)
    {
        RomScreens run = RomScreens.Of(firmware);
        Assert.NotEqual(run.All[1].Png, run.All[2].Png);
        Assert.NotEqual(run.All[2].Png, run.All[3].Png);
        Assert.NotEqual(run.All[26].Png, run.All[27].Png);
    }

    [Theory]
    [InlineData("builtin")]
    [InlineData("seabios")]
    public void ARetraceComesAsOftenAsTheClockSays(string firmware)
    {
        (int Ticks, int Lines)[] frames = RomScreens.Of(firmware).Frames;
        // Ticks of 1193182 Hz: 900 dots * 449 lines at 28.322 MHz, 800 * 525 and 800 * 449 at 25.175 MHz; a loop of the ROM takes less than one.
        (double Ticks, int Lines)[] expected = [(17_024.6, 400), (19_906.1, 480), (17_024.3, 400)];
        for (int mode = 0; mode < expected.Length; mode++)
        {
            Assert.InRange(frames[mode].Ticks, expected[mode].Ticks - 2, expected[mode].Ticks + 2);
            Assert.Equal(expected[mode].Lines, frames[mode].Lines);
        }
    }
}
