namespace Emulator.Machine.Config;

/// <summary>An animation of the screen, <c>-record</c>.</summary>
/// <param name="Path">The file.</param>
/// <param name="Rate">How often the screen is looked at, in a second of guest time.</param>
public sealed record RecordingConfig(string Path, int Rate);
