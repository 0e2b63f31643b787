namespace Emulator.Devices.Pci;

/// <summary>What the fixed part of a function's header says (PCI 2.1, section 6.2.1).</summary>
/// <param name="Vendor">Vendor ID.</param>
/// <param name="Device">Device ID.</param>
/// <param name="Revision">Revision ID.</param>
/// <param name="ClassCode">Base class, sub-class and programming interface, 24 bits.</param>
/// <param name="InterruptPin">0 for none, 1 to 4 for INTA# to INTD#.</param>
/// <param name="Multifunction">Header type bit 7; belongs to function 0.</param>
/// <param name="SubsystemVendor">Subsystem vendor ID.</param>
/// <param name="Subsystem">Subsystem ID.</param>
public sealed record PciIdentity(
    ushort Vendor,
    ushort Device,
    byte Revision,
    uint ClassCode,
    int InterruptPin = 0,
    bool Multifunction = false,
    ushort SubsystemVendor = 0x1AF4,
    ushort Subsystem = 0x1100);
