namespace Emulator.Firmware.Description;

/// <summary>Floppy drive types as CMOS byte 10 has them.</summary>
public enum FloppyType
{
    /// <summary>No drive.</summary>
    None = 0,

    /// <summary>5.25 inch, 360 KB.</summary>
    Disk360 = 1,

    /// <summary>5.25 inch, 1.2 MB.</summary>
    Disk1200 = 2,

    /// <summary>3.5 inch, 720 KB.</summary>
    Disk720 = 3,

    /// <summary>3.5 inch, 1.44 MB.</summary>
    Disk1440 = 4,

    /// <summary>3.5 inch, 2.88 MB.</summary>
    Disk2880 = 5,
}
