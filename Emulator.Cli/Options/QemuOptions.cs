using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>
/// QEMU's options that the nearest thing here stands for. The second table is data alone: an option, and the note that says what comes of it.
/// </summary>
internal static class QemuOptions
{
    /// <summary>The folder of fw_cfg where SeaBIOS looks for option ROMs.</summary>
    public const string RomFolder = "genroms/";

    private const string Window = "it belongs to a window, and there is none";

    // QEMU's own list of keyboard layouts.
    private static readonly string[] Layouts =
    [
        "ar", "bepo", "cz", "da", "de", "de-ch", "en-gb", "en-us", "es", "et", "fi", "fo", "fr", "fr-be", "fr-ca", "fr-ch", "hr", "hu", "is", "it", "ja",
        "lt", "lv", "mk", "nl", "no", "pl", "pt", "pt-br", "ru", "sl", "sv", "th", "tr",
    ];

    // Name, argument, what to say; null where nothing differs.
    private static readonly (string Name, string? Argument, string? Note)[] Noted =
    [
        ("enable-kvm", null, MachineParser.Translated("kvm")),
        ("enable-hax", null, MachineParser.Translated("hax")),
        ("no-kvm", null, null),
        ("no-kvm-irqchip", null, null),
        ("no-kqemu", null, null),
        ("usb", null, MachineProperties.NoUsb),
        ("full-screen", null, Window),
        ("no-frame", null, Window),
        ("alt-grab", null, Window),
        ("ctrl-grab", null, Window),
        ("no-quit", null, Window),
        ("g", "WxH", "the guest sets the size of its screen itself"),
        ("mem-prealloc", null, "memory is taken from the host as the guest touches it"),
        ("overcommit", "mem-lock=on|off", "memory is not locked, and an idle guest leaves the host its processor"),
        ("win2k-hack", null, "it works around a disk of QEMU's; there is nothing to work around here"),
        ("rtc-td-hack", null, "no tick of the real-time clock is lost in any case"),
        ("tdf", null, "no tick of the timer is lost in any case"),
        ("watchdog-action", "ACTION", "there is no watchdog"),
        ("no-user-config", null, null),
        ("nodefconfig", null, null),
    ];

