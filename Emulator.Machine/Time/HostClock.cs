using System.Diagnostics;

namespace Emulator.Machine.Time;

/// <summary>
/// Virtual time that runs with the host's clock, except while the machine is stopped. Where the host keeps the processor away from the
/// machine beyond the next event, virtual time waits there and catches up afterwards at up to double speed, and when the guest is
/// idle: so a guest gets every tick of its timers, spread over time, and all its clocks agree (docs/decisions/0004).
/// </summary>
public sealed class HostClock : IMachineClock
{
    /// <summary>
    /// Most that virtual time moves between two looks at it while the guest runs, unless the next event is farther away: 1 ms, a
    /// tick of the fastest usual timer.
    /// </summary>
    public const long LongestStepNs = 1_000_000;

    /// <summary>Most that is caught up on; time beyond it is lost to the guest, as if the machine had been stopped.</summary>
    public const long LongestDebtNs = 10_000_000_000;

    private readonly Func<long> host;
    private readonly Action<WaitHandle, long> wait;
    private long hostNs, virtualNs, owedNs;

    // The next event as the run loop last said it; nothing is missed before it.
    private long nextEventNs = long.MaxValue;
    private bool isRunning = true;

    /// <summary>A clock on the host's monotonic one.</summary>
    public HostClock()
        : this(() => (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency), HostSleep.Wait)
    {
    }

    /// <summary>A clock on <paramref name="host"/> (ns), which sleeps by <paramref name="wait"/> (ns, or less; <see cref="long.MaxValue"/> without end).</summary>
    public HostClock(Func<long> host, Action<WaitHandle, long> wait)
    {
        this.host = host;
        this.wait = wait;
        hostNs = host();
    }

    /// <inheritdoc/>
    public long NowNs
    {
        get
        {
            if (!isRunning)
            {
                return virtualNs;
            }
            long passed = Passed();
            if (passed > LongestStepNs)
            {
                long step = Math.Min(passed, Math.Max(LongestStepNs, nextEventNs - virtualNs));
                owedNs = Math.Min(owedNs + passed - step, LongestDebtNs);
                return virtualNs += step;
            }
            long repaid = Math.Min(owedNs, passed);
            owedNs -= repaid;
            return virtualNs += passed + repaid;
        }
    }

    /// <inheritdoc/>
    public bool IsRunning
    {
        get => isRunning;
        set
        {
            if (isRunning)
            {
                _ = NowNs;
            }
            else
            {
                hostNs = host();
            }
            isRunning = value;
        }
    }

    /// <inheritdoc/>
    public long SliceFor(long nanoseconds)
    {
        // About 150 million instructions a second; an error only moves the next look at the clock.
        const long longest = 20_000, shortest = 200;
        nextEventNs = nanoseconds == long.MaxValue ? nanoseconds : virtualNs + nanoseconds;
        return Math.Clamp(nanoseconds / 8, shortest, longest);
    }

    /// <inheritdoc/>
    public void SleepUntil(long deadlineNs, WaitHandle wake)
    {
        long left = deadlineNs - NowNs, repaid = Math.Min(owedNs, left);
        owedNs -= repaid;
        virtualNs += repaid;
        left -= repaid;
        if (deadlineNs == long.MaxValue)
        {
            wait(wake, deadlineNs);
            virtualNs += Passed();
        }
        else if (left > 0)
        {
            wait(wake, left);
            // Oversleeping is the host's doing.
            long passed = Passed();
            virtualNs += Math.Min(passed, left);
            owedNs = Math.Min(owedNs + Math.Max(0, passed - left), LongestDebtNs);
        }
    }

    private long Passed()
    {
        long before = hostNs;
        hostNs = host();
        return hostNs - before;
    }
}
