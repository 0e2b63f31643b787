using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Pci;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Power;

/// <summary>
/// Function 3 of the Intel 82371AB (PIIX4), 8086:7113 at 01.3: ACPI power management (data sheet section 7). Fixed ports B2 and B3
/// (APMC, APMS) stand in for the BIOS' SMI handler: this machine has no system management mode, and DEVACTB says so by
/// showing APMC_EN already set. The SMBus host controller (<see cref="SmbusHost"/>) is where SMBBA says, while SMBHSTCFG enables it.
/// </summary>
public sealed class Piix4Pm : PciFunction, IPortDevice
{
    /// <summary>Ticks of the PM timer in a second.</summary>
    public const long TimerHz = 3_579_545;

    private const int PmBase = 0x40, PmRegMisc = 0x80, SmbusBase = 0x90, SmbusConfig = 0xD2, IoLength = 64;
    private const int PmRank = 7, SmbusRank = 6;
    private const uint SmbusEnable = 1, SmbusInterruptBits = 0x0E, SmbusIrq9 = 0x08;

    // Offsets from PMBASE
    private const int Pm1Status = 0x00, Pm1Enable = 0x02, Pm1Control = 0x04, PmTimer = 0x08, GpStatus = 0x0C, GpEnable = 0x0E;

    // Bits of PM1_STS and PM1_EN
    private const int TimerOverflow = 0x0001, GlobalLock = 0x0020, PowerButtonBit = 0x0100, RtcBit = 0x0400;
    private const int StatusBits = 0x8D31, EnableBits = 0x0521;

    // Bits of PM1_CNT
    private const int SciEnable = 0x0001, ControlBits = 0x1C03, SleepEnable = 0x2000, SoftOff = 0;

    private const long NsPerSecond = 1_000_000_000, OverflowTicks = 1 << 23;

    private readonly IScheduler scheduler;
    private readonly IMachineControl machine;
    private readonly IrqLine sci;
    private readonly EventLog log;
    private readonly ITimer overflowTimer;
    private readonly SmiPorts smiPorts;
    private readonly byte[] stored = new byte[IoLength];
    private readonly SmbusHost smbus;
    private PortRange? mapped, mappedSmbus;
    private int status, enable, control, gpStatus, gpEnable;
    private long overflowsSeen;

    /// <summary>Makes the function.</summary>
    /// <param name="scheduler">Virtual time.</param>
    /// <param name="machine">Takes the request to switch off.</param>
    /// <param name="sci">ISA IRQ 9.</param>
    /// <param name="smbusIrq">A wire of its own to IRQ 9.</param>
    /// <param name="log">For sleep types that are not there.</param>
    public Piix4Pm(IScheduler scheduler, IMachineControl machine, IrqLine sci, IrqLine smbusIrq, EventLog log)
        : base(new PciIdentity(0x8086, 0x7113, 3, 0x068000, InterruptPin: 1))
    {
        this.scheduler = scheduler;
        this.machine = machine;
        this.sci = sci;
        this.log = log;
        overflowTimer = scheduler.CreateTimer("pm timer overflow", UpdateSci);
        smiPorts = new SmiPorts(this);
        smbus = new SmbusHost(scheduler, smbusIrq);
        SetWritable(0x04, 0x01);
        SetDefault(0x06, 0x80);
        SetDefault(0x07, 0x02);
        SetDefault(0x3C, 9);
        SetDefault(PmBase, 0x01);
        SetWritable(PmBase, 0xC0);
        SetWritable(PmBase + 1, 0xFF);
        for (int register = 0x44; register < 0x80; register++)
        {
            SetWritable(register, 0xFF);
        }
        // DEVACTB bit 25, APMC_EN: firmware that finds it set takes SMM for initialised and leaves it alone.
        SetDefault(0x5B, 0x02);
        SetWritable(PmRegMisc, 0x01);
        SetDefault(SmbusBase, 0x01);
        SetWritable(SmbusBase, 0xF0);
        SetWritable(SmbusBase + 1, 0xFF);
        SetWritable(SmbusConfig, (byte)(SmbusEnable | SmbusInterruptBits));
    }

    /// <summary>
    /// Sets DEVRESA-DEVRESJ as firmware that knows the board would: which of floppy, printer, keyboard and serial ports are there (data sheet section
    /// 7.1, offsets 5C-67). Operating systems' tables ask these bits.
    /// </summary>
    public void ShowDevices(bool printer, bool serial1, bool serial2)
    {
        SetDefault(0x5F, (byte)(0x10 | (printer ? 0x80 : 0)));
        SetDefault(0x63, 0x60);
        SetDefault(0x67, (byte)((serial1 ? 0x08 : 0) | (serial2 ? 0x90 : 0)));
    }

