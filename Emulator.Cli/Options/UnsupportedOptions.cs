namespace Emulator.Cli.Options;

/// <summary>QEMU's options that this program does not have, so that a command line from there gets a fitting answer.</summary>
public static class UnsupportedOptions
{
    private const string Network = "network adapters are not built yet; leave it out";
    private const string Debugger = "the GDB server is not built yet; leave it out";
    private const string Graphics = "no window or remote screen is built; use -display term, -display none or the monitor's screendump";
    private const string Hardware = "the host's virtualization hardware is not used by this program; leave it out";
    private const string Qmp = "the QMP server is not built yet; use -monitor";
    private const string Storage = "this kind of drive is not built; use -drive, -hda, -cdrom or -fda";
    private const string Usb = "USB is not built; leave it out";
    private const string Audio = "sound devices are made with -audiodev wav,id=ID,path=FILE and -device sb16,audiodev=ID or -machine pcspk-audiodev=ID";
    private const string Tables = "the firmware's tables cannot be changed yet; leave it out";
    private const string Host = "this build has no such way to run; leave it out";

    /// <summary>Why each option is refused, and what to do.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["netdev"] = Network,
        ["gdb"] = Debugger,
        ["s"] = Debugger,
        ["vnc"] = Graphics,
        ["spice"] = Graphics,
        ["curses"] = "the terminal's display is called term here; use -display term",
        ["sdl"] = Graphics,
        ["full-screen"] = Graphics,
        ["k"] = "keyboard layouts belong to remote screens, which are not built; leave it out",
        ["enable-kvm"] = Hardware,
        ["no-kvm"] = Hardware,
        ["qmp"] = Qmp,
        ["qmp-pretty"] = Qmp,
        ["blockdev"] = Storage,
        ["sd"] = Storage,
        ["mtdblock"] = Storage,
        ["pflash"] = Storage,
        ["usb"] = Usb,
        ["usbdevice"] = Usb,
        ["audio"] = Audio,
        ["soundhw"] = Audio,
        ["smbios"] = Tables,
        ["acpitable"] = Tables,
        ["no-acpi"] = Tables,
        ["fw_cfg"] = Tables,
        ["numa"] = "this build has one processor and one memory; leave it out",
        ["object"] = Host,
        ["daemonize"] = "it does not go into the background by itself; start it with & or a service manager",
        ["runas"] = Host,
        ["chroot"] = Host,
        ["sandbox"] = Host,
        ["action"] = "use -no-reboot or -no-shutdown",
        ["watchdog-action"] = Host,
        ["loadvm"] = "saved machines are not built yet; leave it out",
        ["incoming"] = "migration is not built; leave it out",
        ["mem-path"] = Host,
        ["mem-prealloc"] = Host,
        ["overcommit"] = Host,
        ["msg"] = Host,
        ["trace"] = "use -d ITEM,... for a log",
        ["plugin"] = Host,
        ["readconfig"] = "give the options on the command line",
        ["writeconfig"] = Host,
        ["singlestep"] = Host,
        ["seed"] = Host,
        ["tpmdev"] = Host,
        ["virtfs"] = Host,
        ["fsdev"] = Host,
        ["iscsi"] = Storage,
        ["dtb"] = "a PC has no device tree; leave it out",
        ["add-fd"] = Host,
        ["set"] = "give the property where the device is made",
        ["semihosting"] = Host,
        ["win2k-hack"] = Host,
    };
}
