using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Block;

namespace Emulator.Devices.Ide;

/// <summary>
/// An ATA disk with 512-byte sectors (ATA/ATAPI-6): 28- and 48-bit addresses and CHS, PIO, multiple mode and DMA.
/// A host error on reading becomes UNC, on writing a device fault, unless <see cref="IdeDrive.ErrorAction"/> says otherwise.
/// </summary>
public sealed partial class AtaDisk : IdeDrive
{
    /// <summary>Bytes in a sector.</summary>
    public const int SectorSize = 512;

    private const int MaxMultiple = 16, BufferSectors = BufferSize / SectorSize, MostSectors = 65536;
    private const long MaxLba28 = 0x0FFF_FFFF;

    private readonly IBlockBackend image;
    private readonly string model, serial;
    private int heads, sectorsPerTrack, multiple;
    private byte transferMode;
    private bool writeCache, standby;

    // The transfer under way: next sector, sectors that the guest still expects, sectors in the buffer, sectors a DRQ block.
    private long lba;
    private int remaining, buffered, bufferedAt, blockSectors;
    private bool isExtended;

    /// <summary>Makes a disk of <paramref name="image"/>; a partial last sector reads as padded with zeros.</summary>
    /// <exception cref="ArgumentException">The image is empty.</exception>
    public AtaDisk(IScheduler scheduler, IBlockBackend image, string model = "EMU HARDDISK", string serial = "EM00001")
        : base(scheduler)
    {
        this.image = image;
        this.model = model;
        this.serial = serial;
        Sectors = PaddedImage.SectorCount(image, SectorSize);
        if (Sectors == 0)
        {
            throw new ArgumentException($"disk image {image.Name} is empty", nameof(image));
        }
        Cylinders = (int)Math.Clamp(Sectors / (DefaultHeads * DefaultSectorsPerTrack), 1, 16383);
        ResetSettings();
    }

    /// <summary>Heads of the default translation.</summary>
    public const int DefaultHeads = 16;

    /// <summary>Sectors per track of the default translation.</summary>
    public const int DefaultSectorsPerTrack = 63;

    /// <summary>Cylinders of the default translation, at most 16383.</summary>
    public int Cylinders { get; }

    /// <summary>Capacity in sectors.</summary>
    public long Sectors { get; }

    /// <summary>The image behind the disk.</summary>
    public IBlockBackend Image => image;

    private protected override AtaStatus IdleStatus => AtaStatus.Drdy | AtaStatus.Dsc;

    internal override void HardReset()
    {
        ResetSettings();
        SoftReset();
    }

    internal override void SoftReset()
    {
        standby = false;
        base.SoftReset();
    }

    internal override string Kind => "a disk";

    internal override void Transfer(StateTransfer state)
    {
        base.Transfer(state);
        MediumState.Check(state, image, "an IDE disk");
        heads = state.Int32(heads, 1, 16);
        sectorsPerTrack = state.Int32(sectorsPerTrack, 1, byte.MaxValue);
        multiple = state.Int32(multiple, 0, MaxMultiple);
        transferMode = state.Byte(transferMode);
        writeCache = state.Bool(writeCache);
        standby = state.Bool(standby);
        lba = state.Int64(lba, 0, Sectors);
        remaining = state.Int32(remaining, 0, MostSectors);
        buffered = state.Int32(buffered, 0, BufferSectors);
        bufferedAt = state.Int32(bufferedAt, 0, BufferSize);
        blockSectors = state.Int32(blockSectors, 0, MaxMultiple);
        isExtended = state.Bool(isExtended);
        if (remaining > Sectors - lba || bufferedAt + (buffered * SectorSize) > BufferSize)
        {
            throw state.Wrong("has a transfer beyond the disk");
        }
    }

    private protected override void Run(IdeStep step)
    {
        switch (step)
        {
            case IdeStep.Verify:
                Verify();
                break;
            case IdeStep.Flush:
                Flush();
                break;
            case IdeStep.OfferBlock:
                OfferBlock();
                break;
            case IdeStep.BlockArrived:
                Later(IdeStep.StoreBlock);
                break;
            case IdeStep.StoreBlock:
                StoreBlock();
                break;
            default:
                base.Run(step);
                break;
        }
    }

    private protected override void RunDma(IdeStep step, IdeBusMaster busMaster)
    {
        if (step == IdeStep.DmaWrite)
        {
            DmaWrite(busMaster);
        }
        else
        {
            DmaRead(busMaster);
        }
    }

    private protected override void ShowSignature()
    {
        Registers.SectorCount = 1;
        Registers.LbaLow = 1;
    }

    private void ResetSettings()
    {
        heads = DefaultHeads;
        sectorsPerTrack = DefaultSectorsPerTrack;
        multiple = MaxMultiple;
        transferMode = 0;
        writeCache = true;
    }

    // Reads the address and count registers. False when a sector of the range is not on the disk (IDNF was reported).
    private bool BeginTransfer(bool extended)
    {
        isExtended = extended;
        int count = extended ? Registers.Count48 : Registers.Count28;
        long? start = extended ? Registers.Lba48 : Registers.IsLba ? Registers.Lba28 : LbaOfChs();
        if (start is not long first || first + count > Sectors)
        {
            Fail((byte)AtaError.Idnf);
            return false;
        }
        (lba, remaining) = (first, count);
        buffered = 0;
        standby = false;
        return true;
    }

    private long? LbaOfChs()
    {
        int head = Registers.Heads, sector = Registers.LbaLow;
        return head < heads && sector >= 1 && sector <= sectorsPerTrack
            ? ((((long)Registers.Cylinder * heads) + head) * sectorsPerTrack) + sector - 1
            : null;
    }

