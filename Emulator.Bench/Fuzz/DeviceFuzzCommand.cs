using System.Diagnostics;
using System.Globalization;
using Emulator.Core.State;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// <c>fuzz-devices [COUNT] [SEED]</c>: COUNT random accesses to each device, and at times the state into a fresh board, which must go on in the same way.
/// Exit code 1 when one throws, when a copy answers otherwise, or when it takes more than a minute a million.
/// </summary>
internal static class DeviceFuzzCommand
{
    private const int DefaultCount = 1_000_000, Round = 10_000, RoundsACopy = 10;

    /// <summary>Runs the command.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        int count = arguments.Count > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : DefaultCount;
        int seed = arguments.Count > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : 1, bad = 0, devices = 0;
        for (int device = 0; device == 0 || device < devices; device++)
        {
            using var fuzzer = new DeviceFuzzer(seed);
            devices = fuzzer.Devices.Count;
            long start = Stopwatch.GetTimestamp();
            string result = "in order";
            try
            {
                for (int done = 0; done < count; done += Round)
                {
                    fuzzer.Run(device, Math.Min(Round, count - done));
                    if (done / Round % RoundsACopy == 0 && !CopyGoesOn(fuzzer, device, seed + done))
                    {
                        result = $"after {done + Round} accesses a copy answers otherwise";
                        bad++;
                        break;
                    }
                }
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Whatever it is: finding it is what this command is for.
                result = e.ToString();
                bad++;
            }
            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (seconds > 60.0 * Math.Max(1, count / 1e6))
            {
                result += ", but slow";
                bad++;
            }
            Console.WriteLine($"{fuzzer.Devices[device],-16} {count} accesses, {fuzzer.Interrupts} interrupts, {seconds:f1} s: {result}");
        }
        return bad == 0 ? 0 : 1;
    }

    private static bool CopyGoesOn(DeviceFuzzer fuzzer, int device, int seed)
    {
        using DeviceFuzzer copy = fuzzer.MakeFresh();
        using var stream = new MemoryStream(fuzzer.Save());
        StateFile.Apply(StateFile.Read(stream, copy.Parts), copy.Parts);
        fuzzer.Restart(seed);
        copy.Restart(seed);
        fuzzer.Run(device, Round);
        copy.Run(device, Round);
        return fuzzer.Trace == copy.Trace && fuzzer.Save().AsSpan().SequenceEqual(copy.Save());
    }
}
