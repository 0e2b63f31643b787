using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Timers;

/// <summary>
/// MC146818 real-time clock with 128 bytes of battery-backed memory (Motorola data sheet ADI-856), ports 70 (index, bit 7
/// masks NMI) and 71 (data). Byte 32 is the century, as on PCs. The time follows from the clock; flags that nobody
/// enabled are worked out when register C is read, and timers run only for enabled interrupts.
/// </summary>
/// <remarks>The daylight-saving bit (DSE) is stored and has no effect, as on later chips.</remarks>
public sealed class Mc146818 : IPortDevice, IStateful
{
    private const int RegA = 0x0A, RegB = 0x0B, RegC = 0x0C, RegD = 0x0D, Century = 0x32;
    private const byte Uip = 0x80, DividerMask = 0x70, DividerRuns = 0x20, RateMask = 0x0F;
    private const byte Set = 0x80, Pie = 0x40, Aie = 0x20, Uie = 0x10, Sqwe = 0x08, Dm = 0x04, Hour24 = 0x02;
    private const byte Irqf = 0x80, Pf = 0x40, Af = 0x20, Uf = 0x10;
    private const byte Vrt = 0x80;
    private const byte DontCare = 0xC0;

    private const long NsPerSecond = 1_000_000_000;

    // UIP leads an update by 244 us and stays for the 1984 us that it takes (data sheet, "Update cycle").
    private const long UipNs = 244_000 + 1_984_000;

    private static readonly DateTime LatestTime = new(9998, 12, 31, 23, 59, 59, DateTimeKind.Utc);

    private readonly IScheduler scheduler;
    private readonly IrqLine irq8;
    private readonly ITimer timer;
    private readonly byte[] ram = new byte[128];

    private int index;
    private bool nmiMasked;
    private byte flags;

    // The time was `time` when the clock's second number `baseSecond` began. Second n begins at phaseNs + n seconds.
    private DateTime time;
    private long baseSecond;
    private long phaseNs;
    private int weekdayShift;

    // Everything up to this time (ns) has set its flags.
    private long flaggedUntil;

    /// <summary>Makes the clock, running, in BCD and 24-hour mode.</summary>
    /// <param name="scheduler">Virtual time.</param>
    /// <param name="irq8">Interrupt output.</param>
    /// <param name="startUtc">What the clock shows at virtual time 0.</param>
    public Mc146818(IScheduler scheduler, IrqLine irq8, DateTime startUtc)
    {
        this.scheduler = scheduler;
        this.irq8 = irq8;
        timer = scheduler.CreateTimer("rtc", OnTimer);
        time = startUtc.AddTicks(-(startUtc.Ticks % TimeSpan.TicksPerSecond));
        phaseNs = -(startUtc - time).Ticks * 100;
        flaggedUntil = scheduler.NowNs;
        ram[RegA] = DividerRuns | 6;
        ram[RegB] = Hour24;
        WriteTimeRegisters();
    }

    /// <summary>A byte of the battery-backed memory (0E-7F), for the board to set what a BIOS's set-up would have.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not 0E-7F.</exception>
    public byte this[int address]
    {
        get => ram[CheckAddress(address)];
        set => ram[CheckAddress(address)] = value;
    }

    /// <summary>True while bit 7 of port 70 keeps NMI from the processor.</summary>
    public bool NmiMasked => nmiMasked;

    /// <summary>What the clock shows now.</summary>
    public DateTime Now => IsRunning ? time.AddSeconds(SecondAt(scheduler.NowNs) - baseSecond) : time;

    private bool IsRunning => (ram[RegB] & Set) == 0 && DividerOn;

    private bool DividerOn => (ram[RegA] & DividerMask) == DividerRuns;

    /// <summary>Maps all ports.</summary>
    public void Wire(PortBus bus) => bus.Map("rtc", 0x70, 2, this);

