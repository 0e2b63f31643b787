using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Timers;

/// <summary>
/// High precision event timers (IA-PC HPET specification 1.0a) at FED00000: a 64-bit counter of 100 MHz and three comparators, with the
/// identity and clock of QEMU's. With LEG_RT_CNF timer 0 drives IRQ 0 instead of the 8254 and timer 1 IRQ 8 instead of the clock.
/// </summary>
/// <remarks>Otherwise a timer can be routed to IRQ 10 and 11, the board's level-triggered interrupts, which it shares with PCI.</remarks>
public sealed class Hpet : IMmioDevice, IStateful
{
    /// <summary>Where the registers lie.</summary>
    public const uint Address = 0xFED0_0000;

    /// <summary>The low half of the capability register: Intel, legacy replacement, 64 bits, three timers, revision 1.</summary>
    public const uint Identity = 0x8086_A201;

    private const int CapabilityRegister = 0x000, ConfigurationRegister = 0x010, StatusRegister = 0x020, CounterRegister = 0x0F0;
    private const int FirstTimer = 0x100, TimerStride = 0x20, TimerComparator = 0x08, RegistersEnd = 0x400;
    private const ulong Enable = 1, LegacyRouting = 2;
    private const int NsPerTick = 10;
    private const ulong FemtosecondsPerTick = NsPerTick * 1_000_000;

    // Edges of a shorter period are too close for a guest to tell them apart; some of them are one here.
    private const ulong ShortestPeriod = 100;
    private const uint Routable = 1 << 10 | 1 << 11;

    private readonly IScheduler scheduler;
    private readonly ITimer timer;
    private readonly IrqLine irq0, irq8;
    private readonly IrqLine?[] routes = new IrqLine?[32];
    private readonly HpetTimer[] timers = [new(), new(), new()];
    private ulong configuration, status;

    // While the counter runs it is counterBase plus the ticks since baseNs; matches were looked for up to seenCounter.
    private ulong counterBase, seenCounter;
    private long baseNs;

    /// <summary>Makes the timers, off.</summary>
    /// <param name="scheduler">Virtual time.</param>
    /// <param name="irq0">Interrupt 0, which the 8254 has through <see cref="PitLine"/>.</param>
    /// <param name="irq8">Interrupt 8, which the clock has through <see cref="RtcLine"/>.</param>
    /// <param name="newSource">Gives a wire of its own to interrupt 10 or 11.</param>
    public Hpet(IScheduler scheduler, IrqLine irq0, IrqLine irq8, Func<int, IrqLine> newSource)
    {
        this.scheduler = scheduler;
        this.irq0 = irq0;
        this.irq8 = irq8;
        for (int irq = 0; irq < routes.Length; irq++)
        {
            routes[irq] = (Routable >> irq & 1) != 0 ? newSource(irq) : null;
        }
        PitLine = new IrqLine(level => PassOn(irq0, level));
        RtcLine = new IrqLine(level => PassOn(irq8, level));
        timer = scheduler.CreateTimer("hpet", Update);
        Clear();
    }

    /// <summary>Where the 8254's interrupt goes.</summary>
    public IrqLine PitLine { get; }

    /// <summary>Where the real-time clock's interrupt goes.</summary>
    public IrqLine RtcLine { get; }

    private bool IsRunning => (configuration & Enable) != 0;

    private bool IsLegacy => (configuration & LegacyRouting) != 0;

    private ulong Counter => IsRunning ? counterBase + (ulong)(scheduler.NowNs / NsPerTick - baseNs / NsPerTick) : counterBase;

    /// <summary>Maps the registers.</summary>
    public void Wire(PhysicalMemory memory) =>
        memory.Map(new MemoryRegion("hpet", Address, PhysicalMemory.PageSize, MemoryKind.Mmio, 0, this, 0));

