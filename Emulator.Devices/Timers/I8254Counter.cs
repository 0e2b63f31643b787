using Emulator.Core.State;

namespace Emulator.Devices.Timers;

/// <summary>
/// One counter of an 8254 (Intel data sheet 231164, "Mode definitions"). It holds when and with what it was loaded; count
/// and OUT at any clock pulse follow from that, so no time is ever accumulated. All pulse arguments must not decrease.
/// </summary>
public sealed class I8254Counter
{
    private const long Never = long.MaxValue;

    private enum Run
    {
        /// <summary>No count yet, or none triggered: <see cref="heldValue"/> and <see cref="heldOut"/> stand.</summary>
        Stopped,

        /// <summary>Modes 0 and 4 with GATE low: <see cref="pausedElapsed"/> pulses were counted.</summary>
        Paused,

        /// <summary>Loaded at <see cref="loadedAt"/> and counting.</summary>
        Counting,
    }

    private int mode, readWrite;
    private bool bcd;
    private Run run;

    // The counting element: loaded with count at the pulse loadedAt, which is one ahead of now right after a write.
    private long loadedAt;
    private int count;
    private long pausedElapsed;
    private int heldValue;
    private bool heldOut;

    // Modes 2 and 3: the count register takes effect where the present cycle (half-cycle) ends.
    private int countRegister;
    private bool hasCount;
    private long switchAt = Never;
    private long nullUntil = Never;

    private int writtenLsb;
    private bool msbWriteNext, msbReadNext;
    private int? latchedCount;
    private byte? latchedStatus;

    /// <summary>Level of the GATE input.</summary>
    public bool Gate { get; private set; }

    /// <summary>Mode, 0 to 5.</summary>
    public int Mode => mode;

    /// <summary>Initial count in clock pulses: 1 to 65536, or to 10000 in BCD.</summary>
    public int InitialCount => countRegister;

    /// <summary>True in the modes that make an endless wave (2 and 3).</summary>
    public bool IsPeriodic => mode is 2 or 3;

    private int Modulus => bcd ? 10000 : 0x10000;

    /// <summary>Puts the counter to work in mode 3 with the longest count, as firmware leaves it.</summary>
    public void Reset(long pulse, bool gate)
    {
        Gate = gate;
        heldValue = 0;
        WriteControl(pulse, readWrite: 3, newMode: 3, newBcd: false);
        WriteCount(pulse, 0);
        WriteCount(pulse, 0);
    }

    /// <summary>A control word for this counter; <paramref name="readWrite"/> is RW1-RW0 (1 LSB, 2 MSB, 3 both).</summary>
    public void WriteControl(long pulse, int readWrite, int newMode, bool newBcd)
    {
        Advance(pulse);
        heldValue = Value(pulse);
        run = Run.Stopped;
        mode = newMode > 5 ? newMode & 3 : newMode;
        bcd = newBcd;
        this.readWrite = readWrite;
        heldOut = mode != 0;
        hasCount = false;
        switchAt = Never;
        nullUntil = Never;
        msbWriteNext = false;
        msbReadNext = false;
        latchedCount = null;
        latchedStatus = null;
    }

    /// <summary>Writes a byte of the count.</summary>
    public void WriteCount(long pulse, byte data)
    {
        Advance(pulse);
        switch (readWrite)
        {
            case 1:
                SetCount(pulse, data);
                break;
            case 2:
                SetCount(pulse, data << 8);
                break;
            default:
                if (msbWriteNext)
                {
                    SetCount(pulse, data << 8 | writtenLsb);
                }
                else
                {
                    writtenLsb = data;
                    if (mode == 0)
                    {
                        // Mode 0: the first byte stops the count and lowers OUT at once.
                        heldValue = Value(pulse);
                        heldOut = false;
                        run = Run.Stopped;
                    }
                }
                msbWriteNext = !msbWriteNext;
                break;
        }
    }

