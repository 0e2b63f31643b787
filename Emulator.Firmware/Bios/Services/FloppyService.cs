using Emulator.Firmware.Bios.Disks;
using Emulator.Firmware.Bios.Rom;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios.Services;

/// <summary>INT 13h for floppy drives. Source: IBM PS/2 BIOS Interface Technical Reference, INT 13h, diskette.</summary>
internal sealed class FloppyService(IBiosHost host, DriveTable drives)
{
    private const int Sector = 512, SecondsOfMotor = 37;
    private const byte FillByteOffset = 8;

    private BiosData Data => new(host.Memory);

    /// <summary>IRQ 6: programs that drive the controller themselves wait for this mark.</summary>
    public void Interrupt() => Data.SetByte(BiosData.SeekStatus, Data.Byte(BiosData.SeekStatus) | 0x80);

    /// <summary>INT 13h with DL below 80h.</summary>
    public void Handle(BiosCall call)
    {
        bool exists = drives.TryFloppy(call.Dl, out IBiosDrive? drive) && drive is not null;
        switch (call.Ah)
        {
            case 0x00:
                Finish(call, exists ? DiskStatus.Success : DiskStatus.NotReady);
                break;
            case 0x01:
                byte last = Data.Byte(BiosData.FloppyStatus);
                call.Ah = last;
                call.Carry = last != 0;
                break;
            case 0x02 or 0x03 or 0x04:
                Transfer(call, exists ? drive : null);
                break;
            case 0x05:
                Format(call, exists ? drive : null);
                break;
            case 0x08:
                Parameters(call, exists ? drive : null);
                break;
            case 0x15:
                Finish(call, DiskStatus.Success);
                call.Ah = (byte)(!exists ? 0 : drive!.FloppyType == FloppyType.Disk360 ? 1 : 2); // 2: with change line
                break;
            case 0x16:
                Finish(call, !exists ? DiskStatus.NotReady : drive!.TakeChanged() ? DiskStatus.DiskChanged : DiskStatus.Success);
                break;
            case 0x17:
                Finish(call, exists && call.Al is >= 1 and <= 4 ? DiskStatus.Success : DiskStatus.BadCommand);
                break;
            case 0x18:
                SetMediaType(call, exists ? drive : null);
                break;
            case 0x4B:
                Finish(call, DiskStatus.BadCommand);
                break;
            default:
                Finish(call, DiskStatus.BadCommand);
                break;
        }
    }

    private void Finish(BiosCall call, byte status)
    {
        Data.SetByte(BiosData.FloppyStatus, status);
        call.Ah = status;
        call.Carry = status != DiskStatus.Success;
    }

    // What the data area says of a drive while it is used: motor on until the timer stops it, the media known.
    private void Touch(BiosCall call, IBiosDrive drive, int cylinder)
    {
        BiosData data = Data;
        int unit = call.Dl & 1;
        data.SetByte(BiosData.MotorStatus, data.Byte(BiosData.MotorStatus) | 1 << unit);
        data.SetByte(BiosData.MotorCount, SecondsOfMotor);
        data.SetByte(BiosData.SeekStatus, data.Byte(BiosData.SeekStatus) | 1 << unit);
        data.SetByte(BiosData.FloppyCylinder + unit, cylinder);
        data.SetByte(BiosData.FloppyMedia + unit, MediaState(drive));
    }

    // Bits 7-6 data rate, 5 double stepping, 4 established, 2-0 kind.
    private static int MediaState(IBiosDrive drive) => drive.Geometry switch
    {
        { Sectors: 36 } => 0xD7,
        { Sectors: 18 } => 0x17,
        { Sectors: 15 } => 0x15,
        { Cylinders: 80 } => 0x97,
        _ => drive.FloppyType == FloppyType.Disk1200 ? 0x74 : 0x93,
    };

    private byte Check(BiosCall call, IBiosDrive? drive, bool writes)
    {
        if (drive is null || !drive.HasMedium)
        {
            return DiskStatus.NotReady;
        }
        if (drive.TakeChanged() && drive is not CdImageDrive)
        {
            return DiskStatus.DiskChanged;
        }
        return writes && drive.IsReadOnly ? DiskStatus.WriteProtected : DiskStatus.Success;
    }

    private static long? Locate(BiosCall call, IBiosDrive drive, int count)
    {
        DiskGeometry disk = drive.Geometry!;
        int cylinder = call.Ch, head = call.Dh, sector = call.Cl & 0x3F;
        if (cylinder >= disk.Cylinders || head >= disk.Heads || sector == 0 || sector > disk.Sectors)
        {
            return null;
        }
        // A transfer may go on to the other side of the cylinder (multi-track), not farther.
        int left = ((disk.Heads - head) * disk.Sectors) - sector + 1;
        return count > left ? null : ((((long)cylinder * disk.Heads) + head) * disk.Sectors) + sector - 1;
    }

