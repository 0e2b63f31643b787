namespace Emulator.Cli.Options;

/// <summary>How the program itself runs, beside the machine.</summary>
public sealed record RunOptions
{
    /// <summary><c>-dry-run</c>: make the machine and do not run it.</summary>
    public bool IsDry { get; init; }

    /// <summary><c>-daemonize</c>: go on in the background once the machine is made.</summary>
    public bool Daemonize { get; init; }

    /// <summary><c>-msg timestamp=on</c>: messages begin with the time, UTC.</summary>
    public bool Timestamps { get; init; }
}