    /// <summary>The RESET pin: interrupts are disabled and flags cleared; time and memory stay (data sheet, "RESET").</summary>
    public void Reset()
    {
        index = 0;
        nmiMasked = false;
        ram[RegB] &= unchecked((byte)~(Pie | Aie | Uie | Sqwe));
        flags = 0;
        flaggedUntil = scheduler.NowNs;
        UpdateIrq();
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (offset == 0)
        {
            return (uint)(index | (nmiMasked ? 0x80 : 0));
        }
        switch (index)
        {
            case <= 9 or Century:
                if (IsRunning)
                {
                    WriteTimeRegisters();
                }
                return ram[index];
            case RegA:
                return (uint)(ram[RegA] | (UpdateInProgress ? Uip : 0));
            case RegC:
                return ReadFlags();
            case RegD:
                return Vrt;
            default:
                return ram[index];
        }
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (offset == 0)
        {
            index = (int)(value & 0x7F);
            nmiMasked = (value & 0x80) != 0;
            return;
        }
        byte data = (byte)value;
        switch (index)
        {
            case 1 or 3 or 5:
                CollectFlags();
                ram[index] = data;
                UpdateIrq();
                break;
            case <= 9 or Century:
                CollectFlags();
                WriteTime(data);
                UpdateIrq();
                break;
            case RegA:
                WriteA(data);
                break;
            case RegB:
                WriteB(data);
                break;
            case RegC or RegD:
                break;
            default:
                ram[index] = data;
                break;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        state.Bytes(ram);
        index = state.Int32(index, 0, 0x7F);
        nmiMasked = state.Bool(nmiMasked);
        flags = state.Byte(flags);
        time = new DateTime(state.Int64(time.Ticks, 0, LatestTime.Ticks), DateTimeKind.Utc);
        baseSecond = state.Int64(baseSecond);
        phaseNs = state.Int64(phaseNs);
        weekdayShift = state.Int32(weekdayShift, 0, 6);
        flaggedUntil = state.Int64(flaggedUntil);
        state.Line(irq8);
        state.Timer(timer);
    }

    private static int CheckAddress(int address)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(address, RegD + 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address, 0x7F);
        return address;
    }

    private bool UpdateInProgress => IsRunning && NsIntoSecond(scheduler.NowNs) >= NsPerSecond - UipNs;

    private long SecondAt(long ns) => (ns - phaseNs - NsIntoSecond(ns)) / NsPerSecond;

    private long NsIntoSecond(long ns)
    {
        long rest = (ns - phaseNs) % NsPerSecond;
        return rest < 0 ? rest + NsPerSecond : rest;
    }

    private void WriteTime(byte data)
    {
        if (!IsRunning)
        {
            ram[index] = data;
            return;
        }
        WriteTimeRegisters();
        ram[index] = data;
        ReadTimeRegisters();
    }

    private void WriteA(byte data)
    {
        CollectFlags();
        bool wasOn = DividerOn, wasRunning = IsRunning;
        HoldTime();
        ram[RegA] = (byte)(data & ~Uip);
        if (DividerOn && !wasOn)
        {
            // The first update comes half a second after the divider is let go (data sheet, "Divider control").
            phaseNs = scheduler.NowNs - NsPerSecond / 2;
        }
        Retime(wasRunning);
    }

    private void WriteB(byte data)
    {
        CollectFlags();
        bool wasRunning = IsRunning;
        HoldTime();
        // SET clears UIE (data sheet, register B).
        ram[RegB] = (data & Set) != 0 ? (byte)(data & ~Uie) : data;
        Retime(wasRunning);
    }

    /// <summary>Before a change of registers A or B, which may stop the clock.</summary>
    private void HoldTime()
    {
        if (IsRunning)
        {
            time = Now;
            baseSecond = SecondAt(scheduler.NowNs);
            WriteTimeRegisters();
        }
    }

    /// <summary>After a change of registers A or B: a clock that starts takes its time from the registers.</summary>
    private void Retime(bool wasRunning)
    {
        if (IsRunning && !wasRunning)
        {
            ReadTimeRegisters();
        }
        else if (IsRunning)
        {
            // A change of DM or 24/12 does not convert what is there on the chip; here the time stays right instead.
            WriteTimeRegisters();
        }
        UpdateIrq();
    }

    private byte ReadFlags()
    {
        CollectFlags();
        byte value = flags;
        if ((value & ram[RegB] & (Pie | Aie | Uie)) != 0)
        {
            value |= Irqf;
        }
        flags = 0;
        UpdateIrq();
        return value;
    }

    private void OnTimer()
    {
        CollectFlags();
        UpdateIrq();
    }

    /// <summary>Sets the flags of all that happened since the last call.</summary>
    private void CollectFlags()
    {
        long now = scheduler.NowNs;
        if (NextPeriodic(flaggedUntil) <= now)
        {
            flags |= Pf;
        }
        if (NextUpdate(flaggedUntil) <= now)
        {
            flags |= Uf;
        }
        if ((flags & Af) == 0 && NextAlarm(flaggedUntil) <= now)
        {
            flags |= Af;
        }
        flaggedUntil = now;
    }

