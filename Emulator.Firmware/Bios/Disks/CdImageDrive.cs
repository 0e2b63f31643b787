using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios.Disks;

/// <summary>A floppy or hard disk image on a CD as a drive of 512-byte sectors that cannot be written (El Torito 1.0, section 3).</summary>
/// <param name="cd">The CD-ROM drive.</param>
/// <param name="start">First sector of the image, of 2048 bytes.</param>
/// <param name="geometry">The image's geometry.</param>
internal sealed class CdImageDrive(IBiosDrive cd, uint start, DiskGeometry geometry) : IBiosDrive
{
    private const int SectorBytes = 512, PerCdSector = 4;

    /// <inheritdoc/>
    public string Name => cd.Name;

    /// <inheritdoc/>
    public bool HasMedium => cd.HasMedium;

    /// <inheritdoc/>
    public bool IsReadOnly => true;

    /// <inheritdoc/>
    public int SectorSize => SectorBytes;

    /// <inheritdoc/>
    public long Sectors => (long)geometry.Cylinders * geometry.Heads * geometry.Sectors;

    /// <inheritdoc/>
    public DiskGeometry? Geometry => geometry;

    /// <inheritdoc/>
    public FloppyType FloppyType => geometry switch { { Sectors: 15 } => FloppyType.Disk1200, { Sectors: 36 } => FloppyType.Disk2880, _ => FloppyType.Disk1440 };

    /// <inheritdoc/>
    public int Position => cd.Position;

    /// <inheritdoc/>
    public bool TakeChanged() => false;

    /// <inheritdoc/>
    public bool Read(long lba, Span<byte> data)
    {
        var sector = new byte[cd.SectorSize];
        long held = -1;
        for (int at = 0; at < data.Length; at += SectorBytes, lba++)
        {
            long wanted = start + (lba / PerCdSector);
            if (wanted != held && !cd.Read(held = wanted, sector))
            {
                return false;
            }
            sector.AsSpan((int)(lba % PerCdSector) * SectorBytes, SectorBytes).CopyTo(data[at..]);
        }
        return true;
    }

    /// <inheritdoc/>
    public bool Write(long lba, ReadOnlySpan<byte> data) => false;
}
