using System.Diagnostics;
using System.Globalization;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// <c>fuzz-boot [--count N] [--seed S] [--kind KIND] [--repeat]</c>: N random guests of each kind in this process, seeds S, S+1, ... Says which guest
/// threw, hung, or (with <c>--repeat</c>, which runs each twice) differed from itself; exit code 1 then.
/// </summary>
internal static class FuzzCommand
{
    private const int DefaultCount = 1000, HangSeconds = 30;

    private static int cut;
    private static (FuzzKind Kind, int Seed, long Started) running;

    /// <summary>Runs the command.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        int count = DefaultCount, seed = 1;
        bool repeat = false;
        FuzzKind[] kinds = Enum.GetValues<FuzzKind>();
        for (int n = 0; n < arguments.Count; n++)
        {
            string value = n + 1 < arguments.Count ? arguments[n + 1] : "";
            switch (arguments[n])
            {
                case "--count" when int.TryParse(value, CultureInfo.InvariantCulture, out count):
                case "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out seed):
                    n++;
                    break;
                case "--kind" when Enum.TryParse(value, ignoreCase: true, out FuzzKind kind):
                    kinds = [kind];
                    n++;
                    break;
                case "--repeat":
                    repeat = true;
                    break;
                default:
                    Console.Error.WriteLine($"fuzz-boot: '{arguments[n]}' is not understood; use --count N, --seed S, --kind {string.Join('|', kinds)}, --repeat");
                    return 1;
            }
        }
        new Thread(Watch) { IsBackground = true }.Start();
        FuzzRunner runner = FuzzGuests.Runner();
        int bad = 0;
        foreach (FuzzKind kind in kinds)
        {
            long start = Stopwatch.GetTimestamp();
            int badOfKind = cut = 0;
            for (int n = 0; n < count; n++)
            {
                badOfKind += RunOne(runner, kind, seed + n, repeat) ? 0 : 1;
            }
            bad += badOfKind;
            Console.WriteLine($"{kind,-14} seeds {seed}-{seed + count - 1}: {count - badOfKind} ended in order, {badOfKind} did not, {cut} cut short; {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        }
        return bad == 0 ? 0 : 1;
    }

    private static bool RunOne(FuzzRunner runner, FuzzKind kind, int seed, bool repeat)
    {
        try
        {
            running = (kind, seed, Stopwatch.GetTimestamp());
            ulong first = runner.Run(kind, seed);
            bool wasCut = runner.CutShort;
            cut += wasCut ? 1 : 0;
            if (repeat && !wasCut && runner.Run(kind, seed) != first && !runner.CutShort)
            {
                Console.Error.WriteLine($"{kind} {seed}: two runs differ");
                return false;
            }
            return true;
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is: finding it is what this command is for.
            Console.Error.WriteLine($"{kind} {seed}: {e}");
            return false;
        }
        finally
        {
            running = default;
        }
    }

    private static void Watch()
    {
        while (true)
        {
            Thread.Sleep(1000);
            (FuzzKind kind, int seed, long started) = running;
            if (started != 0 && Stopwatch.GetElapsedTime(started).TotalSeconds > HangSeconds)
            {
                Console.Error.WriteLine($"{kind} {seed}: hangs");
                Environment.Exit(1);
            }
        }
    }
}
