namespace Emulator.Firmware.Bios.Disks;

/// <summary>INT 13h's drive numbers: floppies from 0, hard disks from 80h, CDs from E0h; a bootable CD may stand in for one of the first two.</summary>
internal sealed class DriveTable(IBiosHost host)
{
    /// <summary>First hard disk.</summary>
    public const byte FirstDisk = 0x80;

    /// <summary>First CD-ROM drive.</summary>
    public const byte FirstCd = 0xE0;

    /// <summary>No emulation goes on.</summary>
    public const byte NoEmulation = 0xFF;

    // In the data area: the drive number that the CD stands in for, media type, CD, unused; first sector of the image (of 2048 bytes); load segment,
    // sectors loaded; geometry: cylinders, heads, sectors.
    private const int Emulated = ExtendedData.CdEmulation, Media = Emulated + 1, Cd = Emulated + 2, ImageStart = Emulated + 4, LoadSegment = Emulated + 8,
        LoadCount = Emulated + 10, Cylinders = Emulated + 12, Heads = Emulated + 14, Sectors = Emulated + 15;

    private ExtendedData Data => new(host.Memory);

    /// <summary>The drive number that a CD stands in for, or <see cref="NoEmulation"/>.</summary>
    public byte EmulatedDrive => Data.Byte(Emulated);

    /// <summary>Number of hard disks, with an emulated one.</summary>
    public int DiskCount => host.HardDisks.Count + (EmulatedDrive == FirstDisk ? 1 : 0);

    /// <summary>Number of floppy drives, with an emulated one.</summary>
    public int FloppyCount => Math.Max(host.Floppies.Count(drive => drive is not null), 0) + (EmulatedDrive == 0 ? 1 : 0);

    /// <summary>What El Torito says of the emulation, for INT 13h AX=4B01h: media type, CD's drive number, image's first sector, load segment, sectors.</summary>
    public (byte Media, byte Cd, uint Start, ushort Segment, ushort Count) Emulation =>
        (Data.Byte(Media), Data.Byte(Cd), Data.Dword(ImageStart), Data.Word(LoadSegment), Data.Word(LoadCount));

    /// <summary>Starts an emulation, or with <see cref="NoEmulation"/> remembers what was booted.</summary>
    public void Emulate(byte drive, ElToritoEntry entry, byte cd, byte[] firstSector)
    {
        ExtendedData data = Data;
        data.SetByte(Emulated, drive);
        data.SetByte(Media, entry.Media);
        data.SetByte(Cd, cd);
        data.SetDword(ImageStart, entry.Start);
        data.SetWord(LoadSegment, entry.LoadSegment);
        data.SetWord(LoadCount, entry.SectorCount);
        (int cylinders, int heads, int sectors) = entry.GeometryFrom(firstSector);
        data.SetWord(Cylinders, cylinders);
        data.SetByte(Heads, heads);
        data.SetByte(Sectors, sectors);
    }

    /// <summary>Ends the emulation.</summary>
    public void EndEmulation() => Data.SetByte(Emulated, NoEmulation);

    /// <summary>The floppy drive with a number; an emulated one pushes the others up by one.</summary>
    public bool TryFloppy(byte number, out IBiosDrive? drive)
    {
        drive = null;
        if (number >= FirstDisk)
        {
            return false;
        }
        byte emulated = EmulatedDrive;
        if (emulated == 0 && number == 0)
        {
            drive = Image();
            return drive is not null;
        }
        int index = emulated == 0 ? number - 1 : number;
        drive = index < host.Floppies.Count ? host.Floppies[index] : null;
        return drive is not null;
    }

    /// <summary>The hard disk or CD with a number; an emulated disk pushes the others up by one.</summary>
    public bool TryDisk(byte number, out IBiosDrive? drive)
    {
        drive = null;
        if (number >= FirstCd)
        {
            int cd = number - FirstCd;
            drive = cd < host.CdRoms.Count ? host.CdRoms[cd] : null;
            return drive is not null;
        }
        byte emulated = EmulatedDrive;
        int index = number - FirstDisk;
        if (emulated == FirstDisk && index-- == 0)
        {
            drive = Image();
            return drive is not null;
        }
        drive = index >= 0 && index < host.HardDisks.Count ? host.HardDisks[index] : null;
        return drive is not null;
    }

    private CdImageDrive? Image()
    {
        ExtendedData data = Data;
        int cd = data.Byte(Cd) - FirstCd;
        return cd >= 0 && cd < host.CdRoms.Count
            ? new CdImageDrive(host.CdRoms[cd], data.Dword(ImageStart), new(data.Word(Cylinders), data.Byte(Heads), data.Byte(Sectors)))
            : null;
    }
}
