namespace Emulator.Devices.Audio;

/// <summary>A channel's pitch.</summary>
/// <param name="Number">F-number, 10 bits.</param>
/// <param name="Block">Octave, 3 bits.</param>
/// <param name="KeyCode">Block and one bit of the F-number, for what scales with the key.</param>
internal readonly record struct OplPitch(int Number, int Block, int KeyCode);
