namespace Emulator.Core.Time;

/// <summary>
/// The machine's event heap: every timer of every device, ordered by deadline, ties in the order of arming, so that
/// equal inputs give equal runs. Not thread-safe: it belongs to the machine thread.
/// </summary>
public sealed class EventQueue(IClock clock) : IScheduler
{
    private readonly PriorityQueue<(Timer Timer, long Generation), (long Deadline, long Sequence)> heap = new();
    private long sequence;

    /// <inheritdoc/>
    public long NowNs => clock.NowNs;

    /// <summary>Called when an armed deadline becomes the earliest, so that a running CPU slice can be cut short.</summary>
    public Action? EarlierDeadline { get; set; }

    /// <summary>Earliest deadline in ns, or <see cref="long.MaxValue"/> when nothing is armed.</summary>
    public long NextDeadlineNs
    {
        get
        {
            while (heap.TryPeek(out var entry, out var key))
            {
                if (entry.Timer.IsCurrent(entry.Generation))
                {
                    return key.Deadline;
                }
                heap.Dequeue();
            }
            return long.MaxValue;
        }
    }

    /// <inheritdoc/>
    public ITimer CreateTimer(string name, Action callback) => new Timer(this, name, callback);

    /// <summary>Runs every timer whose deadline is not after the clock's present time.</summary>
    /// <returns>How many timers fired.</returns>
    public int RunDue()
    {
        int fired = 0;
        long now = clock.NowNs;
        while (NextDeadlineNs <= now)
        {
            heap.Dequeue().Timer.Fire();
            fired++;
        }
        return fired;
    }

    private void Push(Timer timer, long generation)
    {
        bool earliest = timer.DeadlineNs < NextDeadlineNs;
        heap.Enqueue((timer, generation), (timer.DeadlineNs, sequence++));
        if (earliest)
        {
            EarlierDeadline?.Invoke();
        }
    }

    private sealed class Timer(EventQueue queue, string name, Action callback) : ITimer
    {
        // An entry in the heap is current only while its generation is: arming again or disarming orphans it.
        private long generation;

        public bool IsArmed { get; private set; }

        public long DeadlineNs { get; private set; }

        public bool IsCurrent(long entryGeneration) => IsArmed && entryGeneration == generation;

        public void Arm(long deadlineNs)
        {
            generation++;
            DeadlineNs = deadlineNs;
            IsArmed = true;
            queue.Push(this, generation);
        }

        public void Disarm()
        {
            generation++;
            IsArmed = false;
        }

        public void Fire()
        {
            IsArmed = false;
            callback();
        }

        public override string ToString() => IsArmed ? $"{name} @ {DeadlineNs} ns" : $"{name} (idle)";
    }
}
