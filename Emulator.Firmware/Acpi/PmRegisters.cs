namespace Emulator.Firmware.Acpi;

/// <summary>
/// Where the PIIX4 power management function is put and what the ACPI tables tell of it. The board wires the same numbers.
/// Source: Intel 82371AB data sheet, section 7; QEMU's <c>pc</c> board for the GPE block, which the chip has elsewhere.
/// </summary>
public static class PmRegisters
{
    /// <summary>PMBASE: PM1a status and enable.</summary>
    public const ushort Pm1aEvent = 0x600;

    /// <summary>PM1a control (SCI_EN, SLP_TYP, SLP_EN).</summary>
    public const ushort Pm1aControl = 0x604;

    /// <summary>24-bit timer at 3.579545 MHz.</summary>
    public const ushort PmTimer = 0x608;

    /// <summary>General purpose event block 0: two status and two enable bytes.</summary>
    public const ushort Gpe0 = 0xAFE0;

    /// <summary>Base of the SMBus controller's registers.</summary>
    public const ushort SmBus = 0x700;

    /// <summary>APM control port, where an operating system asks for ACPI mode.</summary>
    public const ushort SmiCommand = 0xB2;

    /// <summary>Written to <see cref="SmiCommand"/>: SCI_EN is to be set.</summary>
    public const byte AcpiEnable = 0xF1;

    /// <summary>Written to <see cref="SmiCommand"/>: SCI_EN is to be cleared.</summary>
    public const byte AcpiDisable = 0xF0;

    /// <summary>Interrupt of power management events; wired, not routed.</summary>
    public const byte Sci = 9;

    /// <summary>SLP_TYP value of S5 (power off).</summary>
    public const byte SleepTypeS5 = 0;
}
