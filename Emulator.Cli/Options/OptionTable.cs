using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>Every option of the command line, in QEMU's spelling.</summary>
public static class OptionTable
{
    /// <summary>All rows, in the order of <c>-help</c> within each group.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("machine", "NAME[,accel=NAME]", OptionGroup.Machine, "board: pc or isapc ('-machine help' lists them)", Machine),
        new("M", "NAME", OptionGroup.Machine, "", Machine),
        new("cpu", "MODEL[,+feature][,-feature]", OptionGroup.Machine, "processor ('-cpu help' lists them)",
            (b, v) => HelpOr(b, v, HelpText.Cpus, () => (b.Config, b.CpuIsGiven) = (b.Config with { Cpu = CpuParser.Parse(b, v) }, true))),
        new("accel", "NAME[,backend=x64|il][,window=auto|on|off][,threshold=N][,threads=N][,cache=MB]", OptionGroup.Machine, "how the guest's code is run ('-accel help' lists the ways)",
            (b, v) => HelpOr(b, v, HelpText.Accels, () => b.Config = MachineParser.Accelerator(b, v))),
        new("smp", "1", OptionGroup.Machine, "number of processors: one", (_, v) => MachineParser.Smp(v)),
        new("m", "SIZE", OptionGroup.Machine, "RAM, in MiB or with K, M, G (default 128M)",
            (b, v) => b.Config = b.Config with { RamBytes = RamSize.Parse(v) }),
        new("icount", "shift=N[,sleep=on|off]", OptionGroup.Machine, "counted clock: an instruction takes 2^N ns; runs repeat exactly",
            (b, v) => b.Config = MachineParser.Icount(b.Config, v)),
        new("rtc", "base=utc|localtime|DATE", OptionGroup.Machine, "what the real-time clock shows at the start",
            (b, v) => b.Config = b.Config with { Rtc = RtcParser.Parse(b, v) }),
        new("name", "NAME", OptionGroup.Machine, "name of the machine",
            (b, v) => b.Config = b.Config with { Name = new KeyValues(v, "guest").Allow("guest", "process", "debug-threads")["guest"] }),
        new("uuid", "UUID", OptionGroup.Machine, "UUID of the machine", (b, v) => b.Config = b.Config with
        {
            Uuid = Guid.TryParseExact(v, "D", out var uuid)
                ? uuid
                : throw new UserErrorException("this is no UUID; write 8-4-4-4-12 hexadecimal digits"),
        }),
        new("nodefaults", null, OptionGroup.Machine, "no device that is not asked for", (b, _) => b.Config = b.Config with { NoDefaults = true }),

        new("fda", "FILE", OptionGroup.Drives, "floppy disk in drive A", (b, v) => b.Drives.Add(DriveParser.Legacy("fda", v, DriveInterface.Floppy, 0))),
        new("fdb", "FILE", OptionGroup.Drives, "floppy disk in drive B", (b, v) => b.Drives.Add(DriveParser.Legacy("fdb", v, DriveInterface.Floppy, 1))),
        new("hda", "FILE", OptionGroup.Drives, "hard disk, primary master (also: FILE alone)",
            (b, v) => b.Drives.Add(DriveParser.Legacy("hda", v, DriveInterface.Ide, 0))),
        new("hdb", "FILE", OptionGroup.Drives, "hard disk, primary slave", (b, v) => b.Drives.Add(DriveParser.Legacy("hdb", v, DriveInterface.Ide, 1))),
        new("hdc", "FILE", OptionGroup.Drives, "hard disk, secondary master", (b, v) => b.Drives.Add(DriveParser.Legacy("hdc", v, DriveInterface.Ide, 2))),
        new("hdd", "FILE", OptionGroup.Drives, "hard disk, secondary slave", (b, v) => b.Drives.Add(DriveParser.Legacy("hdd", v, DriveInterface.Ide, 3))),
        new("cdrom", "FILE", OptionGroup.Drives, "CD, secondary master",
            (b, v) => b.Drives.Add(DriveParser.Legacy("cdrom", v, DriveInterface.Ide, 2, isCdrom: true))),
        new("drive", "file=FILE[,if=ide|floppy][,index=N][,media=disk|cdrom][,format=NAME][,snapshot=on|off][,readonly=on|off]", OptionGroup.Drives,
            "a drive in full; formats: raw, qcow2, vpc (VHD), vdi, vmdk; looked at when not given", (b, v) => b.Drives.Add(DriveParser.Parse(b, v))),
        new("snapshot", null, OptionGroup.Drives, "keep writes to disks in memory; the images stay as they are", (b, _) => b.Snapshot = true),

