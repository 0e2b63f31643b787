using Emulator.Core.Backends;
using Emulator.Core.State;
using Emulator.Devices.Block;

namespace Emulator.Devices.Floppy;

/// <summary>A floppy drive: head position, disk and disk-change line.</summary>
public sealed class FloppyDrive
{
    /// <summary>Cylinder that the heads cannot go beyond.</summary>
    public const int LastCylinder = 85;

    private IBlockBackend? medium;

    /// <summary>Makes a drive. Its kind is that of the disk in it, or 1.44M.</summary>
    public FloppyDrive(IBlockBackend? medium = null)
    {
        this.medium = medium;
        Geometry = medium is null ? null : FloppyGeometry.OfImage(medium.Length);
        CmosType = Geometry?.CmosType ?? 4;
        DiskChanged = true;
    }

    /// <summary>Kind of drive for CMOS byte 10: 1 360K, 2 1.2M, 3 720K, 4 1.44M, 5 2.88M.</summary>
    public int CmosType { get; }

    /// <summary>The disk, or null. Changing it raises the disk-change line until the next step pulse.</summary>
    public IBlockBackend? Medium
    {
        get => medium;
        set
        {
            medium = value;
            Geometry = value is null ? null : FloppyGeometry.OfImage(value.Length);
            DiskChanged = true;
        }
    }

    /// <summary>The disk's format, null without disk.</summary>
    public FloppyGeometry? Geometry { get; private set; }

    /// <summary>Cylinder that the heads stand on.</summary>
    public int Cylinder { get; private set; }

    /// <summary>The DSKCHG line.</summary>
    public bool DiskChanged { get; private set; }

    /// <summary>True when there is a disk that cannot be written.</summary>
    public bool IsWriteProtected => medium?.IsReadOnly ?? false;

    /// <summary>Moves the heads; a step pulse with a disk in place lowers DSKCHG.</summary>
    internal void StepTo(int cylinder)
    {
        Cylinder = Math.Clamp(cylinder, 0, LastCylinder);
        if (medium is not null)
        {
            DiskChanged = false;
        }
    }

    /// <summary>Reads one sector of the present cylinder. Needs a disk.</summary>
    /// <exception cref="IOException">The host failed.</exception>
    internal void Read(int head, int sector, Span<byte> data)
    {
        if (medium is { } image)
        {
            PaddedImage.Read(image, OffsetOf(head, sector), data);
        }
    }

    /// <summary>Writes one sector of the present cylinder. Needs a disk.</summary>
    /// <exception cref="IOException">The host failed, or the sector is beyond the image.</exception>
    internal void Write(int head, int sector, ReadOnlySpan<byte> data)
    {
        if (medium is { } image)
        {
            PaddedImage.Write(image, OffsetOf(head, sector), data);
        }
    }

    /// <summary>Saves or loads.</summary>
    internal void Transfer(StateTransfer state, string drive)
    {
        MediumState.Check(state, medium, drive);
        Cylinder = state.Int32(Cylinder, 0, LastCylinder);
        DiskChanged = state.Bool(DiskChanged);
    }

    private long OffsetOf(int head, int sector) => Geometry is { } g
        ? ((((long)Cylinder * g.Heads) + head) * g.SectorsPerTrack + sector - 1) * FloppyGeometry.SectorSize
        : 0;
}
