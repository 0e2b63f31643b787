namespace Emulator.Devices.Ide;

/// <content>The command set (ATA/ATAPI-6, chapter 8).</content>
public sealed partial class AtaDisk
{
    internal override void Execute(byte command)
    {
        switch (command)
        {
            case 0x10 or (>= 0x11 and <= 0x1F): // RECALIBRATE
                Registers.LbaMid = Registers.LbaHigh = 0;
                Later(IdeStep.Succeed);
                break;
            case 0x20 or 0x21: // READ SECTORS
                BeginRead(extended: false, 1);
                break;
            case 0x24: // READ SECTORS EXT
                BeginRead(extended: true, 1);
                break;
            case 0x25: // READ DMA EXT
                BeginDma(extended: true, write: false);
                break;
            case 0x27: // READ NATIVE MAX ADDRESS EXT
                Registers.SetLba48(Sectors - 1);
                Later(IdeStep.Succeed);
                break;
            case 0x29: // READ MULTIPLE EXT
                BeginMultiple(extended: true, write: false);
                break;
            case 0x30 or 0x31: // WRITE SECTORS
                BeginWrite(extended: false, 1);
                break;
            case 0x34: // WRITE SECTORS EXT
                BeginWrite(extended: true, 1);
                break;
            case 0x35: // WRITE DMA EXT
                BeginDma(extended: true, write: true);
                break;
            case 0x39: // WRITE MULTIPLE EXT
                BeginMultiple(extended: true, write: true);
                break;
            case 0x40 or 0x41: // READ VERIFY SECTORS
                BeginVerify(extended: false);
                break;
            case 0x42: // READ VERIFY SECTORS EXT
                BeginVerify(extended: true);
                break;
            case >= 0x70 and <= 0x7F: // SEEK
                Seek();
                break;
            case 0x90: // EXECUTE DEVICE DIAGNOSTIC
                Later(IdeStep.Diagnose);
                break;
            case 0x91: // INITIALIZE DEVICE PARAMETERS
                InitializeParameters();
                break;
            case 0x94 or 0x96 or 0xE0 or 0xE2: // STANDBY IMMEDIATE, STANDBY
            case 0x99 or 0xE6: // SLEEP
                standby = true;
                Later(IdeStep.Succeed);
                break;
            case 0x95 or 0x97 or 0xE1 or 0xE3: // IDLE IMMEDIATE, IDLE
                standby = false;
                Later(IdeStep.Succeed);
                break;
            case 0x98 or 0xE5: // CHECK POWER MODE
                Registers.SectorCount = (byte)(standby ? 0x00 : 0xFF);
                Later(IdeStep.Succeed);
                break;
            case 0xC4: // READ MULTIPLE
                BeginMultiple(extended: false, write: false);
                break;
            case 0xC5: // WRITE MULTIPLE
                BeginMultiple(extended: false, write: true);
                break;
            case 0xC6: // SET MULTIPLE MODE
                SetMultiple(Registers.SectorCount);
                break;
            case 0xC8 or 0xC9: // READ DMA
                BeginDma(extended: false, write: false);
                break;
            case 0xCA or 0xCB: // WRITE DMA
                BeginDma(extended: false, write: true);
                break;
            case 0xE7 or 0xEA: // FLUSH CACHE (EXT)
                Later(IdeStep.Flush);
                break;
            case 0xEC: // IDENTIFY DEVICE
                Later(IdeStep.Identify);
                break;
            case 0xEF: // SET FEATURES
                SetFeatures();
                break;
            case 0xF8: // READ NATIVE MAX ADDRESS
                ReadNativeMax();
                break;
            default: // NOP too: it ends with ABRT by definition
                Later(IdeStep.Abort);
                break;
        }
    }

    private void BeginMultiple(bool extended, bool write)
    {
        if (multiple == 0)
        {
            Abort();
        }
        else if (write)
        {
            BeginWrite(extended, multiple);
        }
        else
        {
            BeginRead(extended, multiple);
        }
    }

    private void BeginVerify(bool extended)
    {
        if (BeginTransfer(extended))
        {
            Later(IdeStep.Verify);
        }
    }

    private void Verify()
    {
        while (remaining > 0)
        {
            int n = Math.Min(remaining, BufferSectors);
            if (!TryRead(lba, Buffer[..(n * SectorSize)], IdeStep.Verify))
            {
                return;
            }
            lba += n;
            remaining -= n;
        }
        ShowAddress(lba - 1);
        Complete();
    }

