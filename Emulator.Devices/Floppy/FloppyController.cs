using Emulator.Core.Bus;
using Emulator.Core.Time;
using Emulator.Devices.Dma;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Floppy;

/// <summary>
/// Intel 82077AA floppy controller in PC-AT mode: ports 3F0 to 3F5 and 3F7, IRQ 6, DMA channel 2 (82077AA data sheet, sections 2 to 6).
/// Data move by DMA or, when SPECIFY says so, through the data register. Sectors carry 512 bytes and normal data marks.
/// </summary>
public sealed partial class FloppyController : IPortDevice
{
    /// <summary>Virtual time that a command, a seek or the reset takes, ns.</summary>
    public const long CommandDelayNs = 20_000;

    private const int StatusA = 0, StatusB = 1, DigitalOutput = 2, TapeDrive = 3, MainStatus = 4, Data = 5, DigitalInput = 7;

    // DOR
    private const byte NotReset = 0x04, DmaGate = 0x08;

    // DSR
    private const byte SoftwareReset = 0x80;

    // MSR
    private const byte Rqm = 0x80, Dio = 0x40, NonDma = 0x20, CommandBusy = 0x10;

    private readonly IScheduler scheduler;
    private readonly IrqLine irq;
    private readonly IDmaChannel dma;
    private readonly ITimer timer;
    private readonly FloppyDrive?[] drives = new FloppyDrive?[4];
    private readonly byte[] command = new byte[9];
    private readonly byte[] result = new byte[10];
    private Pending next;
    private Phase phase;
    private int commandCount, commandLength, resultAt, resultCount;
    private byte dor, dataRate, tapeDrive, busyDrives;
    private bool interrupt;

    /// <summary>Makes a controller without drives.</summary>
    public FloppyController(IScheduler scheduler, IrqLine irq, IDmaChannel dma)
    {
        this.scheduler = scheduler;
        this.irq = irq;
        this.dma = dma;
        timer = scheduler.CreateTimer("floppy", OnTimer);
        Reset();
    }

    private enum Phase
    {
        Idle,
        Command,
        Execution,
        ExecutionRead,
        ExecutionWrite,
        Result,
    }

    // What the timer does when it fires.
    private enum Pending
    {
        None,
        LeaveReset,
        Seek,
        RelativeSeek,
        Recalibrate,
        ReadId,
        StartSector,
        BeginSectors,
    }

    /// <summary>Drive 0 (A) to 3, or null.</summary>
    public FloppyDrive? this[int index] => drives[index];

    /// <summary>Puts a drive on the cable.</summary>
    public void Attach(int index, FloppyDrive drive) => drives[index] = drive;

    /// <summary>Claims the controller's ports; 3F6 between them belongs to the hard disk.</summary>
    public void Wire(PortBus ports)
    {
        ports.Map("floppy", 0x3F0, 6, this);
        ports.Map("floppy DIR", 0x3F7, 1, this, offset: DigitalInput);
    }

