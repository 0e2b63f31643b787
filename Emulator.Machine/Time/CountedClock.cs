using Emulator.Core.State;

namespace Emulator.Machine.Time;

/// <summary>
/// Virtual time that counts instructions: 2^shift ns each (<c>-icount shift=N</c>). Idle time is skipped to the next event, so
/// that equal inputs give equal runs; with <paramref name="sleep"/> the host waits as long besides.
/// </summary>
/// <param name="instructions">Instructions retired since power-on.</param>
/// <param name="shift">0-10.</param>
/// <param name="sleep">True: an idle guest takes real time.</param>
public sealed class CountedClock(Func<long> instructions, int shift, bool sleep) : IMachineClock
{
    private long skipped;

    /// <inheritdoc/>
    public long NowNs => (instructions() << shift) + skipped;

    /// <inheritdoc/>
    public bool IsRunning { get; set; } = true;

    /// <summary>Nothing: the host's time does not count.</summary>
    public long OwedNs => 0;

    /// <summary>Nothing.</summary>
    public long MostOwedNs => 0;

    /// <inheritdoc/>
    public long SliceFor(long nanoseconds)
    {
        const long longest = 100_000;
        return Math.Clamp((nanoseconds + (1L << shift) - 1) >> shift, 1, longest);
    }

    /// <inheritdoc/>
    public void SleepUntil(long deadlineNs, WaitHandle wake)
    {
        if (deadlineNs == long.MaxValue)
        {
            wake.WaitOne();
            return;
        }
        long left = deadlineNs - NowNs;
        if (sleep && left >= 1_000_000 && wake.WaitOne((int)Math.Min(left / 1_000_000, int.MaxValue)))
        {
            return;
        }
        skipped += Math.Max(0, left);
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <summary>Saves or loads the time; the instructions that it counts must have been loaded before.</summary>
    public void Transfer(StateTransfer state) => skipped = state.Int64(NowNs, 0, long.MaxValue) - (instructions() << shift);
}
