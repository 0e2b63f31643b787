namespace Emulator.Firmware.Boot;

/// <summary>A piece of a kernel that is started in real mode: the item of fw_cfg that has it, and where it goes.</summary>
/// <param name="Key">Key of the fw_cfg item.</param>
/// <param name="Address">Physical address of its first byte.</param>
/// <param name="Data">The bytes.</param>
public sealed record RealModePart(ushort Key, uint Address, byte[] Data);
