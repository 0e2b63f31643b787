namespace Emulator.Devices.Floppy;

/// <summary>A standard format of a floppy disk with 512-byte sectors.</summary>
/// <param name="Cylinders">Tracks on a side.</param>
/// <param name="Heads">Sides.</param>
/// <param name="SectorsPerTrack">Sectors on a track, numbered from 1.</param>
/// <param name="CmosType">The drive made for it, as CMOS byte 10 says it: 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M.</param>
/// <param name="DataRates">Bit mask of the data rate codes (CCR bits 1:0) at which it reads: 0 500, 1 300, 2 250, 3 1000 kbit/s.</param>
public sealed record FloppyGeometry(int Cylinders, int Heads, int SectorsPerTrack, int CmosType, int DataRates)
{
    /// <summary>Bytes in a sector.</summary>
    public const int SectorSize = 512;

    // A 5.25" double-density disk is written at 250 kbit/s in its own drive and at 300 kbit/s in a 1.2M drive, which turns faster.
    private static readonly FloppyGeometry[] Standard =
    [
        new(40, 1, 8, 1, 0b0110),
        new(40, 1, 9, 1, 0b0110),
        new(40, 2, 8, 1, 0b0110),
        new(40, 2, 9, 1, 0b0110),
        new(80, 2, 9, 3, 0b0100),
        new(80, 2, 15, 2, 0b0001),
        new(80, 2, 18, 4, 0b0001),
        new(80, 2, 36, 5, 0b1000),
    ];

    /// <summary>Bytes on the disk.</summary>
    public long Capacity => (long)Cylinders * Heads * SectorsPerTrack * SectorSize;

    /// <summary>
    /// The format of an image of <paramref name="length"/> bytes: the smallest that holds it. Between the two 80-track high-density formats
    /// only an exact 1.2M is one; whatever is longer than the largest is cut.
    /// </summary>
    public static FloppyGeometry OfImage(long length) =>
        Array.Find(Standard, g => g.Capacity == length)
        ?? Array.Find(Standard, g => g.Capacity > length && g.CmosType != 2)
        ?? Standard[^1];
}
