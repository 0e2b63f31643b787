namespace Emulator.Firmware.Description;

/// <summary>Physical geometry of a hard disk, as its IDENTIFY data has it.</summary>
/// <param name="Cylinders">1 to 16383.</param>
/// <param name="Heads">1 to 16.</param>
/// <param name="Sectors">Sectors a track, 1 to 63.</param>
public sealed record DiskGeometry(int Cylinders, int Heads, int Sectors)
{
    /// <summary>True when INT 13h needs a translated geometry because the disk has more cylinders than its 10 bits hold.</summary>
    public bool NeedsTranslation => Cylinders > 1024 || Heads > 16 || Sectors > 63;
}
