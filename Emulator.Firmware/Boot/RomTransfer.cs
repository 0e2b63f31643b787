namespace Emulator.Firmware.Boot;

/// <summary>A fw_cfg item that the kernel boot ROM copies into memory.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Address">Guest-physical target.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct RomTransfer(ushort Key, uint Address, uint Length);
