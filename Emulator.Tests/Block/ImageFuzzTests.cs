using Emulator.Bench.Fuzz;
using Xunit;

namespace Emulator.Tests.Block;

/// <summary>A short run of damaged images (<c>Emulator.Bench -- fuzz-images</c> runs as many as one likes).</summary>
public sealed class ImageFuzzTests
{
    [Fact]
    public void Nor_does_one_that_is_a_file_of_the_host()
    {
        using var directory = new TempDirectory();
        var fuzzer = new ImageFuzzer(directory[""]);
        for (int seed = 2_000_000; seed < 2_000_200; seed++)
        {
            fuzzer.Run(seed);
        }
        Assert.InRange(fuzzer.Opened, 40, 200);
    }

    [Fact]
    public void A_damaged_image_is_refused_or_fails_and_never_crashes()
    {
        var fuzzer = new ImageFuzzer();
        const int count = 800;

        // Found by longer runs.
        fuzzer.Run(81197);
        for (int seed = 1_000_000; seed < 1_000_000 + count; seed++)
        {
            fuzzer.Run(seed);
        }

        // Enough of them got past the first look for the rest to mean something.
        Assert.InRange(fuzzer.Opened, count / 4, count);
    }
}
