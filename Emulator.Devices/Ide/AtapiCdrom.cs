using System.Buffers.Binary;
using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Block;

namespace Emulator.Devices.Ide;

/// <summary>
/// An ATAPI CD-ROM drive: the PACKET protocol by PIO and DMA (ATA/ATAPI-6, sections 8.23 and 9.8) and the commands of
/// <see cref="MmcResponse"/>. The disc can be changed while the guest runs.
/// </summary>
public sealed partial class AtapiCdrom : IdeDrive
{
    /// <summary>Bytes in a sector.</summary>
    public const int SectorSize = 2048;

    private const int PacketLength = 12;

    // One less than fit, so that a full buffer is one DRQ block under the largest byte-count limit, FFFE.
    private const int BufferedSectors = (BufferSize / SectorSize) - 1;

    // Interrupt reason, in the Sector Count register: C/D (command) and I/O (to the host).
    private const byte ReasonCommand = 1, ReasonToHost = 2;

    // Media events of GET EVENT STATUS NOTIFICATION (MMC-5, table 312).
    private const byte EventNone = 0, EventEjectRequest = 1, EventNewMedia = 2, EventRemoval = 3;

    private readonly string model, serial;
    private readonly byte[] packet = new byte[PacketLength];
    private IBlockBackend? medium;
    private IReadOnlyList<DiscSession> sessions = [];
    private ScsiSense sense;
    private bool unitAttention, packetByDma;
    private byte mediaEvent, transferMode;
    private int byteCountLimit;

    // Data on their way to the guest: what the buffer holds from bufferedAt, or what is still on the disc from diskAt.
    private int buffered, bufferedAt;
    private long diskAt, diskLeft;

    /// <summary>Makes a drive, with a disc in it when <paramref name="medium"/> is not null.</summary>
    public AtapiCdrom(IScheduler scheduler, IBlockBackend? medium = null, string model = "EMU DVD-ROM", string serial = "EM00003")
        : base(scheduler)
    {
        this.medium = medium;
        sessions = medium is null ? [] : DiscSessions.Of(medium);
        this.model = model;
        this.serial = serial;
    }

    /// <summary>True while the guest prevents removal of the disc.</summary>
    public bool IsLocked { get; private set; }

    /// <summary>True while the guest has opened the tray; the guest or a new disc closes it.</summary>
    public bool IsTrayOpen { get; private set; }

    /// <summary>
    /// The disc, or null. Changing it tells the guest (unit attention, media event). One that the guest ejects lies in the open tray until it is
    /// changed, or loaded again. The caller asks <see cref="IsLocked"/> first if it wants to respect that.
    /// </summary>
    public IBlockBackend? Medium
    {
        get => medium;
        set
        {
            medium = value;
            sessions = value is null ? [] : DiscSessions.Of(value);
            IsTrayOpen = false;
            unitAttention = value is not null;
            mediaEvent = value is null ? EventRemoval : EventNewMedia;
        }
    }

    /// <summary>The disc that can be read: null while the tray is open.</summary>
    public IBlockBackend? LoadedMedium => IsTrayOpen ? null : medium;

    /// <summary>The button on a drive whose disc the guest keeps locked: the guest hears that the user wants it.</summary>
    public void RequestEject() => mediaEvent = EventEjectRequest;

    // A packet device reports neither DRDY nor DSC until it has been spoken to (ATA/ATAPI-6, section 9.12).
    private protected override AtaStatus IdleStatus => 0;

    private long Sectors => LoadedMedium is { } disc ? PaddedImage.SectorCount(disc, SectorSize) : 0;

    internal override void HardReset()
    {
        IsLocked = false;
        sense = ScsiSense.None;
        transferMode = 0;
        SoftReset();
    }

