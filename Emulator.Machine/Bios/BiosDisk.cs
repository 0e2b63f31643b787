using Emulator.Devices.Ide;
using Emulator.Firmware.Bios;
using Emulator.Firmware.Description;

namespace Emulator.Machine.Bios;

/// <summary>An IDE hard disk as the built-in BIOS reaches it: its image, past the channel's registers.</summary>
internal sealed class BiosDisk(AtaDisk disk, string name, int position) : IBiosDrive
{
    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool HasMedium => true;

    /// <inheritdoc/>
    public bool IsReadOnly => disk.Image.IsReadOnly;

    /// <inheritdoc/>
    public int SectorSize => AtaDisk.SectorSize;

    /// <inheritdoc/>
    public long Sectors => disk.Sectors;

    /// <inheritdoc/>
    public DiskGeometry? Geometry => new(disk.Cylinders, AtaDisk.DefaultHeads, AtaDisk.DefaultSectorsPerTrack);

    /// <inheritdoc/>
    public FloppyType FloppyType => FloppyType.None;

    /// <inheritdoc/>
    public int Position => position;

    /// <inheritdoc/>
    public bool TakeChanged() => false;

    /// <inheritdoc/>
    public bool Read(long lba, Span<byte> data) => BiosMedium.Read(disk.Image, Sectors, lba, SectorSize, data);

    /// <inheritdoc/>
    public bool Write(long lba, ReadOnlySpan<byte> data) => BiosMedium.Write(disk.Image, Sectors, lba, SectorSize, data);
}
