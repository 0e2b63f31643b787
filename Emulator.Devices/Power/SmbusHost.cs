using Emulator.Core.Bus;
using Emulator.Core.State;
using Emulator.Core.Time;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Devices.Power;

/// <summary>
/// The SMBus host controller of the PIIX4 (82371AB data sheet, section 7.4; System Management Bus specification 1.0) with eight serial memories at
/// addresses 50 to 57 (7 bits). A transfer takes the time of its bytes at 100 kHz. The slave interface only remembers what is written.
/// </summary>
public sealed class SmbusHost : IPortDevice
{
    /// <summary>Ports of the register block.</summary>
    public const int IoLength = 16;

    /// <summary>Time of a byte with its acknowledgement, ns.</summary>
    public const long ByteNs = 90_000;

    private const int HostStatus = 0, SlaveStatus = 1, HostControl = 2, HostCommand = 3, HostAddress = 4, Data0 = 5, Data1 = 6, BlockData = 7, SlaveControl = 8;
    private const byte Busy = 0x01, Finished = 0x02, DeviceError = 0x04, Failed = 0x10, Clearable = 0x1E;
    private const byte InterruptEnable = 0x01, Kill = 0x02, ProtocolBits = 0x1C, Start = 0x40, StoredControl = 0x1D;
    private const int FirstEeprom = 0x50, Eeproms = 8, LongestBlock = 32;

    private readonly IScheduler scheduler;
    private readonly IrqLine irq;
    private readonly ITimer timer;
    private readonly SmbusEeprom[] eeproms = [.. Enumerable.Range(0, Eeproms).Select(_ => new SmbusEeprom())];
    private readonly byte[] block = new byte[LongestBlock], slave = new byte[IoLength];
    private byte status, control, command, address, data0, data1;
    private int blockAt;

    /// <summary>Makes the controller. <paramref name="irq"/> is IRQ 9, where SMBHSTCFG leads its interrupt.</summary>
    internal SmbusHost(IScheduler scheduler, IrqLine irq)
    {
        this.scheduler = scheduler;
        this.irq = irq;
        timer = scheduler.CreateTimer("smbus", Finish);
    }

    /// <summary>Whether SMBHSTCFG routes the interrupt to IRQ 9.</summary>
    internal bool RoutesToIrq { get; set; }

    private enum Protocol
    {
        Quick = 0,
        SingleByte = 1,
        ByteData = 2,
        WordData = 3,
        Block = 5,
    }

    private bool Reads => (address & 1) != 0;

    private Protocol Chosen => (Protocol)((control & ProtocolBits) >> 2);

    /// <inheritdoc/>
    public uint ReadPort(int offset, int size)
    {
        switch (offset)
        {
            case HostStatus:
                return status;
            case SlaveStatus:
                return 0;
            case HostControl:
                // A read starts the block over (data sheet, SMBBLKDAT).
                blockAt = 0;
                return control;
            case HostCommand:
                return command;
            case HostAddress:
                return address;
            case Data0:
                return data0;
            case Data1:
                return data1;
            case BlockData:
                byte value = block[blockAt];
                blockAt = (blockAt + 1) % LongestBlock;
                return value;
            default:
                return slave[offset];
        }
    }

    /// <inheritdoc/>
    public void WritePort(int offset, int size, uint value)
    {
        byte data = (byte)value;
        switch (offset)
        {
            case HostStatus:
                status &= (byte)~(data & Clearable);
                UpdateIrq();
                break;
            case HostControl:
                WriteControl(data);
                break;
            case HostCommand:
                command = data;
                break;
            case HostAddress:
                address = data;
                break;
            case Data0:
                data0 = data;
                break;
            case Data1:
                data1 = data;
                break;
            case BlockData:
                block[blockAt] = data;
                blockAt = (blockAt + 1) % LongestBlock;
                break;
            case >= SlaveControl:
                slave[offset] = data;
                break;
        }
    }

    internal void Reset()
    {
        timer.Disarm();
        status = control = command = address = data0 = data1 = 0;
        blockAt = 0;
        Array.Clear(block);
        Array.Clear(slave);
        RoutesToIrq = false;
        UpdateIrq();
    }

    internal void Transfer(StateTransfer state)
    {
        status = state.Byte(status);
        control = state.Byte(control);
        command = state.Byte(command);
        address = state.Byte(address);
        data0 = state.Byte(data0);
        data1 = state.Byte(data1);
        blockAt = state.Int32(blockAt, 0, LongestBlock - 1);
        RoutesToIrq = state.Bool(RoutesToIrq);
        state.Bytes(block);
        state.Bytes(slave);
        foreach (SmbusEeprom eeprom in eeproms)
        {
            eeprom.Transfer(state);
        }
        state.Line(irq);
        state.Timer(timer);
    }

    private void WriteControl(byte data)
    {
        control = (byte)(data & StoredControl);
        if ((data & Kill) != 0)
        {
            if (timer.IsArmed)
            {
                timer.Disarm();
                status = (byte)((status & ~Busy) | Failed);
            }
        }
        else if ((data & Start) != 0 && !timer.IsArmed)
        {
            status |= Busy;
            timer.Arm(scheduler.NowNs + (BytesOnTheBus() * ByteNs));
        }
        UpdateIrq();
    }

    private int BytesOnTheBus() => Chosen switch
    {
        Protocol.Quick => 1,
        Protocol.SingleByte => 2,
        Protocol.ByteData => Reads ? 4 : 3,
        Protocol.WordData => Reads ? 5 : 4,
        _ => 3 + Math.Min((int)data0, LongestBlock),
    };

    private void Finish()
    {
        int device = (address >> 1) - FirstEeprom;
        bool answers = device is >= 0 and < Eeproms && Enum.IsDefined(Chosen);
        if (answers)
        {
            Move(eeproms[device]);
        }
        status = (byte)((status & ~Busy) | (answers ? Finished : DeviceError));
        UpdateIrq();
    }

    private void Move(SmbusEeprom eeprom)
    {
        switch (Chosen)
        {
            case Protocol.SingleByte when Reads:
                data0 = eeprom.Read();
                break;
            case Protocol.SingleByte:
                eeprom.Select(command);
                break;
            case Protocol.ByteData:
                eeprom.Select(command);
                MoveByte(eeprom, ref data0);
                break;
            case Protocol.WordData:
                eeprom.Select(command);
                MoveByte(eeprom, ref data0);
                MoveByte(eeprom, ref data1);
                break;
            case Protocol.Block:
                eeprom.Select(command);
                MoveBlock(eeprom);
                break;
        }
    }

    private void MoveByte(SmbusEeprom eeprom, ref byte data)
    {
        if (Reads)
        {
            data = eeprom.Read();
        }
        else
        {
            eeprom.Write(data);
        }
    }

    // The slave says how many bytes it sends; a memory just goes on, with its next byte as the count.
    private void MoveBlock(SmbusEeprom eeprom)
    {
        if (Reads)
        {
            data0 = Math.Min(eeprom.Read(), (byte)LongestBlock);
        }
        for (int n = 0; n < Math.Min((int)data0, LongestBlock); n++)
        {
            MoveByte(eeprom, ref block[n]);
        }
        blockAt = 0;
    }

    private void UpdateIrq() => irq.Set(RoutesToIrq && (control & InterruptEnable) != 0 && (status & Clearable) != 0);
}
