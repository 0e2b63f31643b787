namespace Emulator.Cli.Options;

/// <summary>One row of the option table.</summary>
/// <param name="Name">Name without dashes.</param>
/// <param name="Argument">What follows it, as <c>-help</c> shows it; null when nothing does.</param>
/// <param name="Group">Heading under which it is shown.</param>
/// <param name="Help">What it does, in a few words; empty for an alias, which is not shown.</param>
/// <param name="Apply">
/// Puts the value (empty when there is none) into the configuration; throws
/// <see cref="Machine.Config.UserErrorException"/> with the rest of a sentence that begins with option and value.
/// </param>
public sealed record Option(string Name, string? Argument, OptionGroup Group, string Help, Action<ConfigBuilder, string> Apply);
