namespace Emulator.Firmware.Acpi;

/// <summary>A 32-bit address inside the table blob that points at another table of the blob.</summary>
/// <param name="Offset">Where the address stands, as an offset in the blob.</param>
/// <param name="Target">What it points at, as an offset in the blob.</param>
public readonly record struct TablePointer(int Offset, int Target);
