using System.Diagnostics;
using System.Globalization;

namespace Emulator.Bench.Fuzz;

/// <summary><c>fuzz-images [COUNT] [SEED] [DIRECTORY]</c>: damaged disk images, seeds SEED, SEED+1, ..., in memory or as a file in DIRECTORY. Exit code 1 when one throws, or takes more than 10 s.</summary>
internal static class ImageFuzzCommand
{
    private const int DefaultCount = 100_000, SlowSeconds = 10;

    /// <summary>Runs the command.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        int count = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultCount;
        int seed = arguments.Count > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1;
        var fuzzer = new ImageFuzzer(arguments.Count > 2 ? arguments[2] : null);
        int bad = 0;
        long start = Stopwatch.GetTimestamp();
        for (int n = seed; n < seed + count; n++)
        {
            long began = Stopwatch.GetTimestamp();
            try
            {
                fuzzer.Run(n);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever it is: finding it is what this command is for.
                Console.Error.WriteLine($"{n}: {e}");
                bad++;
            }
            if (Stopwatch.GetElapsedTime(began).TotalSeconds > SlowSeconds)
            {
                Console.Error.WriteLine($"{n}: takes {Stopwatch.GetElapsedTime(began).TotalSeconds:f0} s");
                bad++;
            }
        }
        Console.WriteLine($"images seeds {seed}-{seed + count - 1}: {count - bad} in order, {bad} not; {fuzzer.Opened} were opened; {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        return bad == 0 ? 0 : 1;
    }
}
