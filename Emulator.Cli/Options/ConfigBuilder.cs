using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>What the options say so far, and at the end the machine they mean together.</summary>
/// <param name="invocation">The program's name.</param>
public sealed class ConfigBuilder(Invocation invocation)
{
    private readonly List<string> notes = [];

    /// <summary>The program's name.</summary>
    public Invocation Invocation => invocation;

    /// <summary>Where the machine differs from what was asked for, a sentence each.</summary>
    public IReadOnlyList<string> Notes => notes;

    /// <summary>How the program itself runs.</summary>
    public RunOptions Running { get; set; } = new();

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

    /// <summary>A window of QEMU's that was asked for: the nearest thing is still to be found.</summary>
    public string? DisplayAskedFor { get; set; }

    /// <summary>Value of <c>-machine max-ram-below-4g=</c>, bytes.</summary>
    public long? RamBelow4G { get; set; }

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
        if (RamBelow4G < Config.RamBytes)
        {
            throw new UserErrorException("-machine max-ram-below-4g: RAM above 4 GiB is not built yet; give less with -m, or leave it out");
        }
        if (Config.FwCfgItems.FirstOrDefault(i => i.Name.StartsWith(QemuOptions.RomFolder, StringComparison.Ordinal)) is { } rom && FirmwareFiles.UsesBuiltIn(Config))
        {
            throw new UserErrorException($"{rom.Origin}: the built-in BIOS does not look for it; install SeaBIOS, or name a BIOS with -bios");
        }
        DriveDevices.Attach(this);
        var streams = new StreamPlan(this);
        if (Running.Daemonize && (streams.UsesStdio || Display == DisplayKind.Term))
        {
            throw new UserErrorException(
                $"-daemonize: the terminal is used by {streams.StdioOrigin ?? "-display term"}; put that on a file or socket, or leave -daemonize out");
        }
        bool stdioIsFree = !streams.UsesStdio && !Running.Daemonize;
        var display = Display ?? (onTerminal && stdioIsFree && Config.Vga != VgaKind.None && !Config.NoGraphic ? DisplayKind.Term : DisplayKind.None);
        NoteDisplay(display, streams);
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
            Drives = DrivePlan.Place(Drives, Snapshot, Note),
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

    /// <summary>Something differs from what was asked for; said once however often it is asked for.</summary>
    public void Note(string text)
    {
        if (!notes.Contains(text))
        {
            notes.Add(text);
        }
    }

    /// <summary>An image without an option was taken for something.</summary>
    internal void Guessed(string path, Medium medium)
    {
        if (medium.Reason is null)
        {
            return;
        }
        Note($"{path} is taken for {medium.Reason}; -fda, -hda, -cdrom and -kernel say it otherwise");
        if (medium.Boot.Length > 0 && Config.Boot.Order is null)
        {
            Config = Config with { Boot = Config.Boot with { Order = medium.Boot + "cad".Replace(medium.Boot, "") } };
        }
    }

    private void NoteDisplay(DisplayKind display, StreamPlan streams)
    {
        if (invocation.Is64Bit)
        {
            Note("the processor is a 32-bit one: a guest that needs 64-bit mode does not run yet");
        }
        bool isMissed = DisplayAskedFor is not null || (invocation.IsQemu && Display is null && Config is { NoGraphic: false, Vga: not VgaKind.None });
        if (display == DisplayKind.Term && DisplayAskedFor is not null)
        {
            Note($"-display {DisplayAskedFor}: there is no window; the screen is in this terminal (-display term)");
        }
        else if (display == DisplayKind.None && isMissed)
        {
            string why = streams.UsesStdio ? $"the terminal belongs to {streams.StdioOrigin}" : "there is no window, and no terminal to show it in";
            Note($"the screen is not shown: {why}; the monitor's screendump and screentext see it");
        }
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
