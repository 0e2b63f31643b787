namespace Emulator.Devices.Pci;

/// <summary>A base address register as it stands, for the monitor.</summary>
/// <param name="Index">0 to 5, or 6 for the expansion ROM.</param>
/// <param name="Bar">The declaration.</param>
/// <param name="Value">Base address in the register, without type and enable bits.</param>
/// <param name="IsDecoded">True while accesses reach the function.</param>
public sealed record PciBarState(int Index, PciBar Bar, uint Value, bool IsDecoded);