        new("boot", "[order=]LETTERS[,once=LETTERS][,menu=on|off][,splash-time=MS][,reboot-timeout=MS][,strict=on|off]", OptionGroup.Boot,
            "boot order: a, b floppy, c hard disk, d CD, n network",
            (b, v) => b.Config = b.Config with { Boot = BootParser.Parse(b, v) }),
        new("bios", "FILE", OptionGroup.Boot, "system firmware, or builtin (default: SeaBIOS, else builtin)", (b, v) => b.Config = b.Config with { BiosFile = v }),
        new("L", "DIRECTORY", OptionGroup.Boot, "look for firmware files here first ('-L help' lists the directories)",
            (b, v) => HelpOr(b, v, () => HelpText.Directories(b.Config.BiosSearchPath), () => b.Config = b.Config with
            {
                BiosSearchPath = [.. b.Config.BiosSearchPath, v],
            })),
        new("kernel", "FILE", OptionGroup.Boot, "Linux (bzImage) or Multiboot kernel to start", (b, v) => b.Config = b.Config with { Kernel = v }),
        new("initrd", "FILE", OptionGroup.Boot, "its initial RAM disk, or Multiboot modules 'FILE ARGS,FILE ARGS'",
            (b, v) => b.Config = b.Config with { Initrd = v }),
        new("append", "TEXT", OptionGroup.Boot, "its command line", (b, v) => b.Config = b.Config with { Append = v }),
        new("no-fd-bootchk", null, OptionGroup.Boot, "boot floppies without a boot signature too",
            (b, _) => b.Config = b.Config with { NoFloppyBootCheck = true }),

        new("display", "none|term[,graphics=auto|blocks|sixel|kitty]", OptionGroup.Streams, "where the screen is shown ('-display help')", Display),
        new("record", "FILE[,fps=N]", OptionGroup.Streams, "keep what the screen shows as an animation (APNG); looked at 25 times a second",
            (b, v) => b.Config = b.Config with { Recording = DisplayParser.Recording(v) }),
        new("nographic", null, OptionGroup.Streams, "no screen; serial port and monitor share the terminal by Ctrl-a",
            (b, _) => b.Config = b.Config with { NoGraphic = true }),
        new("vga", "std|none", OptionGroup.Streams, "display adapter", Vga),
        new("serial", "STREAM", OptionGroup.Streams,
            "next serial port: stdio, mon:stdio, file:PATH, tcp:HOST:PORT[,server=on][,wait=off], unix:PATH[,server=on][,wait=off], pipe:PATH, pty, null, none",
            (b, v) => b.Serials.Add(v)),
        new("parallel", "STREAM", OptionGroup.Streams, "next parallel port: what is printed goes there", (b, v) => b.Parallels.Add(v)),
        new("monitor", "STREAM", OptionGroup.Streams, "where the monitor listens", (b, v) => b.Monitors.Add(("-monitor", v))),
        new("debugcon", "STREAM", OptionGroup.Streams, "where bytes written to port 0xe9 go", (b, v) => b.DebugCon = v),
        new("chardev", "stdio|file|socket|pipe|pty|null,id=ID[,mux=on][,...]", OptionGroup.Streams, "a stream to name as chardev:ID", Chardev),
        new("mon", "chardev=ID", OptionGroup.Streams, "a monitor on a stream of -chardev", Mon),
        new("echr", "N", OptionGroup.Streams, "code of the key to use instead of Ctrl-a (1)",
            (b, v) => b.Config = b.Config with { EscapeByte = (byte)KeyValues.ParseNumber("echr", v, 1, 255) }),

        new("audiodev", "wav,id=ID[,path=FILE][,out.frequency=N] | none,id=ID", OptionGroup.Devices, "where sound goes: a WAV file, or nowhere",
            (b, v) => HelpOr(b, v, HelpText.AudioDrivers, () => b.AudioDevs.Add(AudioParser.Output(b, v)))),
        new("device", "NAME[,property=value]", OptionGroup.Devices, "a device ('-device help' lists them)",
            (b, v) => HelpOr(b, v, () => HelpText.Devices(v), () => DeviceParser.Add(b, v))),
        new("global", "NAME.property=value", OptionGroup.Devices, "default of a device's property", (b, v) => DeviceParser.AddGlobal(b, v)),
        new("nic", "none", OptionGroup.Devices, "network: there is none", NoNetwork),
        new("net", "none", OptionGroup.Devices, "", NoNetwork),
        new("netdev", "help", OptionGroup.Qemu, "", NoNetwork),

