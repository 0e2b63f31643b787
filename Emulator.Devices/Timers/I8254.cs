using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Timers;

/// <summary>
/// 8254 programmable interval timer (Intel data sheet 231164), ports 40-43: counter 0 drives IRQ 0, counter 1 was for
/// memory refresh, counter 2 feeds the speaker and is gated and read through port 61.
/// </summary>
/// <remarks>
/// In modes 2 and 3 the IRQ 0 wire stays high between rising edges: an edge-triggered input cannot tell, and the wave's
/// falling edges need no events. Periods that were missed altogether (the host stalled) give one edge; phase is kept.
/// </remarks>
public sealed class I8254 : IPortDevice, IStateful
{
    private const int ControlOffset = 3, SpeakerCounter = 2;
    private const int ReadBack = 3;

    private readonly IScheduler scheduler;
    private readonly IrqLine irq0;
    private readonly ITimer timer;
    private readonly I8254Counter[] counters = [new(), new(), new()];
    private long nextRise = long.MaxValue;

    /// <summary>Makes the timer, as <see cref="Reset"/> leaves it.</summary>
    public I8254(IScheduler scheduler, IrqLine irq0)
    {
        this.scheduler = scheduler;
        this.irq0 = irq0;
        timer = scheduler.CreateTimer("pit-irq0", OnTimer);
        Reset();
    }

    /// <summary>Level of counter 2's OUT: the speaker's tone, bit 5 of port 61.</summary>
    public bool Out2 => counters[2].Out(Pulse);

    /// <summary>GATE of counter 2: bit 0 of port 61.</summary>
    public bool Gate2
    {
        get => counters[2].Gate;
        set
        {
            if (value != Gate2)
            {
                SpeakerChanging?.Invoke();
                counters[2].SetGate(Pulse, value);
            }
        }
    }

    /// <summary>Called before anything about counter 2 changes.</summary>
    public Action? SpeakerChanging { get; set; }

    /// <summary>The counters, for the monitor and the speaker.</summary>
    public IReadOnlyList<I8254Counter> Counters => counters;

    private long Pulse => PitClock.PulseAt(scheduler.NowNs);

    /// <summary>Maps all ports.</summary>
    public void Wire(PortBus bus) => bus.Map("pit", 0x40, 4, this);

    /// <summary>All counters in mode 3 with count 65536; GATE 2 low. The data sheet leaves this state undefined.</summary>
    public void Reset()
    {
        long pulse = Pulse;
        for (int i = 0; i < counters.Length; i++)
        {
            counters[i].Reset(pulse, gate: i != 2);
        }
        irq0.Set(counters[0].Out(pulse));
        Rearm(pulse);
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) =>
        offset == ControlOffset ? 0xFFu : counters[offset].Read(Pulse);

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (offset == SpeakerCounter || (offset == ControlOffset && value >> 6 == SpeakerCounter))
        {
            SpeakerChanging?.Invoke();
        }
        long pulse = Pulse;
        DeliverDue(pulse);
        bool before = counters[0].Out(pulse);
        if (offset == ControlOffset)
        {
            WriteControl(pulse, (int)value);
        }
        else
        {
            counters[offset].WriteCount(pulse, (byte)value);
        }
        bool after = counters[0].Out(pulse);
        if (after && !before)
        {
            Edge();
        }
        else if (!after && counters[0].Mode == 0)
        {
            irq0.Lower();
        }
        Rearm(pulse);
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        foreach (I8254Counter counter in counters)
        {
            counter.Transfer(state);
        }
        nextRise = state.Int64(nextRise);
        state.Line(irq0);
        state.Timer(timer);
    }

    private void WriteControl(long pulse, int value)
    {
        int select = value >> 6 & 3, readWrite = value >> 4 & 3;
        if (select == ReadBack)
        {
            // Bits 5 and 4 are active low: latch count, latch status. Bits 3-1 choose counters.
            for (int i = 0; i < counters.Length; i++)
            {
                if ((value >> (i + 1) & 1) == 0)
                {
                    continue;
                }
                if ((value & 0x20) == 0)
                {
                    counters[i].LatchCount(pulse);
                }
                if ((value & 0x10) == 0)
                {
                    counters[i].LatchStatus(pulse);
                }
            }
        }
        else if (readWrite == 0)
        {
            counters[select].LatchCount(pulse);
        }
        else
        {
            counters[select].WriteControl(pulse, readWrite, value >> 1 & 7, (value & 1) != 0);
        }
    }

    private void OnTimer()
    {
        long pulse = Pulse;
        DeliverDue(pulse);
        Rearm(pulse);
    }

    private void DeliverDue(long pulse)
    {
        if (pulse >= nextRise)
        {
            nextRise = long.MaxValue;
            Edge();
        }
    }

    private void Edge()
    {
        irq0.Lower();
        irq0.Raise();
    }

    private void Rearm(long pulse)
    {
        nextRise = counters[0].NextRise(pulse);
        if (nextRise == long.MaxValue)
        {
            timer.Disarm();
        }
        else
        {
            timer.Arm(PitClock.TimeOf(nextRise));
        }
    }
}
