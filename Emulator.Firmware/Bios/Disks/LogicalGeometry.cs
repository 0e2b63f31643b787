using Emulator.Firmware.Description;

namespace Emulator.Firmware.Bios.Disks;

/// <summary>
/// The geometry that INT 13h shows of a hard disk: its own while that has at most 1024 cylinders, else "LBA assist" (Phoenix Enhanced
/// Disk Drive Specification 3.0, annex C): 63 sectors, and as many heads as bring the cylinders under 1024.
/// </summary>
internal static class LogicalGeometry
{
    /// <summary>The geometry for a drive with a medium.</summary>
    public static DiskGeometry Of(IBiosDrive drive)
    {
        DiskGeometry own = drive.Geometry ?? new DiskGeometry(1024, 255, 63);
        if (!own.NeedsTranslation)
        {
            return own;
        }
        const int sectors = 63, most = 1024;
        long tracks = drive.Sectors / sectors;
        int heads = (tracks / most) switch { > 128 => 255, > 64 => 128, > 32 => 64, > 16 => 32, _ => 16 };
        return new DiskGeometry((int)Math.Min(tracks / heads, most), heads, sectors);
    }
}
