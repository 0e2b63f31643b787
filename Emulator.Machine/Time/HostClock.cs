using System.Diagnostics;
using Emulator.Core.Time;

namespace Emulator.Machine.Time;

/// <summary>Virtual time that runs with the host's clock, except while the machine is stopped.</summary>
public sealed class HostClock : IMachineClock
{
    private readonly Stopwatch stopwatch = Stopwatch.StartNew();

    /// <inheritdoc/>
    public long NowNs => (long)((Int128)stopwatch.ElapsedTicks * 1_000_000_000 / Stopwatch.Frequency);

    /// <inheritdoc/>
    public bool IsRunning
    {
        get => stopwatch.IsRunning;
        set
        {
            if (value)
            {
                stopwatch.Start();
            }
            else
            {
                stopwatch.Stop();
            }
        }
    }

    /// <inheritdoc/>
    public long SliceFor(long nanoseconds)
    {
        // About 150 million instructions a second; an error only moves the next look at the clock.
        const long longest = 20_000, shortest = 200;
        return Math.Clamp(nanoseconds / 8, shortest, longest);
    }

    /// <inheritdoc/>
    public void SleepUntil(long deadlineNs, WaitHandle wake)
    {
        const long sleepGrainNs = 1_000_000;
        long left = deadlineNs - NowNs;
        if (deadlineNs == long.MaxValue)
        {
            wake.WaitOne();
        }
        else if (left >= sleepGrainNs)
        {
            wake.WaitOne((int)Math.Min(left / sleepGrainNs, 1000));
        }
        else if (left > 0)
        {
            Thread.Yield();
        }
    }
}