    private void Transfer(BiosCall call, IBiosDrive? drive)
    {
        int count = call.Al;
        byte status = count == 0 ? DiskStatus.BadCommand : Check(call, drive, call.Ah == 0x03);
        if (status == DiskStatus.Success)
        {
            Touch(call, drive!, call.Ch);
            status = Move(call, drive!, count);
        }
        call.Al = (byte)(status == DiskStatus.Success ? count : 0);
        Finish(call, status);
    }

    private byte Move(BiosCall call, IBiosDrive drive, int count)
    {
        if (Locate(call, drive, count) is not { } lba)
        {
            return DiskStatus.SectorNotFound;
        }
        var data = new byte[count * Sector];
        uint address = call.InEs(call.Bx);
        switch (call.Ah)
        {
            case 0x02:
                if (!drive.Read(lba, data))
                {
                    return DiskStatus.ControllerFailed;
                }
                host.Memory.Write(address, data);
                return DiskStatus.Success;
            case 0x03:
                host.Memory.Read(address, data);
                return host.HasFaulted || drive.Write(lba, data) ? DiskStatus.Success : DiskStatus.ControllerFailed;
            default:
                return drive.Read(lba, data) ? DiskStatus.Success : DiskStatus.ControllerFailed;
        }
    }

    // A track is made of the fill byte of the parameter table that INT 1Eh points to. Its sectors come as address fields at ES:BX.
    private void Format(BiosCall call, IBiosDrive? drive)
    {
        byte status = Check(call, drive, writes: true);
        if (status == DiskStatus.Success)
        {
            Touch(call, drive!, call.Ch);
            status = FormatTrack(call, drive!);
        }
        Finish(call, status);
    }

    private byte FormatTrack(BiosCall call, IBiosDrive drive)
    {
        uint table = host.Memory.Load(0x1E * 4, 4);
        uint tableAddress = FarPointer.Linear(table);
        int sectors = (int)host.Memory.Load(tableAddress + 4, 1);
        DiskGeometry disk = drive.Geometry!;
        if (call.Ch >= disk.Cylinders || call.Dh >= disk.Heads || sectors > disk.Sectors)
        {
            return DiskStatus.SeekFailed; // an image keeps its format
        }
        var fill = new byte[Sector];
        Array.Fill(fill, (byte)host.Memory.Load(tableAddress + FillByteOffset, 1));
        for (int n = 0; n < sectors; n++)
        {
            uint field = call.InEs((ushort)(call.Bx + (n * 4)));
            int cylinder = (int)host.Memory.Load(field, 1), head = (int)host.Memory.Load(field + 1, 1), sector = (int)host.Memory.Load(field + 2, 1),
                sizeCode = (int)host.Memory.Load(field + 3, 1);
            if (cylinder != call.Ch || head != call.Dh || sector == 0 || sector > disk.Sectors || sizeCode != 2)
            {
                return DiskStatus.SectorNotFound;
            }
            if (!drive.Write((((long)cylinder * disk.Heads + head) * disk.Sectors) + sector - 1, fill))
            {
                return DiskStatus.ControllerFailed;
            }
        }
        return DiskStatus.Success;
    }

    private void Parameters(BiosCall call, IBiosDrive? drive)
    {
        Finish(call, DiskStatus.Success);
        call.Bx = 0;
        call.Cx = 0;
        call.Dx = (ushort)drives.FloppyCount;
        call.Al = 0;
        if (drive is null)
        {
            return;
        }
        (int cylinders, int sectors) = drive.FloppyType switch
        {
            FloppyType.Disk360 => (40, 9),
            FloppyType.Disk1200 => (80, 15),
            FloppyType.Disk720 => (80, 9),
            FloppyType.Disk2880 => (80, 36),
            _ => (80, 18),
        };
        call.Bl = (byte)drive.FloppyType;
        call.Ch = (byte)(cylinders - 1);
        call.Cl = (byte)sectors;
        call.Dh = 1;
        call.SetEs(SystemRom.Segment);
        call.Di = SystemRom.DisketteTable;
    }

    // AH=18h: what will be formatted. The table returned is the drive's; the format must be that of the image.
    private void SetMediaType(BiosCall call, IBiosDrive? drive)
    {
        byte status = drive is null || !drive.HasMedium ? DiskStatus.NotReady : DiskStatus.Success;
        if (status == DiskStatus.Success)
        {
            DiskGeometry disk = drive!.Geometry!;
            status = disk.Cylinders == (call.Ch | (call.Cl & 0xC0) << 2) + 1 && disk.Sectors == (call.Cl & 0x3F) ? DiskStatus.Success : DiskStatus.MediaTypeUnknown;
        }
        Finish(call, status);
        if (status == DiskStatus.Success)
        {
            call.SetEs(SystemRom.Segment);
            call.Di = SystemRom.DisketteTable;
        }
    }
}
