namespace Emulator.Firmware.Acpi;

/// <summary>Where a table lies in the blob.</summary>
/// <param name="Signature">Four characters.</param>
/// <param name="Offset">Start in the blob.</param>
/// <param name="Length">Bytes.</param>
/// <param name="HasChecksum">False for the FACS, which has none.</param>
public sealed record AcpiTable(string Signature, int Offset, int Length, bool HasChecksum)
{
    /// <summary>Offset of the checksum byte in a table header.</summary>
    public const int ChecksumOffset = 9;
}
