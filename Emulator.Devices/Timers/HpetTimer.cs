using Emulator.Core.State;

namespace Emulator.Devices.Timers;

/// <summary>
/// One comparator of an HPET (IA-PC HPET specification 1.0a, section 2.3.8 to 2.3.10): one-shot or periodic, 32 or 64 bits wide,
/// edge or level. It is told the main counter and computes when it fires; it holds no time of its own.
/// </summary>
internal sealed class HpetTimer
{
    /// <summary>Bits of the configuration register that are the same for every timer: periodic and 64 bits wide.</summary>
    public const ulong Capabilities = 1 << 4 | 1 << 5;

    private const ulong LevelTriggered = 1 << 1, InterruptEnable = 1 << 2, Periodic = 1 << 3, SetAccumulator = 1 << 6, Mode32 = 1 << 8;
    private const ulong Writable = LevelTriggered | InterruptEnable | Periodic | SetAccumulator | Mode32 | 0x1F << 9;

    private ulong configuration, comparator, period;

    /// <summary>Number of the interrupt chosen (Tn_INT_ROUTE_CNF).</summary>
    public int Route => (int)(configuration >> 9) & 31;

    /// <summary>True while the timer may interrupt.</summary>
    public bool IsEnabled => (configuration & InterruptEnable) != 0;

    /// <summary>True when the interrupt stays until its status bit is cleared.</summary>
    public bool IsLevel => (configuration & LevelTriggered) != 0;

    /// <summary>Tn_CONF without the route capability.</summary>
    public ulong Configuration
    {
        get => configuration | Capabilities;
        set
        {
            configuration = value & Writable;
            comparator = Cut(comparator);
            period = Cut(period);
        }
    }

    /// <summary>The comparator as it reads: in periodic mode the next match.</summary>
    public ulong Comparator => comparator;

    /// <summary>True in periodic mode.</summary>
    public bool IsPeriodic => (configuration & Periodic) != 0;

    private ulong Mask => (configuration & Mode32) != 0 ? uint.MaxValue : ulong.MaxValue;

    /// <summary>State after reset: everything off, the comparator all ones.</summary>
    public void Reset()
    {
        configuration = 0;
        comparator = ulong.MaxValue;
        period = 0;
    }

    /// <summary>
    /// Writes the comparator. In periodic mode the period changes with every write, the next match only while Tn_VAL_SET_CNF is set, which
    /// the write clears.
    /// </summary>
    public void WriteComparator(ulong value)
    {
        value = Cut(value);
        if (!IsPeriodic || (configuration & SetAccumulator) != 0)
        {
            comparator = value;
        }
        period = IsPeriodic ? value : 0;
        configuration &= ~SetAccumulator;
    }

    /// <summary>
    /// Counter ticks from <paramref name="counter"/> to the next match; a whole round when it matches now, because that has been seen.
    /// </summary>
    public ulong TicksToMatch(ulong counter)
    {
        ulong ticks = Cut(comparator - counter);
        return ticks != 0 ? ticks : Mask == uint.MaxValue ? 1ul << 32 : ulong.MaxValue;
    }

    /// <summary>Tells that the counter went from <paramref name="from"/> to <paramref name="to"/>.</summary>
    /// <returns>True when it matched on the way. The periodic comparator moves on beyond <paramref name="to"/>.</returns>
    public bool Pass(ulong from, ulong to)
    {
        ulong passed = to - from;
        if (passed == 0 || TicksToMatch(from) > passed)
        {
            return false;
        }
        if (IsPeriodic && period != 0)
        {
            ulong late = Cut(to - comparator);
            comparator = Cut(comparator + (late / period + 1) * period);
        }
        return true;
    }

    /// <summary>Saves or loads.</summary>
    public void Transfer(StateTransfer state)
    {
        configuration = state.UInt64(configuration) & Writable;
        comparator = state.UInt64(comparator);
        period = state.UInt64(period);
    }

    private ulong Cut(ulong value) => value & Mask;
}
