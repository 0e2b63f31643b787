using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>
/// Which byte stream goes where: the values of <c>-serial</c>, <c>-monitor</c>, <c>-debugcon</c>, <c>-device isa-debugcon</c>
/// and <c>-chardev</c>, with the defaults that <c>-nographic</c> and <c>-nodefaults</c> change.
/// </summary>
internal sealed class StreamPlan
{
    private const int MaxSerials = 4, MaxParallels = 2;

    private readonly ConfigBuilder builder;
    private readonly List<CharSpec> serials = [];
    private readonly List<CharSpec> parallels = [];
    private readonly List<CharSpec> monitors = [];
    private readonly List<DebugConConfig> debugCons = [];

    public StreamPlan(ConfigBuilder builder)
    {
        this.builder = builder;
        foreach (string value in builder.Serials)
        {
            AddSerial($"-serial {value}", value);
        }
        foreach (string value in builder.Parallels)
        {
            if (parallels.Count == MaxParallels)
            {
                throw new UserErrorException($"-parallel {value}: there are {MaxParallels} parallel ports at most; leave one out");
            }
            var spec = Resolve($"-parallel {value}", value, $"parallel{parallels.Count}");
            parallels.Add(spec);
            AlsoMonitor(value, spec);
        }
        foreach (var (option, value) in builder.Monitors)
        {
            AddMonitor($"{option} {value}", value);
        }
        AddDefaults();
        if (builder.DebugCon is string debugCon)
        {
            AddDebugCon($"-debugcon {debugCon}", debugCon, new DeviceConfig(DeviceParser.DebugCon, []));
        }
        foreach (var (origin, device) in builder.Devices.Where(d => d.Device.Name == DeviceParser.DebugCon))
        {
            string id = builder.Property(device, "chardev")
                ?? throw new UserErrorException($"{origin}: its stream is missing; add chardev=ID, and -chardev stdio,id=ID or another");
            AddDebugCon(origin, $"chardev:{id}", device);
        }
        CheckStdio();
    }

    public IReadOnlyList<CharSpec> Serials => serials;

    public IReadOnlyList<CharSpec> Parallels => parallels;

    public IReadOnlyList<CharSpec> Monitors => monitors;

    public IReadOnlyList<DebugConConfig> DebugCons => debugCons;

    public bool UsesStdio => StdioOrigin is not null;

    /// <summary>The first option that takes the terminal.</summary>
    public string? StdioOrigin => All.FirstOrDefault(s => s.Kind == CharKind.Stdio)?.Origin;

    private IEnumerable<CharSpec> All => serials.Concat(parallels).Concat(debugCons.Select(d => d.Output)).Concat(monitors);

    // QEMU's rules: without -nodefaults there is one COM port, and with -nographic it shares the terminal with the monitor.
    // Where QEMU would refuse two users of the terminal, the one that was asked for keeps it.
    private void AddDefaults()
    {
        if (builder.Config.NoDefaults)
        {
            return;
        }
        bool noSerial = builder.Serials.Count == 0;
        bool noMonitor = builder.Monitors.Count == 0 && monitors.Count == 0;
        if (!builder.Config.NoGraphic)
        {
            if (noSerial)
            {
                AddSerial("", "null");
            }
            return;
        }
        const string Origin = "-nographic";
        if (noSerial)
        {
            AddSerial(Origin, UsesStdio ? "null" : noMonitor ? "mon:stdio" : "stdio");
        }
        else if (noMonitor && !UsesStdio)
        {
            AddMonitor(Origin, "stdio");
        }
    }

    private void AddSerial(string origin, string value)
    {
        if (serials.Count == MaxSerials)
        {
            throw new UserErrorException($"{origin}: a PC has {MaxSerials} serial ports at most; leave one out");
        }
        var spec = Resolve(origin, value, $"serial{serials.Count}");
        serials.Add(spec);
        AlsoMonitor(value, spec);
    }

    private void AddMonitor(string origin, string value)
    {
        var spec = Resolve(origin, value, $"compat_monitor{monitors.Count}");
        if (spec.Kind is not (CharKind.None or CharKind.Null))
        {
            monitors.Add(spec);
        }
    }

    private void AddDebugCon(string origin, string value, DeviceConfig device)
    {
        var spec = Resolve(origin, value, $"debugcon{debugCons.Count}");
        if (spec.Kind == CharKind.None)
        {
            return;
        }
        long ioBase = builder.Number(origin, device, "iobase", 0, 0xFFFF, DebugConConfig.DefaultIoBase);
        long readBack = builder.Number(origin, device, "readback", 0, 0xFF, 0xE9);
        debugCons.Add(new((ushort)ioBase, (byte)readBack, spec));
        AlsoMonitor(value, spec);
    }

    private void AlsoMonitor(string value, CharSpec spec)
    {
        if (value.StartsWith("mon:", StringComparison.Ordinal))
        {
            monitors.Add(spec);
        }
    }

    private CharSpec Resolve(string origin, string value, string label)
    {
        try
        {
            if (value.StartsWith("chardev:", StringComparison.Ordinal))
            {
                string id = value["chardev:".Length..];
                var found = builder.Chardevs.Find(c => c.Label == id)
                    ?? throw new UserErrorException($"there is no stream '{id}'; add -chardev stdio,id={id} or another");
                return found with { Origin = origin };
            }
            bool mux = value.StartsWith("mon:", StringComparison.Ordinal);
            var spec = CharSpecParser.Parse(mux ? value["mon:".Length..] : value);

            // Ctrl-C goes to the guest where Ctrl-a x is there to end the program.
            bool signals = !mux && !builder.Config.NoGraphic;
            return spec with { Label = label, Mux = mux, Signals = signals, Origin = origin };
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException($"{origin}: {e.Message}");
        }
    }

    private void CheckStdio()
    {
        var users = All.Where(s => s.Kind == CharKind.Stdio).DistinctBy(s => s.Label).ToList();
        if (users.Count > 1)
        {
            throw new UserErrorException(
                $"{users[1].Origin}: stdio is already taken by {users[0].Origin}; use -serial mon:stdio to share it, or a file or socket for one of them");
        }
    }
}
