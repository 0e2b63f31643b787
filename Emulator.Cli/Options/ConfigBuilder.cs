using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>What the options say so far, and at the end the machine they mean together.</summary>
public sealed class ConfigBuilder
{
    /// <summary>Settings that stand alone.</summary>
    public MachineConfig Config { get; set; } = new();

    /// <summary>True when <c>-cpu</c> was there.</summary>
    public bool CpuIsGiven { get; set; }

    /// <summary>True when <c>hpet=</c> was there.</summary>
    public bool HpetIsGiven { get; set; }

    /// <summary>Drives in the order given.</summary>
    public List<DriveRequest> Drives { get; } = [];

    /// <summary>The global <c>-snapshot</c>.</summary>
    public bool Snapshot { get; set; }

    /// <summary>Values of <c>-serial</c>.</summary>
    public List<string> Serials { get; } = [];

    /// <summary>Values of <c>-parallel</c>.</summary>
    public List<string> Parallels { get; } = [];

    /// <summary>Values of <c>-monitor</c> (as a stream) and <c>-mon</c> (as <c>chardev:ID</c>) with their option.</summary>
    public List<(string Option, string Value)> Monitors { get; } = [];

    /// <summary>Value of <c>-debugcon</c>.</summary>
    public string? DebugCon { get; set; }

    /// <summary>Streams of <c>-chardev</c>.</summary>
    public List<CharSpec> Chardevs { get; } = [];

    /// <summary>Outputs of <c>-audiodev</c>.</summary>
    public List<AudioDevConfig> AudioDevs { get; } = [];

    /// <summary>Output of the PC speaker, <c>-machine pcspk-audiodev=ID</c>.</summary>
    public string? SpeakerAudioDev { get; set; }

    /// <summary>Devices of <c>-device</c> with their option as typed.</summary>
    public List<(string Origin, DeviceConfig Device)> Devices { get; } = [];

    /// <summary>Defaults of <c>-global</c>.</summary>
    public List<(string Device, string Property, string Value)> Globals { get; } = [];

    /// <summary>Where the screen is shown, when the command line says it.</summary>
    public DisplayKind? Display { get; set; }

    /// <summary>Text that was asked for instead of a machine: help, version, a list.</summary>
    public string? Text { get; set; }

    /// <summary>Puts all together.</summary>
    /// <param name="onTerminal">True when input and output of the program are a terminal: the screen is shown there if it is free.</param>
    /// <exception cref="UserErrorException">Options contradict each other. A whole sentence.</exception>
    public MachineConfig Build(bool onTerminal)
    {
        if (Config.Kernel is null && (Config.Initrd is not null || Config.Append.Length > 0))
        {
            string option = Config.Initrd is not null ? "-initrd" : "-append";
            throw new UserErrorException($"{option}: it goes with a kernel only; add -kernel FILE");
        }
        var streams = new StreamPlan(this);
        bool stdioIsFree = !streams.UsesStdio;
        var display = Display ?? (onTerminal && stdioIsFree && Config.Vga != VgaKind.None && !Config.NoGraphic ? DisplayKind.Term : DisplayKind.None);
        if (display == DisplayKind.Term && !stdioIsFree)
        {
            throw new UserErrorException(
                $"-display term: the terminal is already taken by {streams.StdioOrigin}; use -display none, or put that on a file or socket");
        }
        if (display == DisplayKind.Term && Config.Vga == VgaKind.None)
        {
            throw new UserErrorException("-display term: -vga none leaves nothing to show; leave one of them out");
        }
        if (Config.Recording is not null && Config.Vga == VgaKind.None)
        {
            throw new UserErrorException("-record: -vga none leaves nothing to show; leave one of them out");
        }
        if (Config.MachineType == MachineTypes.IsaPc)
        {
            // A PC of 1990 unless the command line says otherwise.
            Config = Config with
            {
                Cpu = CpuIsGiven ? Config.Cpu : new CpuConfig("486", []),
                Hpet = HpetIsGiven && Config.Hpet,
            };
        }
        return Config with
        {
            Drives = DrivePlan.Place(Drives, Snapshot),
            Serials = streams.Serials,
            Parallels = streams.Parallels,
            Monitors = streams.Monitors,
            DebugCons = streams.DebugCons,
            DebugExits = DebugExits(),
            Sound = AudioParser.Build(this),
            Devices = [.. Devices.Select(d => d.Device)],
            Display = display,
        };
    }

    /// <summary>A property of a device, or its default of <c>-global</c>, or null.</summary>
    public string? Property(DeviceConfig device, string property) =>
        device.Properties.LastOrDefault(p => p.Key == property).Value
        ?? Globals.LastOrDefault(g => g.Device == device.Name && g.Property == property).Value;

    /// <summary>A numeric property of a device.</summary>
    public long Number(string origin, DeviceConfig device, string property, long min, long max, long otherwise)
    {
        try
        {
            return Property(device, property) is string value ? KeyValues.ParseNumber(property, value, min, max) : otherwise;
        }
        catch (UserErrorException e)
        {
            throw new UserErrorException($"{origin}: {e.Message}");
        }
    }

    private List<DebugExitConfig> DebugExits()
    {
        List<DebugExitConfig> exits = [];
        foreach (var (origin, device) in Devices.Where(d => d.Device.Name == DeviceParser.DebugExit))
        {
            long size = Number(origin, device, "iosize", 1, 4, DebugExitConfig.DefaultIoSize);
            if (size == 3)
            {
                throw new UserErrorException($"{origin}: iosize is 1, 2 or 4");
            }
            long ioBase = Number(origin, device, "iobase", 0, 0x10000 - size, DebugExitConfig.DefaultIoBase);
            exits.Add(new((ushort)ioBase, (int)size));
        }
        return exits;
    }
}
