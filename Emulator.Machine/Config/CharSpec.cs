namespace Emulator.Machine.Config;

/// <summary>Host ends of a byte stream.</summary>
public enum CharKind
{
    /// <summary>Nothing, and no device at the guest's end either.</summary>
    None,

    /// <summary>A device whose output is dropped and that never gets input.</summary>
    Null,

    /// <summary>The terminal or the pipes the program was started with.</summary>
    Stdio,

    /// <summary>A file that gets the output.</summary>
    File,

    /// <summary>A TCP connection.</summary>
    Tcp,

    /// <summary>A Unix-domain stream socket.</summary>
    Unix,

    /// <summary>A pseudo-terminal.</summary>
    Pty,

    /// <summary>A pair of named pipes.</summary>
    Pipe,
}

/// <summary>A byte stream of the host: the value of <c>-serial</c>, <c>-monitor</c>, <c>-debugcon</c> or <c>-chardev</c>.</summary>
public sealed record CharSpec
{
    /// <summary>What it is.</summary>
    public required CharKind Kind { get; init; }

    /// <summary>Name of the stream (<c>serial0</c>, <c>compat_monitor0</c>, an id of <c>-chardev</c>). Equal labels are one stream.</summary>
    public string Label { get; init; } = "";

    /// <summary>True when several front ends share it by Ctrl-a.</summary>
    public bool Mux { get; init; }

    /// <summary>Stdio: true when Ctrl-C ends the program, false when it goes to the guest.</summary>
    public bool Signals { get; init; } = true;

    /// <summary>Path of a file, a Unix socket or pipes.</summary>
    public string Path { get; init; } = "";

    /// <summary>File: keep what it holds.</summary>
    public bool Append { get; init; }

    /// <summary>TCP host.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>TCP port; 0 lets the host choose one, which is then printed.</summary>
    public int Port { get; init; }

    /// <summary>Sockets: listen instead of connecting.</summary>
    public bool Server { get; init; }

    /// <summary>Listening sockets: do not start before a client is there.</summary>
    public bool Wait { get; init; }

    /// <summary>TCP: the telnet protocol on top, a character at a time and 8 bits wide.</summary>
    public bool Telnet { get; init; }

    /// <summary>A file that gets a copy of the output; null for none.</summary>
    public string? LogFile { get; init; }

    /// <summary>Keep what <see cref="LogFile"/> holds.</summary>
    public bool LogAppend { get; init; }

    /// <summary>The option that made it, as a person typed it, for error messages.</summary>
    public string Origin { get; init; } = "";
}
