using Emulator.Core.Backends;
using Emulator.Devices.Block;
using Emulator.Devices.Ide;
using Emulator.Firmware.Bios;
using Emulator.Firmware.Description;

namespace Emulator.Machine.Bios;

/// <summary>A CD-ROM drive as the built-in BIOS reaches it: the disc that is in it, past the packet interface.</summary>
internal sealed class BiosCdRom(AtapiCdrom drive, string name, int position) : IBiosDrive
{
    private IBlockBackend? known = drive.LoadedMedium;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public bool HasMedium => drive.LoadedMedium is not null;

    /// <inheritdoc/>
    public bool IsReadOnly => true;

    /// <inheritdoc/>
    public int SectorSize => AtapiCdrom.SectorSize;

    /// <inheritdoc/>
    public long Sectors => drive.LoadedMedium is { } medium ? PaddedImage.SectorCount(medium, SectorSize) : 0;

    /// <inheritdoc/>
    public DiskGeometry? Geometry => null;

    /// <inheritdoc/>
    public FloppyType FloppyType => FloppyType.None;

    /// <inheritdoc/>
    public int Position => position;

    /// <inheritdoc/>
    public bool TakeChanged()
    {
        bool changed = !ReferenceEquals(known, drive.LoadedMedium);
        known = drive.LoadedMedium;
        return changed;
    }

    /// <inheritdoc/>
    public bool Read(long lba, Span<byte> data) => BiosMedium.Read(drive.LoadedMedium, Sectors, lba, SectorSize, data);

    /// <inheritdoc/>
    public bool Write(long lba, ReadOnlySpan<byte> data) => false;
}
