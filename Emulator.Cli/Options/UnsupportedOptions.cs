namespace Emulator.Cli.Options;

/// <summary>QEMU's options that this program does not have, so that a command line from there gets a fitting answer.</summary>
public static class UnsupportedOptions
{
    private const string Debugger = "the GDB server is not built yet; leave it out";
    private const string Graphics = "no remote screen is built yet; use -display term, -display none or the monitor's screendump";
    private const string Qmp = "the QMP server is not built yet; use -monitor";
    private const string Storage = "this kind of drive is not built; use -drive, -hda, -cdrom or -fda";
    private const string Tables = "the firmware's tables cannot be changed yet; leave it out";
    private const string Host = "this build has no such way to run; leave it out";

    /// <summary>Why each option is refused, and what to do.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["gdb"] = Debugger,
        ["s"] = Debugger,
        ["vnc"] = Graphics,
        ["spice"] = Graphics,
        ["qmp"] = Qmp,
        ["qmp-pretty"] = Qmp,
        ["blockdev"] = Storage,
        ["sd"] = Storage,
        ["mtdblock"] = Storage,
        ["pflash"] = Storage,
        ["shim"] = "it belongs to UEFI firmware, which is not supported yet; leave it out",
        ["smbios"] = Tables,
        ["acpitable"] = Tables,
        ["numa"] = "this build has one processor and one memory; leave it out",
        ["object"] = Host,
        ["runas"] = Host,
        ["chroot"] = Host,
        ["sandbox"] = Host,
        ["loadvm"] = "saved machines are not built yet; leave it out",
        ["incoming"] = "migration is not built; leave it out",
        ["mem-path"] = Host,
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
    };
}
