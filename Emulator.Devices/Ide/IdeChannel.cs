using Emulator.Core.Bus;
using Emulator.Core.State;

namespace Emulator.Devices.Ide;

/// <summary>
/// One IDE cable with up to two drives: the command block (offsets 0 to 7) and the control block (offset 8: Alternate Status and
/// Device Control) of ATA/ATAPI-6, chapter 7. With no drive at all the bus floats and reads as FF; an absent drive 1 beside
/// a drive 0 reads as 00.
/// </summary>
public sealed class IdeChannel : IPortDevice, IStateful
{
    private const int CommandStatus = 7, Control = 8;
    private const byte InterruptDisable = 0x02, SoftwareReset = 0x04, HighOrderByte = 0x80, DriveBit = 0x10;
    private const byte DeviceDiagnostic = 0x90;

    private readonly IrqLine irq;
    private readonly IdeDrive?[] drives = new IdeDrive?[2];
    private int selected;
    private byte control;

    /// <summary>Makes an empty channel that interrupts through <paramref name="irq"/>; without bus master there is no DMA.</summary>
    public IdeChannel(IrqLine irq, IdeBusMaster? busMaster = null)
    {
        this.irq = irq;
        BusMaster = busMaster;
        if (busMaster is not null)
        {
            busMaster.Started = StartDmaIfReady;
        }
    }

    /// <summary>The bus-master function of this channel.</summary>
    internal IdeBusMaster? BusMaster { get; }

    /// <summary>Drive 0 (master) or 1 (slave), or null.</summary>
    public IdeDrive? this[int index] => drives[index];

    /// <summary>Puts a drive on the cable: 0 master, 1 slave.</summary>
    /// <exception cref="InvalidOperationException">The place is taken.</exception>
    public void Attach(int index, IdeDrive drive)
    {
        if (drives[index] is not null)
        {
            throw new InvalidOperationException($"IDE channel has two drives {index}");
        }
        drives[index] = drive;
        drive.Attach(this, index == 1);
    }

    /// <summary>Claims the eight ports of the command block and the one of the control block.</summary>
    public void Wire(PortBus ports, string name, int commandBlock, int controlBlock)
    {
        ports.Map(name, commandBlock, 8, this, maxSize: 4);
        ports.Map(name + " control", controlBlock, 1, this, offset: Control);
    }

    /// <summary>Hardware reset.</summary>
    public void Reset()
    {
        control = 0;
        selected = 0;
        foreach (IdeDrive? drive in drives)
        {
            drive?.HardReset();
        }
        BusMaster?.Reset();
        UpdateIntrq();
    }

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        if (offset == 0)
        {
            return drives[selected]?.ReadData(size) ?? ~0u;
        }
        uint value = 0;
        for (int i = 0; i < size; i++)
        {
            value |= (uint)ReadRegister(offset + i) << (8 * i);
        }
        return value;
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        if (offset == 0)
        {
            drives[selected]?.WriteData(size, value);
            return;
        }
        for (int i = 0; i < size; i++)
        {
            WriteRegister(offset + i, (byte)(value >> (8 * i)));
        }
    }

    internal void UpdateIntrq()
    {
        bool level = drives[selected] is { Intrq: true } && (control & InterruptDisable) == 0;
        if (level && !irq.Level)
        {
            BusMaster?.NoteInterrupt();
        }
        irq.Set(level);
    }

    internal void StartDmaIfReady()
    {
        if (drives[selected] is { WantsDma: true } drive && BusMaster is { IsActive: true })
        {
            drive.StartDmaTransfer();
        }
    }

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <inheritdoc/>
    public void Transfer(StateTransfer state)
    {
        selected = state.Int32(selected, 0, 1);
        control = state.Byte(control);
        state.Line(irq);
        BusMaster?.Transfer(state);
        for (int n = 0; n < drives.Length; n++)
        {
            string kind = drives[n]?.Kind ?? "no drive", saved = state.Text(kind);
            if (saved != kind)
            {
                throw state.Wrong($"was saved with {saved} as drive {n}, where there is {kind} now");
            }
            drives[n]?.Transfer(state);
        }
    }

    private byte ReadRegister(int register)
    {
        if (drives[selected] is not { } drive)
        {
            return drives[selected ^ 1] is null ? (byte)0xFF : (byte)0;
        }
        switch (register)
        {
            case 1:
                return drive.Error;
            case CommandStatus:
                byte status = (byte)drive.Status;
                drive.AcknowledgeInterrupt();
                return status;
            case Control:
                return (byte)drive.Status;
            default:
                return drive.Registers.Read(register, (control & HighOrderByte) != 0);
        }
    }

    private void WriteRegister(int register, byte value)
    {
        if (register == Control)
        {
            WriteControl(value);
            return;
        }
        control &= unchecked((byte)~HighOrderByte);
        if (register == CommandStatus)
        {
            WriteCommand(value);
            return;
        }
        // Both drives hear every write; the Device register says which of them answers.
        foreach (IdeDrive? drive in drives)
        {
            drive?.Registers.Write(register, value);
        }
        if (register == 6)
        {
            selected = (value & DriveBit) != 0 ? 1 : 0;
            UpdateIntrq();
        }
    }

    private void WriteCommand(byte command)
    {
        if ((control & SoftwareReset) != 0)
        {
            return;
        }
        if (command != DeviceDiagnostic)
        {
            drives[selected]?.WriteCommand(command);
            return;
        }
        foreach (IdeDrive? drive in drives)
        {
            drive?.WriteCommand(command);
        }
        // Both drives are back at their signature, drive 0 selected.
        selected = 0;
        UpdateIntrq();
    }

    private void WriteControl(byte value)
    {
        bool was = (control & SoftwareReset) != 0, now = (value & SoftwareReset) != 0;
        control = value;
        if (was != now)
        {
            foreach (IdeDrive? drive in drives)
            {
                if (now)
                {
                    drive?.HoldInReset();
                }
                else
                {
                    drive?.SoftReset();
                }
            }
            selected = 0;
        }
        UpdateIntrq();
    }
}