        new("S", null, OptionGroup.Running, "wait for the monitor's 'cont' before the first instruction",
            (b, _) => b.Config = b.Config with { StartPaused = true }),
        new("no-reboot", null, OptionGroup.Running, "end instead of resetting", (b, _) => b.Config = b.Config with { NoReboot = true }),
        new("no-shutdown", null, OptionGroup.Running, "stop instead of ending when the guest powers off",
            (b, _) => b.Config = b.Config with { NoShutdown = true }),
        new("dry-run", null, OptionGroup.Running, "make the machine and do not run it: refuses what a start refuses", (b, _) => b.Running = b.Running with { IsDry = true }),
        new("pidfile", "FILE", OptionGroup.Running, "write the process's id there", (b, v) => b.Config = b.Config with { PidFile = v }),

        new("d", "ITEM,...", OptionGroup.Information, "log these ('-d help' lists them)",
            (b, v) => HelpOr(b, v, HelpText.LogItems, () => b.Config = b.Config with { LogItems = b.Config.LogItems | LogItemNames.Parse(v, b.Note) })),
        new("D", "FILE", OptionGroup.Information, "where the log goes (default: standard error)", (b, v) => b.Config = b.Config with { LogFile = v }),
        new("help", null, OptionGroup.Information, "this text (also: -h)", (b, _) => b.Text = HelpText.Options(b.Invocation)),
        new("h", null, OptionGroup.Information, "", (b, _) => b.Text = HelpText.Options(b.Invocation)),
        new("version", null, OptionGroup.Information, "version of the program", (b, _) => b.Text = HelpText.Version(b.Invocation)),
        .. QemuOptions.All,
    ];

    private static void HelpOr(ConfigBuilder builder, string value, Func<string> help, Action otherwise)
    {
        if (value is "help" or "?" || value.EndsWith(",help", StringComparison.Ordinal) || value.EndsWith("=help", StringComparison.Ordinal))
        {
            builder.Text = help();
        }
        else
        {
            otherwise();
        }
    }

    private static void Machine(ConfigBuilder b, string value) =>
        HelpOr(b, value, HelpText.Machines, () => b.Config = MachineParser.Machine(b, value));

    private static void Display(ConfigBuilder b, string value) =>
        HelpOr(b, value, HelpText.Displays, () => (b.Display, b.Config) = DisplayParser.Parse(b, b.Config, value));

    private static void Vga(ConfigBuilder b, string value) => HelpOr(b, value, HelpText.Adapters, () =>
    {
        if (value is "cirrus" or "vmware" or "qxl" or "virtio")
        {
            b.Note($"-vga {value}: the display adapter is std (VGA with Bochs VBE)");
        }
        else if (value is not ("std" or "none"))
        {
            throw new UserErrorException($"there is no display adapter '{value}' in this build; use -vga std or -vga none");
        }
        b.Config = b.Config with { Vga = value == "none" ? VgaKind.None : VgaKind.Std };
    });

    private static void NoNetwork(ConfigBuilder b, string value)
    {
        if (value is "help" || value.EndsWith("model=help", StringComparison.Ordinal))
        {
            b.Text = HelpText.NetworkAdapters();
        }
        else if (value != "none")
        {
            throw new UserErrorException("network adapters are not built yet; use -nic none, or leave it out");
        }
    }

    private static void Chardev(ConfigBuilder b, string value)
    {
        if (value is "help" or "?")
        {
            b.Text = HelpText.Streams();
            return;
        }
        var spec = CharSpecParser.ParseChardev(value);
        if (b.Chardevs.Exists(c => c.Label == spec.Label))
        {
            throw new UserErrorException($"the id '{spec.Label}' is given twice; give another one");
        }
        b.Chardevs.Add(spec);
    }

    private static void Mon(ConfigBuilder b, string value)
    {
        var values = new KeyValues(value, "chardev").Allow("chardev", "mode", "id");
        if (values["mode"] is string mode and not "readline")
        {
            throw new UserErrorException($"mode={mode} is not built; use mode=readline");
        }
        b.Monitors.Add(("-mon", $"chardev:{values["chardev"]}"));
    }
}
