using Emulator.Machine.Config;

namespace Emulator.Cli.Options;

/// <summary>The devices that <c>-device</c> knows, and their properties.</summary>
public static class DeviceParser
{
    /// <summary>ISA debug exit.</summary>
    public const string DebugExit = "isa-debug-exit";

    /// <summary>ISA debug console.</summary>
    public const string DebugCon = "isa-debugcon";

    /// <summary>Name, properties and meaning of each device.</summary>
    public static IReadOnlyList<(string Name, string[] Properties, string Help)> All { get; } =
    [
        (DebugExit, ["iobase", "iosize"], "a write ends the program with exit code (value << 1) | 1"),
        (DebugCon, ["iobase", "readback", "chardev"], "bytes written to a port go to a stream"),
        (AudioParser.Sb16, ["audiodev", "iobase", "irq", "dma", "dma16"], "Sound Blaster 16 with OPL3"),
        (AudioParser.AdLib, ["audiodev"], "OPL3 at port 0x388"),
    ];

    /// <summary>A device of <c>-device NAME,property=value</c>.</summary>
    /// <exception cref="UserErrorException">There is no such device or property.</exception>
    public static DeviceConfig Parse(string text)
    {
        var values = new KeyValues(text, "driver");
        string name = values["driver"] ?? "";
        string[] properties = PropertiesOf(name);
        values.Allow(["driver", "id", .. properties]);
        return new(name, [.. values.Pairs.Where(p => p.Key != "driver")]);
    }

    /// <summary>A default of <c>-global DEVICE.property=value</c>.</summary>
    /// <exception cref="UserErrorException">There is no such device or property.</exception>
    public static (string Device, string Property, string Value) ParseGlobal(string text)
    {
        int dot = text.IndexOf('.');
        int equals = text.IndexOf('=');
        if (dot <= 0 || equals < dot)
        {
            throw new UserErrorException("this is no default; write DEVICE.property=value");
        }
        string name = text[..dot];
        string property = text[(dot + 1)..equals];
        string[] properties = PropertiesOf(name);
        if (!properties.Contains(property))
        {
            throw new UserErrorException($"{name} has no property '{property}'; it has {string.Join(", ", properties)}");
        }
        return (name, property, text[(equals + 1)..]);
    }

    private static string[] PropertiesOf(string name)
    {
        var row = All.FirstOrDefault(d => d.Name == name);
        return row.Properties
            ?? throw new UserErrorException($"there is no device '{name}' in this build; known are {string.Join(", ", All.Select(d => d.Name))}");
    }
}