    /// <summary>First port of the PM registers, or null while they are not decoded.</summary>
    public int? IoBase => mapped?.First;

    /// <summary>First port of the SMBus host controller, or null while it is not decoded.</summary>
    public int? SmbusIoBase => mappedSmbus?.First;

    /// <summary>True in ACPI mode: events raise the SCI.</summary>
    public bool IsAcpiEnabled => (control & SciEnable) != 0;

    private long Ticks
    {
        get
        {
            (long seconds, long ns) = Math.DivRem(scheduler.NowNs, NsPerSecond);
            return (seconds * TimerHz) + (ns * TimerHz / NsPerSecond);
        }
    }

    private int Status
    {
        get
        {
            if (Ticks / OverflowTicks > overflowsSeen)
            {
                overflowsSeen = Ticks / OverflowTicks;
                status |= TimerOverflow;
            }
            return status;
        }
    }

    /// <summary>Claims ports B2 and B3.</summary>
    public void Wire(PortBus ports) => ports.Map("apm control", 0xB2, 2, smiPorts);

    /// <summary>The power button was pressed: the guest hears of it when it has ACPI enabled.</summary>
    public void PowerButton()
    {
        status |= PowerButtonBit;
        UpdateSci();
    }

    /// <summary>The clock's interrupt was asserted: it sets RTC_STS. Linux takes its alarms from there when the board has an HPET.</summary>
    public void RtcInterrupt()
    {
        status |= RtcBit;
        UpdateSci();
    }

    /// <summary>Sets bits of the general-purpose event status (GPSTS), as an event source does.</summary>
    public void RaiseGpe(int bits)
    {
        gpStatus |= bits & 0xFFFF;
        UpdateSci();
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        base.Reset();
        status = enable = control = gpStatus = gpEnable = 0;
        overflowsSeen = Ticks / OverflowTicks;
        Array.Clear(stored);
        smiPorts.Reset();
        smbus.Reset();
        UpdateMapping();
        UpdateSci();
    }