    /// <summary>State after power-on.</summary>
    public void Reset()
    {
        Clear();
        GiveBack();
        foreach (IrqLine? route in routes)
        {
            route?.Lower();
        }
    }

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        int register = (int)offset & ~7, shift = ((int)offset & 7) * 8;
        Update();
        return register < RegistersEnd ? ReadRegister(register) >> shift : 0;
    }

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        int register = (int)offset & ~7, shift = ((int)offset & 7) * 8;
        if (register >= RegistersEnd)
        {
            return;
        }
        Update();
        ulong mask = (size == 8 ? ulong.MaxValue : (1ul << (size * 8)) - 1) << shift;
        value = value << shift & mask;
        if (register == StatusRegister)
        {
            ClearStatus(value);
        }
        else
        {
            WriteRegister(register, (ReadRegister(register) & ~mask) | value);
        }
        Update();
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        configuration = state.UInt64(configuration);
        status = state.UInt64(status);
        counterBase = state.UInt64(counterBase);
        seenCounter = state.UInt64(seenCounter);
        baseNs = state.Int64(baseNs);
        foreach (HpetTimer each in timers)
        {
            each.Transfer(state);
        }
        state.Line(PitLine);
        state.Line(RtcLine);
        state.Line(irq0);
        state.Line(irq8);
        foreach (IrqLine? route in routes)
        {
            if (route is not null)
            {
                state.Line(route);
            }
        }
        state.Timer(timer);
    }

    private ulong ReadRegister(int register)
    {
        if (register >= FirstTimer && (register - FirstTimer) / TimerStride < timers.Length)
        {
            HpetTimer each = timers[(register - FirstTimer) / TimerStride];
            return ((register - FirstTimer) % TimerStride) switch
            {
                0 => each.Configuration | (ulong)Routable << 32,
                TimerComparator => each.Comparator,
                _ => 0,
            };
        }
        return register switch
        {
            CapabilityRegister => FemtosecondsPerTick << 32 | Identity,
            ConfigurationRegister => configuration,
            StatusRegister => status,
            CounterRegister => Counter,
            _ => 0,
        };
    }

    private void WriteRegister(int register, ulong value)
    {
        if (register >= FirstTimer && (register - FirstTimer) / TimerStride < timers.Length)
        {
            WriteTimer((register - FirstTimer) / TimerStride, (register - FirstTimer) % TimerStride, value);
        }
        else if (register == ConfigurationRegister)
        {
            WriteConfiguration(value & (Enable | LegacyRouting));
        }
        else if (register == CounterRegister && !IsRunning)
        {
            counterBase = seenCounter = value;
        }
    }

    private void WriteTimer(int n, int register, ulong value)
    {
        if (register == TimerComparator)
        {
            timers[n].WriteComparator(value);
        }
        else if (register == 0)
        {
            LineOf(n)?.Lower();
            timers[n].Configuration = value;
            DriveLevel(n);
        }
    }

    private void WriteConfiguration(ulong value)
    {
        ulong counter = Counter;
        bool wasLegacy = IsLegacy;
        for (int n = 0; n < timers.Length && ((value ^ configuration) & LegacyRouting) != 0; n++)
        {
            LineOf(n)?.Lower();
        }
        configuration = value;
        counterBase = seenCounter = counter;
        baseNs = scheduler.NowNs;
        if (wasLegacy && !IsLegacy)
        {
            GiveBack();
        }
        else if (IsLegacy && !wasLegacy)
        {
            irq0.Lower();
            irq8.Lower();
        }
        for (int n = 0; n < timers.Length; n++)
        {
            DriveLevel(n);
        }
    }

    private void ClearStatus(ulong bits)
    {
        status &= ~bits;
        for (int n = 0; n < timers.Length; n++)
        {
            DriveLevel(n);
        }
    }

    /// <summary>Looks for matches up to now, and arms the timer for the next.</summary>
    private void Update()
    {
        if (!IsRunning)
        {
            timer.Disarm();
            return;
        }
        ulong counter = Counter, next = ulong.MaxValue;
        for (int n = 0; n < timers.Length; n++)
        {
            if (timers[n].Pass(seenCounter, counter))
            {
                Match(n);
            }
            if (timers[n].IsEnabled)
            {
                ulong ticks = timers[n].TicksToMatch(counter);
                next = Math.Min(next, timers[n].IsPeriodic ? Math.Max(ticks, ShortestPeriod) : ticks);
            }
        }
        seenCounter = counter;
        long now = scheduler.NowNs / NsPerTick * NsPerTick;
        if (next < (ulong)(long.MaxValue - now) / NsPerTick)
        {
            // Reading a register changes nothing.
            long deadline = now + (long)next * NsPerTick;
            if (!timer.IsArmed || timer.DeadlineNs != deadline)
            {
                timer.Arm(deadline);
            }
        }
        else
        {
            timer.Disarm();
        }
    }

    private void Match(int n)
    {
        if (timers[n].IsLevel)
        {
            status |= 1ul << n;
            DriveLevel(n);
        }
        else if (timers[n].IsEnabled)
        {
            // The wire stays high until the next edge, as the 8254's does.
            LineOf(n)?.Lower();
            LineOf(n)?.Raise();
        }
    }

    private void DriveLevel(int n)
    {
        if (timers[n].IsLevel)
        {
            LineOf(n)?.Set(IsRunning && timers[n].IsEnabled && (status >> n & 1) != 0);
        }
    }

    private IrqLine? LineOf(int n) => (IsLegacy, n) switch
    {
        (true, 0) => irq0,
        (true, 1) => irq8,
        _ => routes[timers[n].Route],
    };

    private void PassOn(IrqLine line, bool level)
    {
        if (!IsLegacy)
        {
            line.Set(level);
        }
    }

    private void GiveBack()
    {
        irq0.Set(PitLine.Level);
        irq8.Set(RtcLine.Level);
    }

    private void Clear()
    {
        timer.Disarm();
        configuration = status = counterBase = seenCounter = 0;
        foreach (HpetTimer each in timers)
        {
            each.Reset();
        }
    }
}
