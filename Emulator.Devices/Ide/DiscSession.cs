namespace Emulator.Devices.Ide;

/// <summary>A session of a disc, here with one data track, whose number is the session's.</summary>
/// <param name="Start">LBA of its first sector.</param>
/// <param name="End">LBA of its lead-out.</param>
internal readonly record struct DiscSession(long Start, long End);