    /// <inheritdoc/>
    uint IPortDevice.ReadPort(int offset, int size)
    {
        // The timer is read whole; everything else is made of bytes.
        if (offset == PmTimer && size == 4)
        {
            return (uint)(Ticks & 0xFF_FFFF);
        }
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            value |= (uint)ReadByte(offset + i) << (8 * i);
        }
        return value;
    }

    /// <inheritdoc/>
    void IPortDevice.WritePort(int offset, int size, uint value)
    {
        for (int i = 0; i < size; i++)
        {
            WriteByte(offset + i, (byte)(value >> (8 * i)));
        }
        // SLP_EN acts once the whole of an access is in, or a byte write to the high half would see the old SLP_TYP.
        int sleepByte = Pm1Control + 1 - offset;
        if (sleepByte >= 0 && sleepByte < size && (value >> (8 * sleepByte) & SleepEnable >> 8) != 0)
        {
            Sleep(control >> 10 & 7);
        }
        UpdateSci();
    }

    /// <inheritdoc/>
    protected override void TransferOwn(StateTransfer state)
    {
        status = state.Int32(status);
        enable = state.Int32(enable);
        control = state.Int32(control);
        gpStatus = state.Int32(gpStatus);
        gpEnable = state.Int32(gpEnable);
        overflowsSeen = state.Int64(overflowsSeen);
        state.Bytes(stored);
        smiPorts.Transfer(state);
        smbus.Transfer(state);
        state.Line(sci);
        state.Timer(overflowTimer);
    }

    /// <inheritdoc/>
    protected override void OnStateLoaded() => UpdateMapping();

    /// <inheritdoc/>
    protected override void OnConfigWritten(int offset, int size) => UpdateMapping();

    private byte ReadByte(int offset)
    {
        (int value, int start) = (offset & ~1) switch
        {
            Pm1Status => (Status, Pm1Status),
            Pm1Enable => (enable, Pm1Enable),
            Pm1Control => (control, Pm1Control),
            PmTimer => ((int)(Ticks & 0xFF_FFFF), PmTimer),
            PmTimer + 2 => ((int)(Ticks & 0xFF_FFFF), PmTimer),
            GpStatus => (gpStatus, GpStatus),
            GpEnable => (gpEnable, GpEnable),
            _ => (stored[offset], offset),
        };
        return (byte)(value >> (8 * (offset - start)));
    }

    private void WriteByte(int offset, byte value)
    {
        int shift = 8 * (offset & 1), bits = value << shift, lane = 0xFF << shift;
        switch (offset & ~1)
        {
            case Pm1Status:
                status = Status & ~(bits & StatusBits);
                break;
            case Pm1Enable:
                enable = (enable & ~lane) | (bits & EnableBits);
                break;
            case Pm1Control:
                control = (control & ~lane) | (bits & ControlBits);
                break;
            case GpStatus:
                gpStatus &= ~bits;
                break;
            case GpEnable:
                gpEnable = (gpEnable & ~lane) | bits;
                break;
            case PmTimer or PmTimer + 2:
                break;
            // GLBSTS and DEVSTS have nothing to report; the others (PCNTRL, GLBEN, GLBCTL, DEVCTL, GPOREG) remember.
            case (>= 0x10 and < 0x14) or (>= 0x20 and < 0x30) or (>= 0x34 and < 0x38):
                stored[offset] = value;
                break;
        }
    }

    private void Sleep(int type)
    {
        if (type == SoftOff)
        {
            machine.RequestPowerOff();
        }
        else
        {
            log.Write(LogItems.Unimplemented, $"piix4 pm: sleep type {type} is not supported");
        }
    }

    private void UpdateSci()
    {
        int events = Status & enable & (TimerOverflow | GlobalLock | PowerButtonBit | RtcBit);
        sci.Set(IsAcpiEnabled && (events != 0 || (gpStatus & gpEnable) != 0));
        if ((enable & TimerOverflow) != 0 && (status & TimerOverflow) == 0)
        {
            overflowTimer.Arm(TimeOf((overflowsSeen + 1) * OverflowTicks));
        }
        else
        {
            overflowTimer.Disarm();
        }
    }

    // The first nanosecond at which Ticks has the value.
    private static long TimeOf(long ticks)
    {
        (long seconds, long rest) = Math.DivRem(ticks, TimerHz);
        return (seconds * NsPerSecond) + (((rest * NsPerSecond) + TimerHz - 1) / TimerHz);
    }

    private void UpdateMapping()
    {
        int port = (int)ReadConfig(PmBase, 2) & 0xFFC0, smbusPort = (int)ReadConfig(SmbusBase, 2) & 0xFFF0;
        uint smbusConfig = ReadConfig(SmbusConfig, 1);
        smbus.RoutesToIrq = (smbusConfig & SmbusInterruptBits) == SmbusIrq9;
        mapped = Remap(mapped, (ReadConfig(PmRegMisc, 1) & 1) != 0 ? port : 0, "piix4 pm", IoLength, this, 4, PmRank);
        mappedSmbus = Remap(mappedSmbus, (smbusConfig & SmbusEnable) != 0 ? smbusPort : 0, "piix4 smbus", SmbusHost.IoLength, smbus, 1, SmbusRank);
    }

    // Port 0 is none.
    private PortRange? Remap(PortRange? present, int port, string name, int length, IPortDevice device, int maxSize, int slot)
    {
        if (port == (present?.First ?? 0))
        {
            return present;
        }
        if (present is not null)
        {
            Bus.Ports.Unmap(present);
        }
        return port == 0 ? null : Bus.Ports.MapGuest(name, port, length, device, RankOf(slot), maxSize);
    }

    /// <summary>APMC at B2, APMS at B3 (data sheet section 7.3): F1 and F0 switch ACPI mode on and off as the FADT says.</summary>
    private sealed class SmiPorts(Piix4Pm owner) : IPortDevice
    {
        private const byte AcpiEnable = 0xF1, AcpiDisable = 0xF0;

        private byte lastCommand;

        public void Reset() => lastCommand = 0;

        public void Transfer(StateTransfer state) => lastCommand = state.Byte(lastCommand);

        // APMS reads 0: whatever command was given, its handler is done.
        public uint ReadPort(int offset, int size) => offset == 0 ? lastCommand : 0u;

        public void WritePort(int offset, int size, uint value)
        {
            if (offset != 0)
            {
                return;
            }
            lastCommand = (byte)value;
            if (lastCommand is AcpiEnable or AcpiDisable)
            {
                owner.control = (owner.control & ~SciEnable) | (lastCommand == AcpiEnable ? SciEnable : 0);
                owner.UpdateSci();
            }
        }
    }
}
