using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Serial;

/// <summary>
/// 16550A UART with 16-byte FIFOs (National Semiconductor PC16550D data sheet). Output goes to the host at once, so the
/// transmitter is empty again, unless the host is behind: then it stays full until the host has caught up, as on a slow line. Input is taken only as
/// far as there is room, so none is ever lost.
/// </summary>
/// <remarks>OUT2 does not gate the interrupt as a PC's adapter card does: many small systems never set it.</remarks>
public sealed class Uart16550A : IPortDevice, ICharReceiver, ICharEventReceiver, IStateful
{
    private const int Data = 0, Ier = 1, IirFcr = 2, Lcr = 3, Mcr = 4, Lsr = 5, Msr = 6;
    private const int FifoSize = 16;

    private const byte IerReceived = 0x01, IerTransmitter = 0x02, IerLine = 0x04, IerModem = 0x08;
    private const byte FcrEnable = 0x01, FcrClearReceiver = 0x02;
    private const byte LcrDlab = 0x80;
    private const byte McrLoop = 0x10;
    private const byte LsrDataReady = 0x01, LsrOverrun = 0x02, LsrBreak = 0x10, LsrTransmitterEmpty = 0x60, LsrFifoError = 0x80;
    private const byte MsrCts = 0x10, MsrDsr = 0x20, MsrRing = 0x40, MsrCarrier = 0x80, MsrTrailingRing = 0x04;
    private const byte IirNone = 0x01, IirModem = 0x00, IirTransmitter = 0x02, IirReceived = 0x04, IirLine = 0x06, IirTimeout = 0x0C;

    /// <summary>Baud rate clock of a PC in bits per second at divisor 1.</summary>
    private const long BaudBase = 115200;

    private static readonly byte[] TriggerLevels = [1, 4, 8, 14];

    private readonly IrqLine irq;
    private readonly IScheduler scheduler;
    private readonly ICharBackend? backend;
    private readonly ITimer timeout;
    private readonly Queue<(byte Data, byte Errors)> receiver = new(FifoSize);

    private byte ier, fcr, lcr, mcr, scratch, lastData, msr;
    private byte lineErrors;
    private int charactersWithErrors;
    private ushort divisor;
    private bool transmitterInterrupt, timedOut;

    // Bytes that the guest has sent since the host is behind; 0 while it is not.
    private int held;

    /// <summary>Makes a UART and becomes the receiver of <paramref name="backend"/>.</summary>
    /// <param name="scheduler">For the receiver's timeout.</param>
    /// <param name="irq">Interrupt output.</param>
    /// <param name="backend">The host's end, or null for a line with nothing on it.</param>
    public Uart16550A(IScheduler scheduler, IrqLine irq, ICharBackend? backend)
    {
        this.scheduler = scheduler;
        this.irq = irq;
        this.backend = backend;
        timeout = scheduler.CreateTimer("uart-timeout", OnTimeout);
        ClearRegisters();
        if (backend is not null)
        {
            backend.Receiver = this;
        }
    }

    /// <inheritdoc/>
    public int Room => (mcr & McrLoop) != 0 ? 0 : Capacity - receiver.Count;

    private int Capacity => (fcr & FcrEnable) != 0 ? FifoSize : 1;

    private int Trigger => (fcr & FcrEnable) != 0 ? TriggerLevels[fcr >> 6] : 1;

    private byte ModemInputs =>
        (mcr & McrLoop) == 0
            ? (byte)(backend is null ? 0 : MsrCts | MsrDsr | MsrCarrier)
            // Looped back: DTR, RTS, OUT1, OUT2 come in as DSR, CTS, RI, DCD.
            : (byte)((mcr & 1) << 5 | (mcr & 2) << 3 | (mcr & 4) << 4 | (mcr & 8) << 4);

    /// <summary>Maps eight ports from <paramref name="firstPort"/> (3F8, 2F8, 3E8, 2E8).</summary>
    public void Wire(PortBus bus, int firstPort, string name = "serial") => bus.Map(name, firstPort, 8, this);

    /// <summary>Master reset (data sheet, table "Reset functions").</summary>
    public void Reset()
    {
        ClearRegisters();
        backend?.AcceptInput();
    }