    /// <summary>All rows.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        new("no-hpet", null, OptionGroup.Qemu, "", (b, _) => (b.Config, b.HpetIsGiven) = (b.Config with { Hpet = false }, true)),
        new("no-acpi", null, OptionGroup.Qemu, "", (b, _) => b.Config = b.Config with { Acpi = false }),
        new("curses", null, OptionGroup.Qemu, "", (b, _) => b.DisplayAskedFor = "curses"),
        new("sdl", null, OptionGroup.Qemu, "", (b, _) => b.DisplayAskedFor = "sdl"),
        new("std-vga", null, OptionGroup.Qemu, "", (b, _) => b.Config = b.Config with { Vga = VgaKind.Std }),
        new("localtime", null, OptionGroup.Qemu, "", (b, _) => b.Config = b.Config with { Rtc = new() { Base = RtcBase.LocalTime } }),
        new("startdate", "DATE", OptionGroup.Qemu, "", (b, v) => b.Config = b.Config with { Rtc = RtcParser.Parse(b, v is "now" ? "base=utc" : $"base={v}") }),
        new("k", "LAYOUT", OptionGroup.Qemu, "", Layout),
        new("soundhw", "NAME,...", OptionGroup.Qemu, "", AudioParser.OldHardware),
        new("audio", "DRIVER[,model=NAME]", OptionGroup.Qemu, "", AudioParser.OutputAndCard),
        new("usbdevice", "tablet|mouse|keyboard", OptionGroup.Qemu, "", UsbDevice),
        new("action", "reboot=reset|shutdown,shutdown=poweroff|pause", OptionGroup.Running, "what follows a reset and a power-off", Action),
        new("daemonize", null, OptionGroup.Running, "go on in the background once the machine is made", (b, _) => b.Running = b.Running with { Daemonize = true }),
        new("msg", "timestamp=on|off", OptionGroup.Running, "messages begin with the time", (b, v) => b.Running = b.Running with
        {
            Timestamps = new KeyValues(v).Allow("timestamp", "guest-name").Flag("timestamp", false),
        }),
        new("fw_cfg", "[name=]NAME,file=FILE|string=TEXT", OptionGroup.Boot, "a file for the firmware", FwCfg),
        new("option-rom", "FILE", OptionGroup.Boot, "an option ROM that SeaBIOS runs", (b, v) => OptionRom(b, new KeyValues(v, "romfile"))),
        .. Noted.Select(n => new Option(n.Name, n.Argument, OptionGroup.Qemu, "", (b, _) => Note(b, n.Name, n.Note))),
    ];

    private static void Note(ConfigBuilder builder, string name, string? text)
    {
        if (text is not null)
        {
            builder.Note(text == Window ? $"-{name}: {text}" : text);
        }
    }

    private static void Layout(ConfigBuilder builder, string name)
    {
        if (!Layouts.Contains(name))
        {
            throw new UserErrorException($"there is no keyboard layout '{name}'; known are {string.Join(", ", Layouts)}");
        }
        if (name != "en-us")
        {
            builder.Note($"-k {name}: keys are sent as those of a US keyboard; choose the layout in the guest");
        }
    }

    private static void UsbDevice(ConfigBuilder builder, string name)
    {
        if (name is not ("tablet" or "mouse" or "keyboard"))
        {
            throw new UserErrorException("USB is not built; leave it out");
        }
        DeviceParser.Add(builder, name == "keyboard" ? "usb-kbd" : $"usb-{name}");
    }

    private static void Action(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text).Allow("reboot", "shutdown", "panic", "watchdog");
        MachineConfig config = builder.Config;
        builder.Config = config with
        {
            NoReboot = values["reboot"] switch
            {
                null => config.NoReboot,
                "reset" => false,
                "shutdown" => true,
                string other => throw new UserErrorException($"reboot={other} is none of reset and shutdown"),
            },
            NoShutdown = values["shutdown"] switch
            {
                null => config.NoShutdown,
                "poweroff" => false,
                "pause" => true,
                string other => throw new UserErrorException($"shutdown={other} is none of poweroff and pause"),
            },
        };
        if (values["panic"] is not null || values["watchdog"] is not null)
        {
            builder.Note("-action: the machine has neither a device to report a panic to nor a watchdog");
        }
    }

    private static void FwCfg(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text, "name").Allow("name", "file", "string", "gen_id");
        if (values["gen_id"] is not null)
        {
            throw new UserErrorException("objects of -object are not built; use file=FILE or string=TEXT");
        }
        string name = values["name"] ?? "";
        if (name.Length is 0 or > FwCfgItem.MaxNameLength)
        {
            throw new UserErrorException($"its name has 1 to {FwCfgItem.MaxNameLength} characters; write name=opt/...");
        }
        if (values["file"] is null == values["string"] is null)
        {
            throw new UserErrorException("it holds one thing; give file=FILE or string=TEXT");
        }
        if (!name.StartsWith("opt/", StringComparison.Ordinal))
        {
            builder.Note($"-fw_cfg {name}: names outside opt/ belong to firmware");
        }
        Add(builder, new FwCfgItem(name, values["file"], values["string"] ?? "", $"-fw_cfg {text}"));
    }

    private static void OptionRom(ConfigBuilder builder, KeyValues values)
    {
        string file = values.Allow("romfile", "bootindex")["romfile"] ?? throw new UserErrorException("the file's name is missing; give a file");
        Add(builder, new FwCfgItem(RomFolder + Path.GetFileName(file), file, "", $"-option-rom {file}"));
    }

    private static void Add(ConfigBuilder builder, FwCfgItem item)
    {
        if (builder.Config.FwCfgItems.Any(i => i.Name == item.Name))
        {
            throw new UserErrorException($"{item.Name} is given twice; give each once");
        }
        builder.Config = builder.Config with { FwCfgItems = [.. builder.Config.FwCfgItems, item] };
    }
}
