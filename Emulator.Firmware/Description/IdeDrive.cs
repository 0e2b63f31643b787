namespace Emulator.Firmware.Description;

/// <summary>A drive on the IDE controller, as firmware must know it.</summary>
/// <param name="Channel">0 primary, 1 secondary.</param>
/// <param name="Unit">0 master, 1 slave.</param>
/// <param name="Geometry">A hard disk's geometry; null for a CD-ROM drive.</param>
public sealed record IdeDrive(int Channel, int Unit, DiskGeometry? Geometry)
{
    /// <summary>True for an ATAPI CD-ROM drive.</summary>
    public bool IsCdRom => Geometry is null;
}