    internal override void Execute(byte command)
    {
        switch (command)
        {
            case 0x08: // DEVICE RESET
                byte device = Registers.Device;
                SoftReset();
                Registers.Device = (byte)(device & 0x10);
                break;
            case 0x90: // EXECUTE DEVICE DIAGNOSTIC
                Later(IdeStep.Diagnose);
                break;
            case 0xA0: // PACKET
                BeginPacket();
                break;
            case 0xA1: // IDENTIFY PACKET DEVICE
                Later(IdeStep.Identify);
                break;
            case 0x20 or 0xEC: // READ SECTORS, IDENTIFY DEVICE: aborted with the signature, so that hosts can tell
                ShowSignature();
                Later(IdeStep.Abort);
                break;
            case 0x94 or 0x95 or 0x96 or 0x97 or 0x99 or (>= 0xE0 and <= 0xE3) or 0xE6 or 0xE7: // power modes, FLUSH CACHE
                Later(IdeStep.Succeed);
                break;
            case 0x98 or 0xE5: // CHECK POWER MODE
                Registers.SectorCount = 0xFF;
                Later(IdeStep.Succeed);
                break;
            case 0xEF when IsFeature(Registers.Features, Registers.SectorCount):
                Later(IdeStep.Succeed);
                break;
            default:
                Later(IdeStep.Abort);
                break;
        }
    }

    internal override string Kind => "a CD-ROM drive";

    internal override void Transfer(StateTransfer state)
    {
        base.Transfer(state);
        MediumState.Check(state, medium, "a CD-ROM drive");
        IsLocked = state.Bool(IsLocked);
        IsTrayOpen = state.Bool(IsTrayOpen);
        state.Bytes(packet);
        sense = new ScsiSense(state.Byte(sense.Key), state.Byte(sense.Code), state.Byte(sense.Qualifier));
        unitAttention = state.Bool(unitAttention);
        packetByDma = state.Bool(packetByDma);
        mediaEvent = state.Byte(mediaEvent);
        transferMode = state.Byte(transferMode);
        byteCountLimit = state.Int32(byteCountLimit, 0, ushort.MaxValue);
        buffered = state.Int32(buffered, 0, BufferSize);
        bufferedAt = state.Int32(bufferedAt, 0, BufferSize - buffered);
        diskAt = state.Int64(diskAt, 0, long.MaxValue);
        diskLeft = state.Int64(diskLeft, 0, long.MaxValue);
    }

    private protected override void Run(IdeStep step)
    {
        switch (step)
        {
            case IdeStep.PacketArrived:
                PacketArrived();
                break;
            case IdeStep.ExecutePacket:
                ExecutePacket();
                break;
            case IdeStep.SendBlock:
                SendBlock();
                break;
            default:
                base.Run(step);
                break;
        }
    }

    private protected override void RunDma(IdeStep step, IdeBusMaster busMaster) => SendByDma(busMaster);

    private protected override void ShowSignature()
    {
        Registers.SectorCount = 1;
        Registers.LbaLow = 1;
        Registers.LbaMid = 0x14;
        Registers.LbaHigh = 0xEB;
    }

    private bool IsFeature(byte feature, byte value)
    {
        bool known = feature switch
        {
            0x03 => (value >> 3) switch { 0 => (value & 7) <= 1, 1 => (value & 7) <= 4, 4 => CanDma && (value & 7) <= 2, 8 => CanDma && (value & 7) <= 5, _ => false },
            0x66 or 0xCC => true,
            _ => false,
        };
        if (known && feature == 0x03)
        {
            transferMode = value;
        }
        return known;
    }

    private protected override void Identify()
    {
        Span<byte> page = Buffer[..512];
        page.Clear();
        var words = new AtaIdentity(page);
        words.Word(0, 0x85C0);
        words.Text(10, 10, serial);
        words.Text(23, 4, "1.0");
        words.Text(27, 20, model);
        words.Word(48, 1);
        words.Word(49, 0x0A00 | (CanDma ? 0x0100 : 0));
        words.Word(53, 0x0006);
        words.TransferModes(CanDma, transferMode);
        words.Word(71, 30);
        words.Word(72, 30);
        words.Word(80, 0x0070);
        words.Word(82, 0x4218);
        words.Word(83, 0x5000);
        words.Word(84, 0x4000);
        words.Word(85, 0x4218);
        words.Word(86, 0x1000);
        words.Word(87, 0x4000);
        words.Word(93, IsSecondDrive ? 0x6B00 : 0x600B);
        StartRead(0, 512, IdeStep.EndIdentify);
    }