    // The registers show the last sector of the transfer, or the one that failed.
    private void ShowAddress(long address)
    {
        if (isExtended)
        {
            Registers.SetLba48(address);
        }
        else if (Registers.IsLba)
        {
            Registers.SetLba28(address);
        }
        else
        {
            (long track, long sector) = Math.DivRem(address, sectorsPerTrack);
            (long cylinder, long head) = Math.DivRem(track, heads);
            Registers.LbaLow = (byte)(sector + 1);
            Registers.LbaMid = (byte)cylinder;
            Registers.LbaHigh = (byte)(cylinder >> 8);
            Registers.Device = (byte)((Registers.Device & 0xF0) | (int)head);
        }
    }

    // False when the command has failed, or is to go on with the step later.
    private bool TryRead(long sector, Span<byte> data, IdeStep step)
    {
        try
        {
            PaddedImage.Read(image, sector * SectorSize, data);
            return true;
        }
        catch (IOException e)
        {
            return Ignores(e, isRead: true, step, sector);
        }
    }

    private bool TryWrite(long sector, ReadOnlySpan<byte> data, IdeStep step)
    {
        try
        {
            PaddedImage.Write(image, sector * SectorSize, data);
            return true;
        }
        catch (IOException e)
        {
            return Ignores(e, isRead: false, step, sector);
        }
    }

    private bool Ignores(IOException error, bool isRead, IdeStep step, long? sector = null)
    {
        BlockErrorAction action = ErrorAction(error, isRead);
        if (action == BlockErrorAction.Stop)
        {
            if (step is IdeStep.DmaRead or IdeStep.DmaWrite)
            {
                RetryDma(step);
            }
            else
            {
                Later(step);
            }
        }
        else if (action == BlockErrorAction.Report)
        {
            if (sector is long address)
            {
                ShowAddress(address);
            }
            Fail(isRead ? (byte)AtaError.Unc : (byte)AtaError.Abrt, isRead ? 0 : AtaStatus.Df);
        }
        return action == BlockErrorAction.Ignore;
    }

    private void BeginRead(bool extended, int sectorsPerBlock)
    {
        blockSectors = sectorsPerBlock;
        if (BeginTransfer(extended))
        {
            Later(IdeStep.OfferBlock);
        }
    }

    private void OfferBlock()
    {
        if (remaining == 0)
        {
            ShowAddress(lba - 1);
            Complete(interrupt: false);
            return;
        }
        if (buffered == 0)
        {
            int count = Math.Min(remaining, BufferSectors);
            if (!TryRead(lba, Buffer[..(count * SectorSize)], IdeStep.OfferBlock))
            {
                return;
            }
            (buffered, bufferedAt) = (count, 0);
        }
        int n = Math.Min(Math.Min(remaining, blockSectors), buffered);
        int start = bufferedAt;
        bufferedAt += n * SectorSize;
        buffered -= n;
        remaining -= n;
        lba += n;
        StartRead(start, n * SectorSize, IdeStep.OfferBlock);
    }

    private void BeginWrite(bool extended, int sectorsPerBlock)
    {
        blockSectors = sectorsPerBlock;
        if (image.IsReadOnly)
        {
            Abort();
        }
        else if (BeginTransfer(extended))
        {
            // The first block is asked for without interrupt (ATA/ATAPI-6, section 9.6).
            StartWrite(Math.Min(remaining, blockSectors) * SectorSize, interrupt: false, IdeStep.BlockArrived);
        }
    }

    private void StoreBlock()
    {
        int n = Math.Min(remaining, blockSectors);
        if (!TryWrite(lba, Buffer[..(n * SectorSize)], IdeStep.StoreBlock))
        {
            return;
        }
        lba += n;
        remaining -= n;
        if (remaining > 0)
        {
            StartWrite(Math.Min(remaining, blockSectors) * SectorSize, interrupt: true, IdeStep.BlockArrived);
        }
        else
        {
            EndWrite();
        }
    }

    // With its cache off (SET FEATURES 82h) a drive says that it has written only what lasts.
    private void EndWrite()
    {
        ShowAddress(lba - 1);
        if (writeCache)
        {
            Complete();
        }
        else
        {
            Flush();
        }
    }

    private void BeginDma(bool extended, bool write)
    {
        if (!CanDma || (write && image.IsReadOnly))
        {
            Abort();
        }
        else if (BeginTransfer(extended))
        {
            StartDma(write ? IdeStep.DmaWrite : IdeStep.DmaRead);
        }
    }

    private void DmaRead(IdeBusMaster busMaster)
    {
        while (remaining > 0)
        {
            int n = Math.Min(remaining, BufferSectors);
            Span<byte> data = Buffer[..(n * SectorSize)];
            if (!TryRead(lba, data, IdeStep.DmaRead) || !busMaster.WriteToMemory(data))
            {
                return;
            }
            lba += n;
            remaining -= n;
        }
        EndDma(busMaster);
    }

    private void DmaWrite(IdeBusMaster busMaster)
    {
        while (remaining > 0)
        {
            int n = Math.Min(remaining, BufferSectors);
            Span<byte> data = Buffer[..(n * SectorSize)];

            // After a stop the data are here already.
            if (buffered == 0 && !busMaster.ReadFromMemory(data))
            {
                return;
            }
            (buffered, bufferedAt) = (n, 0);
            if (!TryWrite(lba, data, IdeStep.DmaWrite))
            {
                return;
            }
            buffered = 0;
            lba += n;
            remaining -= n;
        }
        busMaster.FinishTransfer();
        EndWrite();
    }

    private void EndDma(IdeBusMaster busMaster)
    {
        busMaster.FinishTransfer();
        ShowAddress(lba - 1);
        Complete();
    }
}
