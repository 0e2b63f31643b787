using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>What a command line means: a machine to run, or a text to print.</summary>
/// <param name="Config">The machine; null when a text was asked for.</param>
/// <param name="Text">The text; null when there is a machine.</param>
public sealed record CommandLineResult(MachineConfig? Config, string? Text);
