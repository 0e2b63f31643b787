using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The devices that <c>-device</c> knows, and their properties.</summary>
public static class DeviceParser
{
    /// <summary>ISA debug exit.</summary>
    public const string DebugExit = "isa-debug-exit";

    /// <summary>ISA debug console.</summary>
    public const string DebugCon = "isa-debugcon";

    /// <summary>Kind, name, bus, properties and meaning of each device.</summary>
    public static IReadOnlyList<(string Kind, string Name, string Bus, string[] Properties, string Help)> All { get; } =
    [
        ("Storage", "ide-hd", "IDE", ["drive", "bus", "unit", "bootindex"], "hard disk of -drive if=none,id=ID"),
        ("Storage", "ide-cd", "IDE", ["drive", "bus", "unit", "bootindex"], "CD drive of -drive if=none,id=ID"),
        ("Storage", "floppy", "floppy-bus", ["drive", "bus", "unit", "bootindex"], "floppy drive of -drive if=none,id=ID"),
        ("Input", "isa-serial", "ISA", ["chardev"], "next serial port, on a stream of -chardev"),
        ("Input", "isa-parallel", "ISA", ["chardev"], "next parallel port, on a stream of -chardev"),
        ("Display", "VGA", "PCI", ["vgamem_mb", "bus", "addr"], "VGA with Bochs VBE"),
        ("Sound", AudioParser.Sb16, "ISA", ["audiodev", "iobase", "irq", "dma", "dma16"], "Sound Blaster 16 with OPL3"),
        ("Sound", AudioParser.AdLib, "ISA", ["audiodev"], "OPL3 at port 0x388"),
        ("Misc", DebugExit, "ISA", ["iobase", "iosize"], "a write ends the program with exit code (value << 1) | 1"),
        ("Misc", DebugCon, "ISA", ["iobase", "readback", "chardev"], "bytes written to a port go to a stream"),
    ];

    /// <summary>A device of <c>-device NAME,property=value</c>, or what stands for it.</summary>
    /// <exception cref="UserErrorException">There is no such device or property.</exception>
    public static void Add(ConfigBuilder builder, string text)
    {
        var values = new KeyValues(text, "driver");
        string name = values["driver"] ?? "";
        if (QemuDevices.StandIn(name) is { } standIn)
        {
            builder.Note(standIn.Note);
            if (standIn.IsDisplay)
            {
                builder.Config = builder.Config with { Vga = VgaKind.Std };
            }
            return;
        }
        string[] properties = PropertiesOf(name);
        values.Allow(["driver", "id", .. properties]);
        switch (name)
        {
            case "isa-serial" or "isa-parallel":
                string id = values["chardev"] ?? throw new UserErrorException("its stream is missing; add chardev=ID, and -chardev stdio,id=ID or another");
                (name == "isa-serial" ? builder.Serials : builder.Parallels).Add($"chardev:{id}");
                return;
            case "VGA":
                builder.Config = builder.Config with { Vga = VgaKind.Std };
                if (values["vgamem_mb"] is not (null or "16"))
                {
                    builder.Note("-device VGA: the adapter has 16 MiB of memory");
                }
                return;
            default:
                builder.Devices.Add(($"-device {text}", new DeviceConfig(name, [.. values.Pairs.Where(p => p.Key != "driver")])));
                return;
        }
    }

    /// <summary>A default of <c>-global DEVICE.property=value</c>.</summary>
    /// <exception cref="UserErrorException">There is no such device or property.</exception>
    public static void AddGlobal(ConfigBuilder builder, string text)
    {
        int dot = text.IndexOf('.');
        int equals = text.IndexOf('=');
        if (dot <= 0 || equals < dot)
        {
            throw new UserErrorException("this is no default; write DEVICE.property=value");
        }
        string name = text[..dot];
        string property = text[(dot + 1)..equals];
        string value = text[(equals + 1)..];
        if (QemuDevices.Global(name, property) is { } known)
        {
            if (!known.Values.Contains(value))
            {
                builder.Note(known.Note);
            }
            return;
        }
        string[] properties = PropertiesOf(name);
        if (!properties.Contains(property))
        {
            throw new UserErrorException($"{name} has no property '{property}'; it has {string.Join(", ", properties)}");
        }
        builder.Globals.Add((name, property, value));
    }

    /// <summary>The properties of a device.</summary>
    /// <exception cref="UserErrorException">There is no such device.</exception>
    public static string[] PropertiesOf(string name)
    {
        var row = All.FirstOrDefault(d => d.Name == name);
        return row.Properties ?? throw new UserErrorException(
            QemuDevices.Refusal(name) ?? $"there is no device '{name}' in this build; known are {string.Join(", ", All.Select(d => d.Name))}");
    }
}
