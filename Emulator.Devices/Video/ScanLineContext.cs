namespace Emulator.Devices.Video;

/// <summary>What a scan line is fetched with.</summary>
/// <param name="Counter">The address counter at the line's first character.</param>
/// <param name="RowScan">The line of the character row.</param>
/// <param name="Frame">The frame number: the clock of blinking.</param>
internal readonly record struct ScanLineContext(int Counter, int RowScan, long Frame);