    /// <summary>Hardware reset: the controller is held in reset until the guest writes DOR.</summary>
    public void Reset()
    {
        dor = 0;
        dataRate = 2;
        tapeDrive = 0;
        locked = false;
        nonDma = false;
        specify1 = specify2 = 0;
        perpendicular = 0;
        Array.Clear(presentCylinder);
        ResetController();
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size) => offset switch
    {
        // The status registers A and B, and DIR bits 6:0, are not driven in PC-AT mode.
        StatusA or StatusB => 0xFF,
        DigitalOutput => dor,
        TapeDrive => tapeDrive,
        MainStatus => MainStatusByte,
        Data => ReadData(),
        DigitalInput => (byte)(drives[dor & 3] is { DiskChanged: false } ? 0x00 : 0x80),
        _ => 0xFF,
    };

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        switch (offset)
        {
            case DigitalOutput:
                WriteDigitalOutput((byte)value);
                break;
            case TapeDrive:
                tapeDrive = (byte)(value & 3);
                break;
            case MainStatus: // DSR
                dataRate = (byte)(value & 3);
                if ((value & SoftwareReset) != 0)
                {
                    ResetController();
                    LeaveReset();
                }
                break;
            case Data:
                WriteData((byte)value);
                break;
            case DigitalInput: // CCR
                dataRate = (byte)(value & 3);
                break;
        }
    }

    private byte MainStatusByte
    {
        get
        {
            if ((dor & NotReset) == 0)
            {
                return 0;
            }
            byte phaseBits = phase switch
            {
                Phase.Idle => Rqm,
                Phase.Command => Rqm | CommandBusy,
                Phase.Execution => (byte)(CommandBusy | (nonDma ? NonDma : 0)),
                Phase.ExecutionRead => Rqm | Dio | NonDma | CommandBusy,
                Phase.ExecutionWrite => Rqm | NonDma | CommandBusy,
                _ => Rqm | Dio | CommandBusy,
            };
            return (byte)(phaseBits | busyDrives);
        }
    }

    private void WriteDigitalOutput(byte value)
    {
        bool was = (dor & NotReset) != 0, now = (value & NotReset) != 0;
        dor = value;
        if (was && !now)
        {
            ResetController();
        }
        else if (!was && now)
        {
            LeaveReset();
        }
        UpdateIrq();
    }

    private void ResetController()
    {
        timer.Disarm();
        next = Pending.None;
        phase = Phase.Idle;
        commandCount = resultCount = resultAt = 0;
        busyDrives = 0;
        pendingResetSenses = 0;
        Array.Clear(seekStatus);
        perpendicular &= 0x3C;
        if (!locked)
        {
            configuration = 0x20;
            precompensation = 0;
        }
        SetInterrupt(false);
    }

    private void LeaveReset() => After(Pending.LeaveReset);

    private void After(Pending step)
    {
        next = step;
        timer.Arm(scheduler.NowNs + CommandDelayNs);
    }

    private void OnTimer()
    {
        Pending step = next;
        next = Pending.None;
        switch (step)
        {
            case Pending.LeaveReset:
                // The controller has polled its four drives: one interrupt, four SENSE INTERRUPT STATUS.
                pendingResetSenses = 4;
                SetInterrupt(true);
                break;
            case Pending.Seek:
                Seek(seekDrive, seekTarget);
                break;
            case Pending.RelativeSeek:
                Seek(seekDrive, presentCylinder[seekDrive] + seekTarget);
                break;
            case Pending.Recalibrate:
                Recalibrate(seekDrive);
                break;
            case Pending.ReadId:
                ReadId();
                break;
            case Pending.StartSector:
                StartSector();
                break;
            case Pending.BeginSectors:
                BeginSectors();
                break;
        }
    }

    private void SetInterrupt(bool level)
    {
        interrupt = level;
        UpdateIrq();
    }

    private void UpdateIrq() => irq.Set(interrupt && (dor & DmaGate) != 0);

    private byte ReadData()
    {
        switch (phase)
        {
            case Phase.ExecutionRead:
                return ReadSectorByte();
            case Phase.Result:
                SetInterrupt(false);
                byte value = result[resultAt++];
                if (resultAt == resultCount)
                {
                    phase = Phase.Idle;
                }
                return value;
            default:
                return 0;
        }
    }

    private void WriteData(byte value)
    {
        if ((dor & NotReset) == 0)
        {
            return;
        }
        switch (phase)
        {
            case Phase.Idle:
                command[0] = value;
                commandCount = 1;
                commandLength = LengthOf(value);
                phase = Phase.Command;
                break;
            case Phase.Command:
                command[commandCount++] = value;
                break;
            case Phase.ExecutionWrite:
                WriteSectorByte(value);
                return;
            default:
                return;
        }
        if (commandCount == commandLength)
        {
            Execute();
        }
    }

    private void EnterResult(bool raise, params ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(result);
        resultAt = 0;
        resultCount = bytes.Length;
        phase = Phase.Result;
        if (raise)
        {
            SetInterrupt(true);
        }
    }
}
