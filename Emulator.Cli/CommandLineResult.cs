using Emulator.Cli.Options;
using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>What a command line means: a machine to run, or a text to print.</summary>
/// <param name="Config">The machine; null when a text was asked for.</param>
/// <param name="Text">The text; null when there is a machine.</param>
/// <param name="Notes">Where the machine differs from what was asked for: a sentence each, to be said once.</param>
/// <param name="Running">How the program itself runs.</param>
public sealed record CommandLineResult(MachineConfig? Config, string? Text, IReadOnlyList<string> Notes, RunOptions Running);
