namespace Emulator.Firmware.Memory;

/// <summary>Kinds of memory in the map that INT 15h, AX=E820h reports (ACPI 6.5, 15.1).</summary>
public enum E820Type : uint
{
    /// <summary>Free for the operating system.</summary>
    Ram = 1,

    /// <summary>Not to be touched.</summary>
    Reserved = 2,

    /// <summary>Tables that may be overwritten once they are read.</summary>
    AcpiData = 3,

    /// <summary>Firmware's memory that must survive sleep.</summary>
    AcpiNvs = 4,
}
