using Emulator.Core.State;

namespace Emulator.Core.Time;

/// <summary>
/// The machine's event heap: every timer of every device, ordered by deadline, ties in the order of arming, so that
/// equal inputs give equal runs. Not thread-safe: it belongs to the machine thread. The due times are saved with the devices whose timers they are.
/// </summary>
public sealed class EventQueue(IClock clock) : IScheduler, IStateful
{
    private readonly PriorityQueue<(Timer Timer, long Generation), (long Deadline, long Sequence)> heap = new();
    // So many entries that mean nothing any more may lie in the heap whatever else is in it; beyond, no more than those that do.
    private const int FewOrphans = 64;

    private long sequence;
    private int armed;

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

    /// <summary>Entries in the heap, those of deadlines that were given up among them.</summary>
    public int HeapSize => heap.Count;

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

    /// <inheritdoc/>
    int IStateful.StateVersion => 1;

    /// <inheritdoc/>
    void IStateful.Transfer(StateTransfer state) => sequence = state.Int64(sequence, 0, long.MaxValue);

    private void Push(Timer timer, long generation)
    {
        bool earliest = timer.DeadlineNs < NextDeadlineNs;
        if (heap.Count > FewOrphans + (2 * armed))
        {
            RemoveOrphans();
        }
        heap.Enqueue((timer, generation), (timer.DeadlineNs, timer.Order));
        if (earliest)
        {
            EarlierDeadline?.Invoke();
        }
    }

    private void RemoveOrphans()
    {
        var current = heap.UnorderedItems.Where(e => e.Element.Timer.IsCurrent(e.Element.Generation)).ToArray();
        heap.Clear();
        heap.EnqueueRange(current);
    }

    private sealed class Timer(EventQueue queue, string name, Action callback) : ITimer
    {
        // An entry in the heap is current only while its generation is: arming again or disarming orphans it.
        private long generation;

        public bool IsArmed
        {
            get;
            private set
            {
                queue.armed += (value ? 1 : 0) - (field ? 1 : 0);
                field = value;
            }
        }

        public long DeadlineNs { get; private set; }

        public long Order { get; private set; }

        public bool IsCurrent(long entryGeneration) => IsArmed && entryGeneration == generation;

        public void Arm(long deadlineNs)
        {
            generation++;
            DeadlineNs = deadlineNs;
            Order = queue.sequence++;
            IsArmed = true;
            queue.Push(this, generation);
        }

        public void Disarm()
        {
            generation++;
            IsArmed = false;
        }

        public void Transfer(StateTransfer state)
        {
            bool armed = state.Bool(IsArmed);
            (long deadline, long order) = (state.Int64(IsArmed ? DeadlineNs : 0), state.Int64(IsArmed ? Order : 0));
            if (!state.IsLoading)
            {
                return;
            }
            Disarm();
            if (armed)
            {
                (DeadlineNs, Order, IsArmed) = (deadline, order, true);
                queue.Push(this, generation);
            }
        }

        public void Fire()
        {
            IsArmed = false;
            callback();
        }

        public override string ToString() => IsArmed ? $"{name} @ {DeadlineNs} ns" : $"{name} (idle)";
    }
}
