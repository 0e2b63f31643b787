using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The values of <c>-serial</c>, <c>-monitor</c>, <c>-debugcon</c> (one form) and <c>-chardev</c> (another).</summary>
public static class CharSpecParser
{
    private const string Known = "stdio, mon:stdio, file:PATH, tcp:HOST:PORT, telnet:HOST:PORT, unix:PATH, pipe:PATH, pty, chardev:ID, null, none";

    /// <summary>The kinds of <c>-chardev</c>.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["stdio", "file", "socket", "pipe", "pty", "null", "vc"];

    /// <summary>A stream in the short form, e.g. <c>tcp:127.0.0.1:4444,server=on,wait=off</c>.</summary>
    /// <param name="text">The value, without <c>mon:</c>.</param>
    /// <exception cref="UserErrorException">It is none, or one that is not built.</exception>
    public static CharSpec Parse(string text)
    {
        int colon = text.IndexOf(':');
        string kind = colon < 0 ? text : text[..colon];
        string rest = colon < 0 ? "" : text[(colon + 1)..];
        return kind switch
        {
            "none" when colon < 0 => new() { Kind = CharKind.None },
            "null" or "vc" when colon < 0 || kind == "vc" => new() { Kind = CharKind.Null },
            "stdio" when colon < 0 => new() { Kind = CharKind.Stdio },
            "pty" when colon < 0 => new() { Kind = CharKind.Pty },
            "file" => new() { Kind = CharKind.File, Path = NonEmpty(rest, "file:PATH") },
            "/dev/null" => new() { Kind = CharKind.Null },
            "tcp" => Tcp(rest, "tcp"),
            "telnet" => Tcp(rest, "telnet") with { Telnet = true },
            "unix" => Unix(rest),
            "pipe" => new() { Kind = CharKind.Pipe, Path = NonEmpty(rest, "pipe:PATH") },
            "udp" or "websocket" or "con" or "msmouse" or "braille" =>
                throw new UserErrorException($"'{kind}' streams are not built; use one of {Known}"),
            _ when text.StartsWith("/dev/", StringComparison.Ordinal) =>
                throw new UserErrorException($"serial devices of the host are not built; use one of {Known}"),
            _ => throw new UserErrorException($"'{text}' is no stream; use one of {Known}"),
        };
    }

    /// <summary>A stream of <c>-chardev KIND,id=ID,...</c>.</summary>
    /// <exception cref="UserErrorException">It is none, or one that is not built.</exception>
    public static CharSpec ParseChardev(string text)
    {
        var values = new KeyValues(text, "backend");
        string kind = values["backend"] ?? "";
        string[] common = ["backend", "id", "mux", "logfile", "logappend"];
        string[] own = kind switch
        {
            "stdio" => ["signal"],
            "file" => ["path", "append"],
            "socket" => ["host", "port", "path", "server", "wait", "nodelay", "delay", "ipv4", "nowait", "telnet"],
            "pipe" => ["path"],
            "vc" => ["width", "height", "cols", "rows"],
            "pty" or "null" => [],
            _ => throw new UserErrorException($"'{kind}' streams are not built; use one of {string.Join(", ", Kinds)}"),
        };
        values.Allow([.. common, .. own]);
        bool mux = values.Flag("mux", false);
        var spec = new CharSpec
        {
            Kind = CharKind.Null,
            Label = NonEmpty(values["id"] ?? "", $"{kind},id=ID"),
            Mux = mux,
            LogFile = values["logfile"] is string log ? NonEmpty(log, "logfile=PATH") : null,
            LogAppend = values.Flag("logappend", false),
        };
        switch (kind)
        {
            case "stdio":
                return spec with { Kind = CharKind.Stdio, Signals = values.Flag("signal", !mux) };
            case "file":
                return spec with { Kind = CharKind.File, Path = NonEmpty(values["path"] ?? "", "path=PATH"), Append = values.Flag("append", false) };
            case "pipe":
                return spec with { Kind = CharKind.Pipe, Path = NonEmpty(values["path"] ?? "", "path=PATH") };
            case "pty":
                return spec with { Kind = CharKind.Pty };
            case "socket":
                spec = WithServer(spec, values);
                if (values["path"] is string path)
                {
                    return spec with { Kind = CharKind.Unix, Path = NonEmpty(path, "path=PATH") };
                }
                string port = values["port"] ?? throw new UserErrorException("a socket needs port=PORT, or path=PATH");
                return spec with { Kind = CharKind.Tcp, Host = HostOf(values["host"] ?? ""), Port = PortOf(port, spec.Server), Telnet = values.Flag("telnet", false) };
            default:
                return spec;
        }
    }

    private static CharSpec Tcp(string rest, string kind)
    {
        var values = new KeyValues(rest, "address").Allow("address", "server", "wait", "nowait", "nodelay", "delay", "ipv4");
        string address = values["address"] ?? "";
        int colon = address.LastIndexOf(':');
        if (colon < 0)
        {
            throw new UserErrorException($"the port is missing; write {kind}:HOST:PORT, for example {kind}:127.0.0.1:4444");
        }
        var spec = WithServer(new CharSpec { Kind = CharKind.Tcp }, values);
        return spec with { Host = HostOf(address[..colon]), Port = PortOf(address[(colon + 1)..], spec.Server) };
    }

    private static CharSpec Unix(string rest)
    {
        var values = new KeyValues(rest, "path").Allow("path", "server", "wait", "nowait");
        return WithServer(new CharSpec { Kind = CharKind.Unix, Path = NonEmpty(values["path"] ?? "", "unix:PATH") }, values);
    }

    // A server waits for its client unless told otherwise; "nowait" is the older spelling of wait=off.
    private static CharSpec WithServer(CharSpec spec, KeyValues values)
    {
        bool server = values.Flag("server", false);
        if (!server && (values["wait"] ?? values["nowait"]) is not null)
        {
            throw new UserErrorException("only a server waits; add server=on, or leave wait= out");
        }
        return spec with { Server = server, Wait = server && values.Flag("wait", true) && !values.Flag("nowait", false) };
    }

    private static string HostOf(string host) => host.Length == 0 ? "127.0.0.1" : host.Trim('[', ']');

    // Only a server can let the host choose.
    private static int PortOf(string port, bool server) => (int)KeyValues.ParseNumber("port", port, server ? 0 : 1, 65535);

    private static string NonEmpty(string value, string form) =>
        value.Length > 0 ? value : throw new UserErrorException($"the name is missing; write {form}");
}
