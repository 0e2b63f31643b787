using Emulator.Core.Backends;
using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>The host ends of all byte streams of a machine, opened in the order of the configuration.</summary>
public sealed class CharBackends : IDisposable
{
    private readonly Dictionary<string, ICharBackend> streams = [];
    private readonly Dictionary<string, CharMux> muxes = [];
    private readonly List<ICharBackend?> serials = [];
    private readonly List<ICharBackend?> parallels = [];
    private readonly List<ICharBackend> monitors = [];
    private readonly List<ICharBackend> debugCons = [];

    private CharBackends()
    {
    }

    /// <summary>COM ports; null where there is no port.</summary>
    public IReadOnlyList<ICharBackend?> Serials => serials;

    /// <summary>Printer ports; null where there is no port.</summary>
    public IReadOnlyList<ICharBackend?> Parallels => parallels;

    /// <summary>Streams to put a monitor on.</summary>
    public IReadOnlyList<ICharBackend> Monitors => monitors;

    /// <summary>Outputs of <see cref="MachineConfig.DebugCons"/>, in its order.</summary>
    public IReadOnlyList<ICharBackend> DebugCons => debugCons;

    /// <summary>Opens everything, or nothing.</summary>
    /// <param name="config">The machine.</param>
    /// <param name="post">Runs an action on the machine thread; called from any thread, and already during this call.</param>
    /// <param name="commands">What Ctrl-a commands do.</param>
    /// <param name="output">Gets the names of pseudo-terminals: standard output.</param>
    /// <param name="info">Gets lines about what is waited for: standard error.</param>
    /// <exception cref="UserErrorException">One of them cannot be opened.</exception>
    public static CharBackends Open(MachineConfig config, Action<Action> post, MuxCommands commands, TextWriter output, TextWriter info)
    {
        var all = new CharBackends();
        try
        {
            foreach (var spec in config.Serials)
            {
                all.serials.Add(spec.Kind == CharKind.None ? null : Attach(spec, isMonitor: false));
            }
            foreach (var spec in config.Parallels)
            {
                all.parallels.Add(spec.Kind == CharKind.None ? null : Attach(spec, isMonitor: false));
            }
            foreach (var debugCon in config.DebugCons)
            {
                all.debugCons.Add(Attach(debugCon.Output, isMonitor: false));
            }
            foreach (var spec in config.Monitors)
            {
                all.monitors.Add(Attach(spec, isMonitor: true));
            }
            return all;
        }
        catch (UserErrorException)
        {
            all.Dispose();
            throw;
        }

        ICharBackend Attach(CharSpec spec, bool isMonitor)
        {
            if (!spec.Mux)
            {
                if (all.streams.ContainsKey(spec.Label))
                {
                    throw new UserErrorException($"{spec.Origin}: it has two users; add mux=on to share it");
                }
                return all.streams[spec.Label] = OpenHost(spec, post, output, info);
            }
            if (!all.muxes.TryGetValue(spec.Label, out var mux))
            {
                mux = new CharMux(OpenHost(spec, post, output, info), config.EscapeByte, commands);
                all.muxes.Add(spec.Label, mux);
            }
            return mux.AddFrontEnd(isMonitor);
        }
    }

    /// <summary>Looks whether each could be opened; what <see cref="Open"/> would connect to is not called.</summary>
    /// <exception cref="UserErrorException">One of them cannot.</exception>
    public static void Check(MachineConfig config)
    {
        var open = new List<IDisposable?>();
        try
        {
            open.AddRange(AllOf(config).Select(Check));
        }
        finally
        {
            open.ForEach(o => o?.Dispose());
        }
    }

    // In the order of Open.
    private static IEnumerable<CharSpec> AllOf(MachineConfig config) =>
        config.Serials.Concat(config.Parallels).Concat(config.DebugCons.Select(d => d.Output)).Concat(config.Monitors).DistinctBy(s => s.Label);

    private static IDisposable? Check(CharSpec spec)
    {
        if (spec.LogFile is string log)
        {
            FileBackend.Check(spec with { Path = log });
        }
        switch (spec.Kind)
        {
            case CharKind.File:
                FileBackend.Check(spec);
                return null;
            case CharKind.Tcp or CharKind.Unix:
                return HostSocket.Check(spec);
            default:
                return spec.Kind is CharKind.Pty or CharKind.Pipe ? OpenPlain(spec, _ => { }, TextWriter.Null, TextWriter.Null) : null;
        }
    }

    /// <summary>Opens one stream that is not shared.</summary>
    /// <exception cref="UserErrorException">It cannot be opened.</exception>
    public static ICharBackend OpenHost(CharSpec spec, Action<Action> post, TextWriter output, TextWriter info)
    {
        if (spec.LogFile is not string log)
        {
            return OpenPlain(spec, post, output, info);
        }
        var copy = new FileBackend(spec with { Kind = CharKind.File, Path = log, Append = spec.LogAppend }, post);
        try
        {
            return new CopiedBackend(OpenPlain(spec, post, output, info), copy);
        }
        catch (UserErrorException)
        {
            copy.Dispose();
            throw;
        }
    }

    private static ICharBackend OpenPlain(CharSpec spec, Action<Action> post, TextWriter output, TextWriter info) => spec.Kind switch
    {
        CharKind.Stdio => new StdioBackend(spec, post),
        CharKind.File => new FileBackend(spec, post),
        CharKind.Tcp or CharKind.Unix => new SocketBackend(spec, post, info),
        CharKind.Pty => new PtyBackend(spec, post, output),
        CharKind.Pipe => new PipeBackend(spec, post),
        _ => new NullBackend(),
    };

    /// <summary>Writes what is waiting, closes everything and sets the terminal back.</summary>
    public void Dispose()
    {
        foreach (var stream in streams.Values)
        {
            stream.Dispose();
        }
        foreach (var mux in muxes.Values)
        {
            mux.Dispose();
        }
        streams.Clear();
        muxes.Clear();
    }
}
