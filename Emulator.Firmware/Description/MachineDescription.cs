namespace Emulator.Firmware.Description;

/// <summary>What firmware has to be told about a machine. Plain data: the board fills it from the command line.</summary>
public sealed record MachineDescription
{
    /// <summary>Bytes of RAM.</summary>
    public required ulong RamSize { get; init; }

    /// <summary>Virtual processors.</summary>
    public int CpuCount { get; init; } = 1;

    /// <summary>Type of floppy drive A.</summary>
    public FloppyType FloppyA { get; init; }

    /// <summary>Type of floppy drive B.</summary>
    public FloppyType FloppyB { get; init; }

    /// <summary>True when the board has a floppy controller.</summary>
    public bool HasFloppyController { get; init; } = true;

    /// <summary>Drives of the IDE controller.</summary>
    public IReadOnlyList<IdeDrive> IdeDrives { get; init; } = [];

    /// <summary>Serial ports present, from COM1: at most 2 appear in ACPI, at most 4 in the BIOS data area.</summary>
    public int SerialPorts { get; init; } = 1;

    /// <summary>Order in which devices are tried, as <c>-boot order=</c> takes it: a b floppy, c hard disk, d CD-ROM, n network.</summary>
    public string BootOrder { get; init; } = "cad";

    /// <summary>False when a floppy boots without its signature (<c>-no-fd-bootchk</c>).</summary>
    public bool ChecksFloppySignature { get; init; } = true;

    /// <summary>True when SeaBIOS shows its boot menu prompt (<c>-boot menu=on</c>).</summary>
    public bool BootMenu { get; init; }

    /// <summary>How long the boot menu prompt waits, ms; null leaves it to SeaBIOS (2500).</summary>
    public int? BootMenuWaitMs { get; init; }

    /// <summary>How long SeaBIOS waits before it reboots when nothing boots, ms; null means that it stays.</summary>
    public int? BootFailWaitMs { get; init; }

    /// <summary>True when there is no screen, so that SeaBIOS uses the serial console where it can (<c>-nographic</c>).</summary>
    public bool NoGraphic { get; init; }

    /// <summary>True when the board has a PIIX4 power management function and ACPI tables are to be made.</summary>
    public bool HasAcpi { get; init; } = true;

    /// <summary>True when the board has high precision event timers.</summary>
    public bool HasHpet { get; init; }

    /// <summary>The system UUID, zero when there is none.</summary>
    public Guid Uuid { get; init; }

    /// <summary>Checks the fields that a user can get wrong.</summary>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public void Validate()
    {
        if (RamSize < 1 << 20)
        {
            throw new FirmwareException($"{RamSize >> 10} KiB of RAM are too few: a PC needs at least 1 MiB (-m 1)");
        }
        if (CpuCount is < 1 or > 255)
        {
            throw new FirmwareException($"{CpuCount} processors are not possible: give 1 to 255 (-smp)");
        }
        foreach (char device in BootOrder)
        {
            if (device is not ('a' or 'b' or 'c' or 'd' or 'n'))
            {
                throw new FirmwareException($"'{device}' in boot order \"{BootOrder}\" is no boot device: use a, b (floppy), c (hard disk), d (CD-ROM) or n (network)");
            }
        }
        if (BootOrder.Distinct().Count() != BootOrder.Length)
        {
            throw new FirmwareException($"boot order \"{BootOrder}\" names a device twice");
        }
    }
}
