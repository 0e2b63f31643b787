using System.Text;
using Emulator.BT.Model;
using Emulator.Machine.Config;
using Emulator.Remote.Monitor;

namespace Emulator.Cli.Options;

/// <summary>The texts of <c>-help</c>, <c>-version</c> and <c>-NAME help</c>.</summary>
public static class HelpText
{
    private const int Indent = 26;
    private const int Width = 110;

    private static readonly (OptionGroup Group, string Title)[] Titles =
    [
        (OptionGroup.Machine, "Machine"),
        (OptionGroup.Drives, "Drives"),
        (OptionGroup.Boot, "What is started"),
        (OptionGroup.Streams, "Screen, serial ports and monitor"),
        (OptionGroup.Devices, "Other devices"),
        (OptionGroup.Running, "Running"),
        (OptionGroup.Information, "Information"),
    ];

    /// <summary>The version line.</summary>
    public static string Version() => $"emu version {ProgramVersion}\n";

    /// <summary>The program's version number.</summary>
    public static string ProgramVersion => HumanMonitor.ProgramVersion;

    /// <summary>All options by group.</summary>
    public static string Options()
    {
        var text = new StringBuilder($"{Version()}usage: emu [options] [disk image]\n       emu img create|convert|info|check|compare|resize|commit ...   ('emu img --help')\n       emu translate FILE|HEX ...   ('emu translate --help')\n");
        foreach (var (group, title) in Titles)
        {
            text.Append($"\n{title}:\n");
            foreach (var option in OptionTable.All.Where(o => o.Group == group && o.Help.Length > 0))
            {
                Row(text, option.Argument is null ? $"-{option.Name}" : $"-{option.Name} {option.Argument}", option.Help);
            }
        }
        text.Append("\nOptions have QEMU's names; two dashes are as good as one. A comma inside a value is written twice.\n");
        return text.ToString();
    }

    /// <summary><c>-machine help</c>.</summary>
    public static string Machines() => List("Machines:", MachineTypes.All);

    /// <summary><c>-cpu help</c>.</summary>
    public static string Cpus() =>
        List("Processors:", CpuModel.All.Select(m => (m.Name, m.Description + (m == CpuModel.Default ? " (default)" : ""))));

    /// <summary><c>-accel help</c>.</summary>
    public static string Accels() => List("Accelerators:", Accelerators.All);

    /// <summary><c>-display help</c>.</summary>
    public static string Displays() => List("Displays:",
        [("none", "no display; the monitor's screendump still works"), ("term", "the screen in this terminal; graphics modes by kitty's protocol or sixels if it has them, else by half-block characters")]);

    /// <summary><c>-device help</c>.</summary>
    public static string Devices() => List("Devices:", DeviceParser.All.Select(d => (d.Name, $"{d.Help} ({string.Join(", ", d.Properties)})")));

    /// <summary><c>-d help</c>.</summary>
    public static string LogItems() => List("Log items (separated by commas):", LogItemNames.All.Select(i => (i.Name, i.Help)));

    /// <summary><c>-L help</c>.</summary>
    public static string Directories(IReadOnlyList<string> first) => string.Concat(first.Concat(DataFiles.UsualDirectories).Select(d => d + "\n"));

    private static string List(string title, IEnumerable<(string Name, string Help)> rows)
    {
        var text = new StringBuilder(title + "\n");
        foreach (var (name, help) in rows)
        {
            Row(text, name, help);
        }
        return text.ToString();
    }

    // A name that is too long for its column gets a line of its own.
    private static void Row(StringBuilder text, string name, string help)
    {
        text.Append("  ").Append(name);
        int column = 2 + name.Length;
        if (column > Indent - 2)
        {
            text.Append('\n');
            column = 0;
        }
        text.Append(' ', Indent - column);
        column = Indent;
        foreach (string word in help.Split(' '))
        {
            if (column > Indent && column + word.Length > Width)
            {
                text.Length--;
                text.Append('\n').Append(' ', Indent);
                column = Indent;
            }
            text.Append(word).Append(' ');
            column += word.Length + 1;
        }
        text.Length--;
        text.Append('\n');
    }
}
