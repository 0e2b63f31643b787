using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Parallel;

/// <summary>
/// A printer port (IBM PC/AT Technical Reference, "Serial/Parallel Adapter": Parallel Interface; IEEE 1284 compatibility mode) with a printer on it
/// that is ready while its host takes bytes: each byte goes to the host at the leading edge of STROBE, and is acknowledged 5 us after its trailing edge.
/// </summary>
public sealed class ParallelPort : IPortDevice, IStateful
{
    /// <summary>Time from the end of STROBE to the end of ACK.</summary>
    public const long AcknowledgeNs = 5_000;

    private const int Data = 0, Status = 1, Control = 2;
    private const byte NotBusy = 0x80, NotAcknowledge = 0x40, Selected = 0x10, NotError = 0x08, UnusedStatus = 0x07;
    private const byte Strobe = 0x01, NotInitialize = 0x04, InterruptEnable = 0x10, Input = 0x20, UnusedControl = 0xC0, WritableControl = 0x3F;
    private const byte AfterReset = 0x0C;

    private readonly IScheduler scheduler;
    private readonly IrqLine irq;
    private readonly ICharBackend printer;
    private readonly ITimer acknowledge;
    private byte data, control;

    /// <summary>Makes a port.</summary>
    /// <param name="scheduler">For the printer's acknowledgement.</param>
    /// <param name="irq">Interrupt output: a pulse at the end of ACK.</param>
    /// <param name="printer">Gets what is printed.</param>
    public ParallelPort(IScheduler scheduler, IrqLine irq, ICharBackend printer)
    {
        this.scheduler = scheduler;
        this.irq = irq;
        this.printer = printer;
        acknowledge = scheduler.CreateTimer("parallel-ack", OnAcknowledged);
        Reset();
    }

    /// <summary>Maps three ports from <paramref name="firstPort"/> (378, 278).</summary>
    public void Wire(PortBus bus, int firstPort, string name = "parallel") => bus.Map(name, firstPort, 3, this);

    /// <summary>Power-on state.</summary>
    public void Reset()
    {
        data = 0;
        control = AfterReset;
        acknowledge.Disarm();
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => offset switch
    {
        // Turned around, nothing drives the lines.
        Data => (control & Input) != 0 ? 0xFFu : data,
        Status => (uint)(Selected | NotError | UnusedStatus | (IsTaking ? 0 : NotBusy) | (acknowledge.IsArmed ? 0 : NotAcknowledge)),
        _ => (uint)(control | UnusedControl),
    };

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        switch (offset)
        {
            case Data:
                data = (byte)value;
                break;
            case Control:
                WriteControl((byte)(value & WritableControl));
                break;
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        data = state.Byte(data);
        control = state.Byte(control);
        state.Line(irq);
        state.Timer(acknowledge);
    }

    private bool IsTaking => (control & Strobe) != 0 || acknowledge.IsArmed || !printer.CanSend;

    private void WriteControl(byte value)
    {
        byte changed = (byte)(value ^ control);
        control = value;
        if ((value & NotInitialize) == 0)
        {
            // The printer forgets the byte under way.
            acknowledge.Disarm();
            return;
        }
        if ((changed & Strobe) == 0)
        {
            return;
        }
        if ((value & Strobe) != 0)
        {
            Span<byte> character = [data];
            printer.Send(character);
        }
        else
        {
            acknowledge.Arm(scheduler.NowNs + AcknowledgeNs);
        }
    }

    private void OnAcknowledged()
    {
        if ((control & InterruptEnable) != 0)
        {
            irq.Pulse();
        }
    }
}