    /// <summary>Reads a byte: a latched status first, then a latched count, else the count as it is.</summary>
    public byte Read(long pulse)
    {
        if (latchedStatus is { } status)
        {
            latchedStatus = null;
            return status;
        }
        Advance(pulse);
        int value = latchedCount ?? Encode(Value(pulse));
        bool msb = readWrite == 2 || (readWrite == 3 && msbReadNext);
        bool last = readWrite != 3 || msbReadNext;
        msbReadNext = !last;
        if (last)
        {
            latchedCount = null;
        }
        return (byte)(msb ? value >> 8 : value);
    }

    /// <summary>Counter latch command; a count that is latched already stays.</summary>
    public void LatchCount(long pulse)
    {
        Advance(pulse);
        latchedCount ??= Encode(Value(pulse));
    }

    /// <summary>Read-back command for the status byte; a status that is latched already stays.</summary>
    public void LatchStatus(long pulse)
    {
        Advance(pulse);
        latchedStatus ??= (byte)((Out(pulse) ? 0x80 : 0) | (pulse < nullUntil ? 0x40 : 0) | readWrite << 4 | mode << 1 | (bcd ? 1 : 0));
    }

    /// <summary>Drives GATE.</summary>
    public void SetGate(long pulse, bool level)
    {
        if (level == Gate)
        {
            return;
        }
        Advance(pulse);
        int value = Value(pulse);
        bool output = Out(pulse);
        Gate = level;
        switch (mode)
        {
            case 0 or 4:
                if (!level && run == Run.Counting)
                {
                    pausedElapsed = Math.Max(pulse - loadedAt, 0);
                    run = Run.Paused;
                }
                else if (level && run == Run.Paused)
                {
                    loadedAt = pulse - pausedElapsed;
                    run = Run.Counting;
                }
                break;
            case 2 or 3 when !level:
                // GATE low ends the wave and raises OUT at once.
                heldValue = value;
                heldOut = true;
                run = Run.Stopped;
                switchAt = Never;
                break;
            default:
                if (level && hasCount)
                {
                    Load(pulse, value, output);
                }
                break;
        }
    }

    /// <summary>Level of OUT at <paramref name="pulse"/>.</summary>
    public bool Out(long pulse)
    {
        Advance(pulse);
        long elapsed = Elapsed(pulse);
        if (run == Run.Stopped || elapsed < 0)
        {
            return heldOut;
        }
        return mode switch
        {
            0 or 1 => elapsed >= count,
            2 => elapsed % count != count - 1,
            3 => elapsed % count < HighPulses(count),
            _ => elapsed != count,
        };
    }

    /// <summary>
    /// The first pulse after <paramref name="pulse"/> at which OUT rises if nothing is written, or
    /// <see cref="long.MaxValue"/>.
    /// </summary>
    public long NextRise(long pulse)
    {
        Advance(pulse);
        if (run != Run.Counting)
        {
            return Never;
        }
        switch (mode)
        {
            case 0 or 1:
                return pulse < loadedAt + count ? loadedAt + count : Never;
            case 4 or 5:
                return pulse < loadedAt + count + 1 ? loadedAt + count + 1 : Never;
            default:
                long rise = RiseOfWave(pulse, loadedAt, count);
                if (rise > switchAt)
                {
                    (long start, int next) = AfterSwitch();
                    rise = RiseOfWave(switchAt, start, next);
                }
                return rise;
        }
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state)
    {
        mode = state.Int32(mode, 0, 5);
        readWrite = state.Int32(readWrite, 1, 3);
        bcd = state.Bool(bcd);
        run = (Run)state.Int32((int)run, 0, (int)Run.Counting);
        loadedAt = state.Int64(loadedAt);
        count = state.Int32(count, 0, 0x10000);
        pausedElapsed = state.Int64(pausedElapsed, 0, long.MaxValue);
        heldValue = state.Int32(heldValue);
        heldOut = state.Bool(heldOut);
        countRegister = state.Int32(countRegister, 0, 0x10000);
        hasCount = state.Bool(hasCount);
        switchAt = state.Int64(switchAt);
        nullUntil = state.Int64(nullUntil);
        writtenLsb = state.Int32(writtenLsb, 0, 0xFF);
        msbWriteNext = state.Bool(msbWriteNext);
        msbReadNext = state.Bool(msbReadNext);
        latchedCount = (int?)state.Optional(latchedCount);
        latchedStatus = (byte?)state.Optional(latchedStatus);
        Gate = state.Bool(Gate);
        if (run != Run.Stopped && (count == 0 || countRegister == 0))
        {
            throw state.Wrong("has a counter that counts from 0");
        }
    }

