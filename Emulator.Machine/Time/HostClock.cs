using System.Diagnostics;
using Emulator.Core.State;

namespace Emulator.Machine.Time;

/// <summary>
/// Virtual time that runs with the host's clock, except while the machine is stopped, and as far as the guest ran: host time in which it
/// could not have (the host was busy elsewhere) is owed, and all of it is caught up on: at four times the speed, faster where much is owed, or at once
/// when the guest is idle. So a guest gets every tick of its timers, sees no gap when it polls a counter, and all its clocks agree (docs/decisions/0004).
/// </summary>
public sealed class HostClock : IMachineClock
{
    /// <summary>
    /// Most that virtual time moves between two looks at it while the guest runs, unless the next event is farther away: 1 ms, a
    /// tick of the fastest usual timer.
    /// </summary>
    public const long LongestStepNs = 1_000_000;

    /// <summary>Host time that may pass between two looks without being owed: this, and <see cref="SlowestInstructionNs"/> an instruction.</summary>
    public const long GraceNs = 20_000;

    /// <summary>Host time that an instruction takes at most while nothing holds the guest up; 3 to 10 ns are usual.</summary>
    public const long SlowestInstructionNs = 50;

    /// <summary>How many times faster than the host's time virtual time goes at least while something is owed.</summary>
    public const int SlowestCatchUp = 4;

    /// <summary>And at most: a guest that never idles and gets a sixteenth of a host's processor still keeps up.</summary>
    public const int FastestCatchUp = 16;

    /// <summary>Each time that this much more is owed, the debt is paid one time faster.</summary>
    public const long DebtStepNs = 100_000_000;

    private static readonly Func<long> HostNs = Stopwatch.Frequency == 1_000_000_000
        ? Stopwatch.GetTimestamp
        : () => (long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency);

    private readonly Func<long> host;
    private readonly Func<long> instructions;
    private readonly Action<WaitHandle, long> wait;
    private long hostNs, virtualNs, owedNs;

    // The next event as the run loop last said it; without end before it runs.
    private long nextEventNs = long.MaxValue;
    private long ranAt;
    private bool isRunning = true;

    /// <summary>A clock on the host's monotonic one; <paramref name="instructions"/> counts what the guest has run.</summary>
    public HostClock(Func<long> instructions)
        : this(HostNs, instructions, HostSleep.Wait)
    {
    }

    /// <summary>A clock on <paramref name="host"/> (ns), which sleeps by <paramref name="wait"/> (ns, or less; <see cref="long.MaxValue"/> without end).</summary>
    public HostClock(Func<long> host, Func<long> instructions, Action<WaitHandle, long> wait)
    {
        this.host = host;
        this.instructions = instructions;
        this.wait = wait;
        hostNs = host();
    }

    /// <summary>Called when time was looked at and the next event is due: the guest, which may have seen that time, should not run on before it.</summary>
    public Action? EventDue { get; init; }

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
            if (nextEventNs == long.MaxValue)
            {
                return virtualNs += passed;
            }
            long ran = instructions();
            long step = Math.Min(passed, GraceNs + (Math.Max(0, ran - ranAt) * SlowestInstructionNs));
            ranAt = ran;
            owedNs += passed - step;
            long factor = Math.Min(SlowestCatchUp + (owedNs / DebtStepNs), FastestCatchUp);
            long repaid = Math.Min(owedNs, step * (factor - 1)), most = Math.Max(LongestStepNs, nextEventNs - virtualNs);
            repaid = Math.Min(repaid, most - step);
            owedNs -= repaid;
            virtualNs += step + repaid;
            Note();
            if (virtualNs >= nextEventNs)
            {
                EventDue?.Invoke();
            }
            return virtualNs;
        }
    }

    /// <inheritdoc/>
    public long OwedNs => owedNs;

    /// <inheritdoc/>
    public long MostOwedNs { get; private set; }

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
            owedNs += Math.Max(0, passed - left);
            Note();
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <summary>Saves or loads the time. What the guest is owed is not part of it.</summary>
    public void Transfer(StateTransfer state)
    {
        virtualNs = state.Int64(NowNs, 0, long.MaxValue);
        if (state.IsLoading)
        {
            (hostNs, owedNs, nextEventNs, ranAt) = (host(), 0, long.MaxValue, instructions());
        }
    }

    private void Note() => MostOwedNs = Math.Max(MostOwedNs, owedNs);

    private long Passed()
    {
        long before = hostNs;
        hostNs = host();
        return hostNs - before;
    }
}