    private void ClearRegisters()
    {
        ClearReceiver();
        ier = fcr = lcr = mcr = scratch = lastData = lineErrors = 0;
        divisor = 12;
        transmitterInterrupt = timedOut = false;
        held = 0;
        timeout.Disarm();
        msr = ModemInputs;
        UpdateIrq();
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> data)
    {
        foreach (byte item in data)
        {
            Accept(item, errors: 0);
        }
        Received();
    }

    /// <summary>The host sends a break: a zero byte with the break flag.</summary>
    public void ReceiveBreak()
    {
        Accept(0, LsrBreak);
        Received();
    }

    /// <inheritdoc/>
    public void OnCharEvent(CharEvent e)
    {
        if (e == CharEvent.Break)
        {
            ReceiveBreak();
        }
        else if (held > 0 && backend is { CanSend: true })
        {
            held = 0;
            transmitterInterrupt = true;
            UpdateIrq();
        }
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        switch (offset)
        {
            case Data when (lcr & LcrDlab) != 0:
                return (byte)divisor;
            case Data:
                return ReadData();
            case Ier when (lcr & LcrDlab) != 0:
                return (uint)divisor >> 8;
            case Ier:
                return ier;
            case IirFcr:
                byte cause = Cause();
                if (cause == IirTransmitter)
                {
                    transmitterInterrupt = false;
                    UpdateIrq();
                }
                return (uint)(cause | ((fcr & FcrEnable) != 0 ? 0xC0 : 0));
            case Lcr:
                return lcr;
            case Mcr:
                return mcr;
            case Lsr:
                byte status = LineStatus();
                lineErrors = 0;
                if (receiver.TryPeek(out var top) && top.Errors != 0)
                {
                    ClearTopErrors();
                }
                UpdateIrq();
                return status;
            case Msr:
                uint modem = msr;
                msr &= 0xF0;
                UpdateIrq();
                return modem;
            default:
                return scratch;
        }
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        switch (offset)
        {
            case Data when (lcr & LcrDlab) != 0:
                divisor = (ushort)((divisor & 0xFF00) | data);
                break;
            case Data:
                Transmit(data);
                break;
            case Ier when (lcr & LcrDlab) != 0:
                divisor = (ushort)((divisor & 0x00FF) | data << 8);
                break;
            case Ier:
                // Enabling the transmitter interrupt while the transmitter is empty asks for one at once.
                transmitterInterrupt |= (data & ~ier & IerTransmitter) != 0 && held == 0;
                ier = (byte)(data & 0x0F);
                break;
            case IirFcr:
                WriteFcr(data);
                break;
            case Lcr:
                lcr = data;
                break;
            case Mcr:
                bool wasLooped = (mcr & McrLoop) != 0;
                mcr = (byte)(data & 0x1F);
                UpdateModem();
                if (wasLooped && (mcr & McrLoop) == 0)
                {
                    backend?.AcceptInput();
                }
                break;
            case Lsr or Msr:
                break;
            default:
                scratch = data;
                break;
        }
        UpdateIrq();
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        ier = state.Byte(ier);
        fcr = state.Byte(fcr);
        lcr = state.Byte(lcr);
        mcr = state.Byte(mcr);
        scratch = state.Byte(scratch);
        lastData = state.Byte(lastData);
        msr = state.Byte(msr);
        lineErrors = state.Byte(lineErrors);
        charactersWithErrors = state.Int32(charactersWithErrors, 0, FifoSize);
        divisor = state.UInt16(divisor);
        // Where it is loaded the host is not behind.
        transmitterInterrupt = state.Bool(transmitterInterrupt || held > 0);
        held = state.IsLoading ? 0 : held;
        timedOut = state.Bool(timedOut);
        state.Items(receiver, FifoSize, item => (state.Byte(item.Data), state.Byte(item.Errors)));
        state.Line(irq);
        state.Timer(timeout);
    }

    private uint ReadData()
    {
        if (!receiver.TryDequeue(out var item))
        {
            return lastData;
        }
        lastData = item.Data;
        // An error that LSR was not asked about goes with its character, but stays visible until LSR is read.
        lineErrors |= item.Errors;
        charactersWithErrors -= item.Errors != 0 ? 1 : 0;
        timedOut = false;
        ArmTimeout();
        UpdateIrq();
        if (receiver.Count == 0)
        {
            backend?.AcceptInput();
        }
        return lastData;
    }