    private static long RiseOfWave(long pulse, long start, int period) =>
        period < 2 ? Never : pulse < start ? start + period : start + ((pulse - start) / period + 1) * period;

    private static int HighPulses(int period) => (period + 1) / 2;

    private long Elapsed(long pulse) => run == Run.Paused ? pausedElapsed : pulse - loadedAt;

    /// <summary>The counting element as a number, 0 to 65535.</summary>
    private int Value(long pulse)
    {
        long elapsed = Elapsed(pulse);
        if (run == Run.Stopped || elapsed < 0)
        {
            return heldValue;
        }
        switch (mode)
        {
            case 2:
                return (int)((count - elapsed % count) % Modulus);
            case 3:
                // Counts by two through each half; an odd count is loaded less one, and its high half is one pulse longer.
                long position = elapsed % count;
                long inHalf = position < HighPulses(count) ? position : position - HighPulses(count);
                return (int)(((count & ~1) - 2 * inHalf) % Modulus);
            default:
                return (int)((count - elapsed % Modulus + Modulus) % Modulus);
        }
    }

    private int Encode(int value) =>
        bcd ? value % 10 | value / 10 % 10 << 4 | value / 100 % 10 << 8 | value / 1000 % 10 << 12 : value;

    private int Decode(int raw)
    {
        int value = bcd ? (raw & 15) + (raw >> 4 & 15) * 10 + (raw >> 8 & 15) * 100 + (raw >> 12) * 1000 : raw;
        // Nibbles above 9 are not defined; they stay inside the counter's range.
        value %= Modulus;
        return value == 0 ? Modulus : value;
    }

    private void SetCount(long pulse, int raw)
    {
        int value = Value(pulse);
        bool output = Out(pulse);
        countRegister = Decode(raw);
        hasCount = true;
        nullUntil = Never;
        switch (mode)
        {
            case 0 or 4:
                Load(pulse, value, output: mode != 0);
                if (!Gate)
                {
                    pausedElapsed = 0;
                    run = Run.Paused;
                }
                break;
            case 2 or 3 when run == Run.Counting && pulse >= loadedAt:
                switchAt = EndOfPart(pulse);
                nullUntil = switchAt;
                break;
            case 2 or 3 when Gate:
                Load(pulse, value, output: true);
                break;
            case 2 or 3:
                heldValue = countRegister % Modulus;
                heldOut = true;
                nullUntil = pulse + 1;
                break;
            case 1 or 5:
                // Loaded by the next trigger.
                heldOut = output;
                break;
        }
    }

    /// <summary>The count register goes into the counting element at the next clock pulse.</summary>
    private void Load(long pulse, int value, bool output)
    {
        heldValue = value;
        heldOut = output;
        count = countRegister;
        loadedAt = pulse + 1;
        nullUntil = loadedAt;
        switchAt = Never;
        run = Run.Counting;
    }

    /// <summary>Where the present cycle (mode 2) or half-cycle (mode 3) ends.</summary>
    private long EndOfPart(long pulse)
    {
        long position = (pulse - loadedAt) % count;
        long cycleStart = pulse - position;
        return mode == 3 && position < HighPulses(count) ? cycleStart + HighPulses(count) : cycleStart + count;
    }

    /// <summary>The wave from <see cref="switchAt"/> on: start of a (possibly earlier) high half, and period.</summary>
    private (long Start, int Period) AfterSwitch()
    {
        bool high = mode == 2 || (switchAt - loadedAt) % count == 0;
        return (high ? switchAt : switchAt - HighPulses(countRegister), countRegister);
    }

    private void Advance(long pulse)
    {
        if (pulse >= switchAt)
        {
            (loadedAt, count) = AfterSwitch();
            switchAt = Never;
        }
    }
}
