namespace Emulator.Remote.Monitor;

/// <summary>How a word behind a command is read.</summary>
public enum MonitorParameterKind
{
    /// <summary>A word, or text in double quotes.</summary>
    Text,

    /// <summary>The name of a file.</summary>
    FileName,

    /// <summary>The name of a drive.</summary>
    Device,

    /// <summary>An integer expression.</summary>
    Number,

    /// <summary>An integer expression whose value fits into 32 bits.</summary>
    Number32,

    /// <summary>A slash and a <see cref="MonitorFormat"/>, or nothing.</summary>
    Format,

    /// <summary>A dash and a letter, or nothing.</summary>
    Flag,

    /// <summary>A dash and a letter, then a word; or nothing.</summary>
    Option,

    /// <summary>Everything up to the end of the line, or nothing.</summary>
    Rest,
}

/// <summary>A word behind a command.</summary>
/// <param name="Name">What the command asks for it by; for flags and options their letter.</param>
/// <param name="Kind">How it is read.</param>
/// <param name="IsOptional">It may be missing.</param>
public sealed record MonitorParameter(string Name, MonitorParameterKind Kind, bool IsOptional = false);