    private void Transmit(byte data)
    {
        // The line falls while the byte is in the holding register, and the edge after it is the next interrupt.
        transmitterInterrupt = false;
        UpdateIrq();
        if ((mcr & McrLoop) != 0)
        {
            Accept(data, errors: 0);
            Received();
        }
        // More than its FIFO holds is lost, as in a real transmitter.
        else if (backend is not null && held < Capacity)
        {
            Span<byte> one = [data];
            backend.Send(one);
            held = backend.CanSend ? 0 : held + 1;
        }
        transmitterInterrupt = held == 0;
    }

    private void WriteFcr(byte data)
    {
        bool toggles = ((data ^ fcr) & FcrEnable) != 0;
        fcr = (data & FcrEnable) != 0 ? (byte)(data & 0xC9) : (byte)0;
        if (toggles || (data & FcrClearReceiver) != 0)
        {
            ClearReceiver();
            timedOut = false;
            timeout.Disarm();
            backend?.AcceptInput();
        }
        ArmTimeout();
    }

    private void Accept(byte data, byte errors)
    {
        if (receiver.Count >= Capacity)
        {
            // Only looped-back bytes and breaks come here: hosts keep to Room.
            lineErrors |= LsrOverrun;
            if (Capacity > 1)
            {
                return;
            }
            ClearReceiver();
        }
        receiver.Enqueue((data, errors));
        charactersWithErrors += errors != 0 ? 1 : 0;
    }

    private void Received()
    {
        timedOut = false;
        ArmTimeout();
        UpdateIrq();
    }

    /// <summary>The receiver's timeout: four character times with data in the FIFO and none coming or going.</summary>
    private void ArmTimeout()
    {
        if ((fcr & FcrEnable) == 0 || receiver.Count == 0 || receiver.Count >= Trigger)
        {
            timeout.Disarm();
            return;
        }
        int bits = 1 + 5 + (lcr & 3) + ((lcr & 8) != 0 ? 1 : 0) + ((lcr & 4) != 0 ? 2 : 1);
        timeout.Arm(scheduler.NowNs + 4 * bits * Math.Max((long)divisor, 1) * 1_000_000_000 / BaudBase);
    }

    private void OnTimeout()
    {
        timedOut = true;
        UpdateIrq();
    }

    private void UpdateModem()
    {
        byte inputs = ModemInputs;
        int changed = (inputs ^ msr) & 0xF0;
        int deltas = changed >> 4 & ~MsrTrailingRing;
        if ((changed & MsrRing) != 0 && (inputs & MsrRing) == 0)
        {
            // RI counts only its trailing edge.
            deltas |= MsrTrailingRing;
        }
        msr = (byte)(inputs | (msr & 0x0F) | deltas);
    }

    private byte LineStatus()
    {
        int status = (held > 0 ? 0 : LsrTransmitterEmpty) | lineErrors;
        if (receiver.TryPeek(out var top))
        {
            status |= LsrDataReady | top.Errors;
        }
        if ((fcr & FcrEnable) != 0 && charactersWithErrors != 0)
        {
            status |= LsrFifoError;
        }
        return (byte)status;
    }

    private void ClearReceiver()
    {
        receiver.Clear();
        charactersWithErrors = 0;
    }

    /// <summary>LSR was read: the flags of the character at the top have been seen.</summary>
    private void ClearTopErrors()
    {
        int count = receiver.Count;
        receiver.Enqueue((receiver.Dequeue().Data, 0));
        for (int i = 1; i < count; i++)
        {
            receiver.Enqueue(receiver.Dequeue());
        }
        charactersWithErrors--;
    }

    /// <summary>The cause of highest priority (data sheet, "Interrupt Identification Register").</summary>
    private byte Cause()
    {
        if ((ier & IerLine) != 0 && (lineErrors != 0 || (receiver.TryPeek(out var top) && top.Errors != 0)))
        {
            return IirLine;
        }
        if ((ier & IerReceived) != 0 && receiver.Count >= Trigger)
        {
            return IirReceived;
        }
        if ((ier & IerReceived) != 0 && timedOut)
        {
            return IirTimeout;
        }
        if ((ier & IerTransmitter) != 0 && transmitterInterrupt)
        {
            return IirTransmitter;
        }
        return (ier & IerModem) != 0 && (msr & 0x0F) != 0 ? IirModem : IirNone;
    }

    private void UpdateIrq() => irq.Set(Cause() != IirNone);
}
