using System.Runtime.InteropServices;

namespace Emulator.Machine.Time;

/// <summary>
/// Sleeps to a fraction of a millisecond, which .NET's waits cannot: a guest that idles under a 1 kHz tick would get a tick of 1 ms and
/// a bit, or the host would have to spin.
/// </summary>
internal static partial class HostSleep
{
    private const long MillisecondNs = 1_000_000;

    /// <summary>
    /// Sleeps up to <paramref name="nanoseconds"/>, or until <paramref name="wake"/> is set. Returns early where a part is left; a
    /// part of less than 1.5 ms is slept through without looking at <paramref name="wake"/>.
    /// </summary>
    public static void Wait(WaitHandle wake, long nanoseconds)
    {
        if (nanoseconds == long.MaxValue)
        {
            wake.WaitOne();
        }
        else if (nanoseconds >= MillisecondNs * 3 / 2 || OperatingSystem.IsWindows())
        {
            // Less than asked for: the rest is slept exactly. Windows has nothing finer than its tick for this; the clock catches up.
            wake.WaitOne((int)Math.Clamp((nanoseconds - MillisecondNs / 2) / MillisecondNs, 1, 1000));
        }
        else if (nanoseconds > 0)
        {
            var request = new TimeSpecification { Nanoseconds = (nint)nanoseconds };
            _ = NanoSleep(in request, 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "nanosleep")]
    private static partial int NanoSleep(in TimeSpecification request, nint remaining);

    /// <summary>struct timespec.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpecification
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
