namespace Emulator.Firmware.Bios;

/// <summary>A segment register at a call: what it holds and where it points.</summary>
public readonly record struct BiosSegment(ushort Selector, uint Base);