    private void Seek()
    {
        long? target = Registers.IsLba ? Registers.Lba28 : LbaOfChs();
        if (target < Sectors)
        {
            Later(IdeStep.Succeed);
        }
        else
        {
            Fail((byte)AtaError.Idnf);
        }
    }

    private void InitializeParameters()
    {
        if (Registers.SectorCount == 0)
        {
            Later(IdeStep.Abort);
            return;
        }
        heads = Registers.Heads + 1;
        sectorsPerTrack = Registers.SectorCount;
        Later(IdeStep.Succeed);
    }

    private void SetMultiple(int count)
    {
        if (count > MaxMultiple || (count & (count - 1)) != 0)
        {
            Later(IdeStep.Abort);
            return;
        }
        multiple = count;
        Later(IdeStep.Succeed);
    }

    private void SetFeatures()
    {
        switch (Registers.Features)
        {
            case 0x02 or 0x82: // write cache on, off
                writeCache = Registers.Features == 0x02;
                Later(IdeStep.Succeed);
                break;
            case 0x03 when IsTransferMode(Registers.SectorCount):
                transferMode = Registers.SectorCount;
                Later(IdeStep.Succeed);
                break;
            case 0x55 or 0xAA or 0x66 or 0xCC: // look-ahead off, on; keep or restore settings at software reset
                Later(IdeStep.Succeed);
                break;
            default:
                Later(IdeStep.Abort);
                break;
        }
    }

    // Bits 7:3 the kind, bits 2:0 the mode: default PIO, PIO with IORDY 0-4, multiword DMA 0-2, Ultra DMA 0-5.
    private bool IsTransferMode(byte mode) => (mode >> 3) switch
    {
        0 => (mode & 7) <= 1,
        1 => (mode & 7) <= 4,
        4 => CanDma && (mode & 7) <= 2,
        8 => CanDma && (mode & 7) <= 5,
        _ => false,
    };

    private void ReadNativeMax()
    {
        Registers.Device |= TaskFile.LbaBit;
        Registers.SetLba28(Math.Min(Sectors - 1, MaxLba28));
        Later(IdeStep.Succeed);
    }

    private void Flush()
    {
        try
        {
            image.Flush();
        }
        catch (IOException e)
        {
            if (!Ignores(e, isRead: false, IdeStep.Flush))
            {
                return;
            }
        }
        Complete();
    }

    private protected override void Identify()
    {
        Span<byte> page = Buffer[..512];
        page.Clear();
        var words = new AtaIdentity(page);
        words.Word(0, 0x0040);
        words.Word(1, Cylinders);
        words.Word(3, DefaultHeads);
        words.Word(4, DefaultSectorsPerTrack * SectorSize);
        words.Word(5, SectorSize);
        words.Word(6, DefaultSectorsPerTrack);
        words.Text(10, 10, serial);
        words.Word(20, 3);
        words.Word(21, BufferSectors);
        words.Word(22, 4);
        words.Text(23, 4, "1.0");
        words.Text(27, 20, model);
        words.Word(47, 0x8000 | MaxMultiple);
        words.Word(48, 1);
        words.Word(49, 0x0A00 | (CanDma ? 0x0100 : 0));
        words.Word(50, 0x4000);
        words.Word(51, 0x0200);
        words.Word(52, 0x0200);
        words.Word(53, 0x0007);
        long currentCylinders = Math.Min(Sectors / (heads * sectorsPerTrack), 65535);
        words.Word(54, (int)currentCylinders);
        words.Word(55, heads);
        words.Word(56, sectorsPerTrack);
        words.Number(57, 2, currentCylinders * heads * sectorsPerTrack);
        words.Word(59, multiple == 0 ? 0 : 0x0100 | multiple);
        words.Number(60, 2, Math.Min(Sectors, MaxLba28));
        words.TransferModes(CanDma, transferMode);
        words.Word(80, 0x0070);
        words.Word(82, 0x4068);
        words.Word(83, 0x7400);
        words.Word(84, 0x4000);
        words.Word(85, 0x4048 | (writeCache ? 0x0020 : 0));
        words.Word(86, 0x3400);
        words.Word(87, 0x4000);
        words.Word(93, IsSecondDrive ? 0x6B00 : 0x600B);
        words.Number(100, 4, Sectors);
        StartRead(0, 512, IdeStep.EndIdentify);
    }
}
