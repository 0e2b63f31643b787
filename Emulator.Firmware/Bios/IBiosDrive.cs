using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios;

/// <summary>A drive as INT 13h reaches it: whole sectors of the medium that is in it.</summary>
public interface IBiosDrive
{
    /// <summary>For messages and the boot menu.</summary>
    string Name { get; }

    /// <summary>True when there is a medium.</summary>
    bool HasMedium { get; }

    /// <summary>True when the medium cannot be written.</summary>
    bool IsReadOnly { get; }

    /// <summary>Bytes in a sector: 512, CD-ROM 2048.</summary>
    int SectorSize { get; }

    /// <summary>Sectors of the medium; 0 without one.</summary>
    long Sectors { get; }

    /// <summary>A hard disk's own geometry, or that of the disk in a floppy drive; null for a CD-ROM and without a disk.</summary>
    DiskGeometry? Geometry { get; }

    /// <summary>The floppy drive's type.</summary>
    FloppyType FloppyType { get; }

    /// <summary>Where an IDE drive sits: 2 * channel + unit; a floppy drive's number.</summary>
    int Position { get; }

    /// <summary>Reads and clears the mark that the medium was changed.</summary>
    bool TakeChanged();

    /// <summary>Reads whole sectors from <paramref name="lba"/>.</summary>
    /// <returns>False when there is no medium, the range is outside it, or the host failed.</returns>
    bool Read(long lba, Span<byte> data);

    /// <summary>Writes whole sectors from <paramref name="lba"/>.</summary>
    /// <returns>False when there is no medium, it cannot be written, the range is outside it, or the host failed.</returns>
    bool Write(long lba, ReadOnlySpan<byte> data);
}
