using Emulator.Core.Backends;
using Emulator.Devices.Block;
using Emulator.Devices.Floppy;
using Emulator.Firmware.Bios;
using Emulator.Firmware.Description;

namespace Emulator.Machine.Bios;

/// <summary>A floppy drive as the built-in BIOS reaches it: the image that is in it, past the controller.</summary>
internal sealed class BiosFloppy(FloppyDrive drive, int position) : IBiosDrive
{
    private IBlockBackend? known = drive.Medium;

    /// <inheritdoc/>
    public string Name => $"drive {(char)('A' + position)}";

    /// <inheritdoc/>
    public bool HasMedium => drive.Medium is not null;

    /// <inheritdoc/>
    public bool IsReadOnly => drive.IsWriteProtected;

    /// <inheritdoc/>
    public int SectorSize => FloppyGeometry.SectorSize;

    /// <inheritdoc/>
    public long Sectors => drive.Geometry is { } geometry ? geometry.Capacity / SectorSize : 0;

    /// <inheritdoc/>
    public DiskGeometry? Geometry => drive.Geometry is { } geometry ? new DiskGeometry(geometry.Cylinders, geometry.Heads, geometry.SectorsPerTrack) : null;

    /// <inheritdoc/>
    public FloppyType FloppyType => (FloppyType)drive.CmosType;

    /// <inheritdoc/>
    public int Position => position;

    /// <inheritdoc/>
    public bool TakeChanged()
    {
        bool changed = !ReferenceEquals(known, drive.Medium);
        known = drive.Medium;
        return changed;
    }

    /// <inheritdoc/>
    public bool Read(long lba, Span<byte> data) => BiosMedium.Read(drive.Medium, Sectors, lba, SectorSize, data);

    /// <inheritdoc/>
    public bool Write(long lba, ReadOnlySpan<byte> data) => BiosMedium.Write(drive.Medium, Sectors, lba, SectorSize, data);
}
