using Emulator.Machine.Config;
using Emulator.Remote.Display;

namespace Emulator.Cli.Options;

/// <summary><c>-display</c> and <c>-record</c>.</summary>
internal static class DisplayParser
{
    // Windows and terminals of QEMU's that the terminal here stands for.
    private static readonly string[] Windows = ["gtk", "sdl", "cocoa", "curses", "dbus", "default"];

    /// <summary>Reads <c>-display</c>.</summary>
    /// <returns>Where the screen is shown, null when that is still to be found; the machine.</returns>
    public static (DisplayKind? Display, MachineConfig Config) Parse(ConfigBuilder builder, MachineConfig config, string value)
    {
        var values = new KeyValues(value, "name");
        switch (values["name"])
        {
            case "none":
                values.Allow("name");
                return (DisplayKind.None, config);
            case "egl-headless":
                return (DisplayKind.None, config);
            case "term":
                values.Allow("name", "graphics");
                return (DisplayKind.Term, config with { TerminalGraphics = Graphics(values["graphics"] ?? "auto") });
            case string window when Windows.Contains(window):
                builder.DisplayAskedFor = window;
                return (null, config);
            case var name:
                throw new UserErrorException($"there is no display '{name}' in this build; use -display none or -display term");
        }
    }

    /// <summary>Reads <c>-record</c>.</summary>
    public static RecordingConfig Recording(string value)
    {
        KeyValues values = new KeyValues(value, "file").Allow("file", "fps");
        return values["file"] is { Length: > 0 } file
            ? new RecordingConfig(file, (int)values.Number("fps", 1, ScreenRecorder.HighestRate, ScreenRecorder.DefaultRate))
            : throw new UserErrorException("the file's name is missing; write -record FILE");
    }

    private static TerminalGraphics Graphics(string name) => name switch
    {
        "auto" => TerminalGraphics.Auto,
        "blocks" => TerminalGraphics.Blocks,
        "sixel" => TerminalGraphics.Sixel,
        "kitty" => TerminalGraphics.Kitty,
        _ => throw new UserErrorException($"graphics is auto, blocks, sixel or kitty, not '{name}'"),
    };
}