    private void BeginPacket()
    {
        packetByDma = (Registers.Features & 1) != 0;
        if (packetByDma && !CanDma)
        {
            Later(IdeStep.Abort);
            return;
        }
        byteCountLimit = Registers.ByteCount == 0xFFFF ? 0xFFFE : Registers.ByteCount;
        Registers.SectorCount = ReasonCommand;
        StartWrite(PacketLength, interrupt: false, IdeStep.PacketArrived);
    }

    private void PacketArrived()
    {
        Buffer[..PacketLength].CopyTo(packet);
        Later(IdeStep.ExecutePacket);
    }

    // The first `length` bytes of the buffer go to the guest, cut to what it asked for.
    private void Reply(int length, int allocation)
    {
        int n = Math.Min(length, allocation);
        (buffered, bufferedAt, diskLeft) = (n, 0, 0);
        SendData();
    }

    private void ReplyFromDisc(long lba, long count)
    {
        (buffered, diskAt, diskLeft) = (0, lba * SectorSize, count * SectorSize);
        SendData();
    }

    private void SendData()
    {
        if (buffered + diskLeft == 0)
        {
            Succeeded();
        }
        else if (packetByDma)
        {
            StartDma(IdeStep.SendByDma);
        }
        else if (byteCountLimit == 0)
        {
            // ATA/ATAPI-6 section 8.23.5: no data can be moved in blocks of zero bytes.
            Registers.SectorCount = ReasonCommand | ReasonToHost;
            Abort();
        }
        else
        {
            SendBlock();
        }
    }

    // One DRQ block: at most the byte-count limit, which must be even unless the block is the last.
    private void SendBlock()
    {
        if (buffered == 0 && diskLeft == 0)
        {
            Succeeded();
            return;
        }
        if (buffered == 0 && !Refill(IdeStep.SendBlock))
        {
            return;
        }
        int n = buffered;
        if (n > byteCountLimit)
        {
            n = byteCountLimit == 1 ? 1 : byteCountLimit & ~1;
        }
        int start = bufferedAt;
        bufferedAt += n;
        buffered -= n;
        Registers.ByteCount = n;
        Registers.SectorCount = ReasonToHost;
        StartRead(start, n, IdeStep.SendBlock);
    }

    private void SendByDma(IdeBusMaster busMaster)
    {
        while (buffered + diskLeft > 0)
        {
            if (buffered == 0 && !Refill(IdeStep.SendByDma))
            {
                return;
            }
            if (!busMaster.WriteToMemory(Buffer.Slice(bufferedAt, buffered)))
            {
                return;
            }
            buffered = 0;
        }
        busMaster.FinishTransfer();
        Succeeded();
    }

    // False when the command has failed, or is to go on with the step later.
    private bool Refill(IdeStep step)
    {
        int n = (int)Math.Min(diskLeft, BufferedSectors * SectorSize);
        if (LoadedMedium is not { } disc)
        {
            Failed(IsTrayOpen ? ScsiSense.NoMediumTrayOpen : ScsiSense.NoMedium);
            return false;
        }
        try
        {
            PaddedImage.Read(disc, diskAt, Buffer[..n]);
        }
        catch (IOException e)
        {
            switch (ErrorAction(e, true))
            {
                case BlockErrorAction.Report:
                    Failed(ScsiSense.UnrecoveredRead);
                    return false;
                case BlockErrorAction.Stop when step == IdeStep.SendByDma:
                    RetryDma(step);
                    return false;
                case BlockErrorAction.Stop:
                    Later(step);
                    return false;
            }
        }
        (buffered, bufferedAt) = (n, 0);
        diskAt += n;
        diskLeft -= n;
        return true;
    }

    private void Succeeded()
    {
        Registers.SectorCount = ReasonCommand | ReasonToHost;
        Complete();
    }

    private void Failed(ScsiSense reason)
    {
        sense = reason;
        buffered = 0;
        diskLeft = 0;
        Registers.SectorCount = ReasonCommand | ReasonToHost;
        Fail((byte)(reason.Key << 4 | (reason.Key == 5 ? (byte)AtaError.Abrt : 0)));
    }

    private static int Word(ReadOnlySpan<byte> packet, int at) => BinaryPrimitives.ReadUInt16BigEndian(packet[at..]);

    private static long Number(ReadOnlySpan<byte> packet, int at) => BinaryPrimitives.ReadUInt32BigEndian(packet[at..]);
}