    /// <summary>Drives IRQ 8 and arms the timer for the first enabled cause whose flag is not up yet.</summary>
    private void UpdateIrq()
    {
        irq8.Set((flags & ram[RegB] & (Pie | Aie | Uie)) != 0);
        long now = scheduler.NowNs;
        int awaited = ram[RegB] & ~flags;
        long next = long.MaxValue;
        if ((awaited & Pie) != 0)
        {
            next = Math.Min(next, NextPeriodic(now));
        }
        if ((awaited & Uie) != 0)
        {
            next = Math.Min(next, NextUpdate(now));
        }
        if ((awaited & Aie) != 0)
        {
            next = Math.Min(next, NextAlarm(now));
        }
        if (next == long.MaxValue)
        {
            timer.Disarm();
        }
        else
        {
            timer.Arm(next);
        }
    }

    /// <summary>First time after <paramref name="ns"/> at which the periodic tap falls; its period divides a second.</summary>
    private long NextPeriodic(long ns)
    {
        int rate = ram[RegA] & RateMask;
        if (rate == 0 || !DividerOn)
        {
            return long.MaxValue;
        }
        int shift = rate <= 2 ? rate + 6 : rate - 1;
        long into = NsIntoSecond(ns);
        long passed = into * 32768 / NsPerSecond >> shift;
        return ns - into + (((passed + 1) << shift) * NsPerSecond + 32767) / 32768;
    }

    private long NextUpdate(long ns) => IsRunning ? ns - NsIntoSecond(ns) + NsPerSecond : long.MaxValue;

    /// <summary>First update after <paramref name="ns"/> whose time matches the alarm bytes; at most a day away.</summary>
    private long NextAlarm(long ns)
    {
        if (!IsRunning)
        {
            return long.MaxValue;
        }
        long start = SecondAt(ns) + 1;
        int first = (int)(time.AddSeconds(start - baseSecond).TimeOfDay.Ticks / TimeSpan.TicksPerSecond);
        for (int wait = 0; wait < 86400;)
        {
            int now = (first + wait) % 86400;
            if (!Matches(ram[5], now / 3600, DecodeHour))
            {
                wait += 3600 - now % 3600;
            }
            else if (!Matches(ram[3], now / 60 % 60, Decode))
            {
                wait += 60 - now % 60;
            }
            else if (!Matches(ram[1], now % 60, Decode))
            {
                wait++;
            }
            else
            {
                return phaseNs + (start + wait) * NsPerSecond;
            }
        }
        return long.MaxValue;
    }

    private static bool Matches(byte alarm, int value, Func<byte, int> decode) =>
        (alarm & DontCare) == DontCare || decode(alarm) == value;

    private byte Encode(int value) => (byte)((ram[RegB] & Dm) != 0 ? value : value / 10 << 4 | value % 10);

    private int Decode(byte data) => (ram[RegB] & Dm) != 0 ? data : (data >> 4) * 10 + (data & 15);

    private byte EncodeHour(int hour)
    {
        if ((ram[RegB] & Hour24) != 0)
        {
            return Encode(hour);
        }
        byte twelve = Encode(hour % 12 == 0 ? 12 : hour % 12);
        return hour >= 12 ? (byte)(twelve | 0x80) : twelve;
    }

    private int DecodeHour(byte data)
    {
        if ((ram[RegB] & Hour24) != 0)
        {
            return Decode(data);
        }
        return Decode((byte)(data & 0x7F)) % 12 + ((data & 0x80) != 0 ? 12 : 0);
    }

    private void WriteTimeRegisters()
    {
        DateTime now = Now;
        ram[0] = Encode(now.Second);
        ram[2] = Encode(now.Minute);
        ram[4] = EncodeHour(now.Hour);
        ram[6] = Encode(((int)now.DayOfWeek + weekdayShift) % 7 + 1);
        ram[7] = Encode(now.Day);
        ram[8] = Encode(now.Month);
        ram[9] = Encode(now.Year % 100);
        ram[Century] = Encode(now.Year / 100);
    }

    /// <summary>The registers become the time. What no calendar has is brought to the nearest date that one has.</summary>
    private void ReadTimeRegisters()
    {
        int year = Math.Clamp(Decode(ram[Century]) * 100 + Decode(ram[9]), 1, 9998);
        int month = Math.Clamp(Decode(ram[8]), 1, 12);
        int day = Math.Clamp(Decode(ram[7]), 1, DateTime.DaysInMonth(year, month));
        time = new DateTime(
            year,
            month,
            day,
            Math.Min(DecodeHour(ram[4]), 23),
            Math.Min(Decode(ram[2]), 59),
            Math.Min(Decode(ram[0]), 59),
            DateTimeKind.Utc);
        baseSecond = SecondAt(scheduler.NowNs);
        weekdayShift = (Math.Clamp(Decode(ram[6]), 1, 7) - 1 - (int)time.DayOfWeek + 7) % 7;
    }
}
