using Emulator.Firmware.Bios.Disks;
using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios.Services;

/// <summary>
/// INT 13h for hard disks and CD-ROM drives: CHS functions, EDD 3.0 (AH=41h-49h) and El Torito (AH=4Bh). Sources: IBM PS/2 BIOS
/// Interface Technical Reference, INT 13h; Phoenix EDD 3.0; El Torito 1.0, section 4.
/// </summary>
internal sealed class DiskService(IBiosHost host, DriveTable drives)
{
    /// <summary>AH of the El Torito functions, which a floppy that a CD stands in for takes as well.</summary>
    public const byte Emulation = 0x4B;

    private const int MostSectors = 0x7F, PacketBytes = 16;
    private const uint FlatBuffer = 0xFFFF_FFFF;

    private BiosData Data => new(host.Memory);

    /// <summary>INT 13h with DL of 80h or more.</summary>
    public void Handle(BiosCall call)
    {
        if (call.Ah == Emulation)
        {
            TerminateEmulation(call);
            return;
        }
        if (!drives.TryDisk(call.Dl, out IBiosDrive? drive) || drive is null)
        {
            if (call.Ah == 0x08)
            {
                call.Cx = 0;
                call.Dx = 0;
            }
            if (call.Ah == 0x15)
            {
                Finish(call, DiskStatus.Success);
                call.Ah = 0;
                return;
            }
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        bool isCd = drive.SectorSize != 512;
        switch (call.Ah)
        {
            case 0x00 or 0x0D or 0x09 or 0x11 or 0x14 or 0x47:
                Finish(call, DiskStatus.Success); // reset, set parameters, recalibrate, diagnose, extended seek
                break;
            case 0x01:
                byte last = Data.Byte(BiosData.DiskStatus);
                call.Ah = last;
                call.Carry = last != 0;
                break;
            case 0x02 or 0x03 or 0x04 when !isCd:
                Transfer(call, drive, call.Ah);
                break;
            case 0x05 when !isCd:
                Finish(call, drive.IsReadOnly ? DiskStatus.WriteProtected : DiskStatus.Success); // an ATA disk comes formatted
                break;
            case 0x08 when !isCd:
                Parameters(call, drive);
                break;
            case 0x0C when !isCd:
                Finish(call, Locate(call, drive) is null ? DiskStatus.SectorNotFound : DiskStatus.Success);
                break;
            case 0x10:
                Finish(call, drive.HasMedium ? DiskStatus.Success : DiskStatus.NotReady);
                break;
            case 0x15 when !isCd:
                DiskGeometry shown = LogicalGeometry.Of(drive);
                long total = (long)shown.Cylinders * shown.Heads * shown.Sectors;
                call.Cx = (ushort)(total >> 16);
                call.Dx = (ushort)total;
                Finish(call, DiskStatus.Success);
                call.Ah = 3; // a hard disk
                break;
            case 0x41 when call.Bx == 0x55AA:
                call.Bx = 0xAA55;
                call.Cx = 5; // packets, and what AH=48h tells; no locking and ejecting
                Finish(call, DiskStatus.Success);
                call.Ah = 0x30;
                break;
            case 0x42 or 0x43 or 0x44:
                ExtendedTransfer(call, drive);
                break;
            case 0x45 or 0x46:
                Finish(call, isCd ? DiskStatus.BadCommand : DiskStatus.NotRemovable);
                break;
            case 0x48:
                ExtendedParameters(call, drive);
                break;
            case 0x49:
                bool changed = isCd && drive.TakeChanged();
                Finish(call, changed ? DiskStatus.DiskChanged : DiskStatus.Success);
                break;
            case 0x4E when !isCd && call.Al is 0 or 1 or 2 or 3 or 4 or 6:
                call.Al = 0;
                Finish(call, DiskStatus.Success); // transfers need no other set-up
                break;
            default:
                Finish(call, DiskStatus.BadCommand);
                break;
        }
    }

    private void Finish(BiosCall call, byte status)
    {
        Data.SetByte(BiosData.DiskStatus, status);
        call.Ah = status;
        call.Carry = status != DiskStatus.Success;
    }

    private static long? Locate(BiosCall call, IBiosDrive drive)
    {
        DiskGeometry shown = LogicalGeometry.Of(drive);
        int cylinder = call.Ch | (call.Cl & 0xC0) << 2, head = call.Dh, sector = call.Cl & 0x3F;
        if (cylinder >= shown.Cylinders || head >= shown.Heads || sector == 0 || sector > shown.Sectors)
        {
            return null;
        }
        return ((((long)cylinder * shown.Heads) + head) * shown.Sectors) + sector - 1;
    }

    private void Transfer(BiosCall call, IBiosDrive drive, byte function)
    {
        if (call.Al == 0 || call.Al > 128)
        {
            call.Al = 0;
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        if (Locate(call, drive) is not { } lba)
        {
            call.Al = 0;
            Finish(call, DiskStatus.SectorNotFound);
            return;
        }
        byte status = Move(drive, lba, call.Al, call.InEs(call.Bx), function);
        if (status != DiskStatus.Success)
        {
            call.Al = 0;
        }
        Finish(call, status);
    }

    // Functions 2 and 42h read, 3 and 43h write, 4 and 44h verify.
    private byte Move(IBiosDrive drive, long lba, int count, uint address, byte function)
    {
        if (!drive.HasMedium)
        {
            return DiskStatus.NotInDrive;
        }
        if (lba + count > drive.Sectors)
        {
            return DiskStatus.SectorNotFound;
        }
        var data = new byte[count * drive.SectorSize];
        switch (function & 0x0F)
        {
            case 3:
                if (drive.IsReadOnly)
                {
                    return DiskStatus.WriteProtected;
                }
                host.Memory.Read(address, data);
                return host.HasFaulted || drive.Write(lba, data) ? DiskStatus.Success : DiskStatus.ControllerFailed;
            case 2:
                if (!drive.Read(lba, data))
                {
                    return DiskStatus.ControllerFailed;
                }
                host.Memory.Write(address, data);
                return DiskStatus.Success;
            default:
                return drive.Read(lba, data) ? DiskStatus.Success : DiskStatus.ControllerFailed;
        }
    }

    private void Parameters(BiosCall call, IBiosDrive drive)
    {
        DiskGeometry shown = LogicalGeometry.Of(drive);
        int last = shown.Cylinders - 1;
        call.Ch = (byte)last;
        call.Cl = (byte)((last >> 2 & 0xC0) | shown.Sectors);
        call.Dh = (byte)(shown.Heads - 1);
        call.Dl = (byte)drives.DiskCount;
        call.Al = 0;
        Finish(call, DiskStatus.Success);
    }

    private void ExtendedTransfer(BiosCall call, IBiosDrive drive)
    {
        uint packet = call.InDs(call.Si);
        int size = (int)host.Memory.Load(packet, 1), count = (int)host.Memory.Load(packet + 2, 2);
        long lba = host.Memory.Load(packet + 8, 4) | (long)host.Memory.Load(packet + 12, 4) << 32;
        uint buffer = host.Memory.Load(packet + 4, 4);
        if (size < PacketBytes || lba < 0)
        {
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        uint address = FarPointer.Linear(buffer);
        if (buffer == FlatBuffer && size >= 24)
        {
            address = host.Memory.Load(packet + 16, 4);
        }
        if (count > MostSectors)
        {
            host.Memory.Store(packet + 2, 2, 0);
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        byte status = Move(drive, lba, count, address, call.Ah);
        if (status != DiskStatus.Success)
        {
            host.Memory.Store(packet + 2, 2, 0);
        }
        Finish(call, status);
    }

    // AH=48h: 26 bytes of EDD 1.1, then a pointer to the drive's parameter table, then the device path of EDD 3.0.
    private void ExtendedParameters(BiosCall call, IBiosDrive drive)
    {
        const int basic = 26, withTable = 30, withPath = 66;
        uint at = call.InDs(call.Si);
        int room = (int)host.Memory.Load(at, 2);
        if (room < basic)
        {
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        bool isCd = drive.SectorSize != 512;
        DiskGeometry? own = drive.Geometry;
        ulong sectors = isCd ? ulong.MaxValue : (ulong)drive.Sectors;
        // DMA boundaries are no concern; the geometry is valid, or for a CD: removable, change line, no maximum.
        int flags = isCd ? 0x54 : own is { Cylinders: < 16384 } ? 0x03 : 0x01;
        int length = room >= withPath ? withPath : room >= withTable ? withTable : basic;
        ByteWriter result = new ByteWriter().U16(length).U16(flags)
            .U32((uint)(own?.Cylinders ?? -1)).U32((uint)(own?.Heads ?? -1)).U32((uint)(own?.Sectors ?? -1))
            .U64(sectors).U16(drive.SectorSize);
        if (length >= withTable)
        {
            result.U16(ExtendedData.EddTable).U16(ExtendedData.Segment);
            WriteEddTable(drive, isCd);
        }
        if (length >= withPath)
        {
            AddDevicePath(result, drive);
        }
        host.Memory.Write(at, result.ToArray());
        Finish(call, DiskStatus.Success);
    }

    // Fixed disk parameter table extension: ports, head register, IRQ, block count, DMA, PIO mode, flags.
    private void WriteEddTable(IBiosDrive drive, bool isCd)
    {
        (int io, int control, int irq) = drive.Position < 2 ? (0x1F0, 0x3F6, 14) : (0x170, 0x376, 15);
        int flags = isCd ? 0x0050 : 0x0010; // LBA; ATAPI by packets
        byte[] table = new ByteWriter().U16(io).U16(control).U8(0xE0 | (drive.Position & 1) << 4).U8(0xCB).U8(irq).U8(1).U8(0).U8(4).U16(flags).U16(0).U8(0x11)
            .U8(0).ToArray();
        table[15] = Checksum.For(table);
        host.Memory.Write(ExtendedData.At(ExtendedData.EddTable), table);
    }

    // Device path information of 36 bytes: PCI bus, device 1, function 1; channel; ATA or ATAPI, unit.
    private static void AddDevicePath(ByteWriter result, IBiosDrive drive)
    {
        ByteWriter path = new ByteWriter().U16(0xBEDD).U8(36).Zeros(3).Text("PCI", 4, ' ').Text(drive.SectorSize == 512 ? "ATA" : "ATAPI", 8, ' ')
            .U8(0).U8(1).U8(1).U8(drive.Position / 2).U32(0)
            .U8(drive.Position & 1).Zeros(15).U8(0);
        byte[] bytes = path.ToArray().AsSpan(0, 35).ToArray();
        result.Bytes(bytes).U8(Checksum.For(bytes));
    }

    // AX=4B00h ends the emulation, 4B01h tells about it.
    private void TerminateEmulation(BiosCall call)
    {
        (byte media, byte cd, uint start, ushort segment, ushort count) = drives.Emulation;
        byte emulated = drives.EmulatedDrive;
        bool known = cd >= DriveTable.FirstCd && (call.Dl == 0x7F || call.Dl == emulated || call.Dl == cd);
        if (call.Al > 1 || !known)
        {
            Finish(call, DiskStatus.BadCommand);
            return;
        }
        byte[] specification = new ByteWriter().U8(0x13).U8(media).U8(emulated == DriveTable.NoEmulation ? cd : emulated).U8(0).U32(start)
            .U16(0).U16(0).U16(segment).U16(count).U8(0).U8(0).U8(0).ToArray();
        host.Memory.Write(call.InDs(call.Si), specification);
        if (call.Al == 0)
        {
            drives.EndEmulation();
        }
        Finish(call, DiskStatus.Success);
    }
}
