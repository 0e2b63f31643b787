using System.Text;
using Emulator.BT.Model;
using Emulator.Machine.Board;
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

    /// <summary>The version line; under QEMU's name in QEMU's form, because scripts read the number.</summary>
    public static string Version(Invocation invocation) => invocation.IsQemu
        ? $"QEMU emulator version {Invocation.QemuVersion} (emu {ProgramVersion})\nThis is emu, which takes QEMU's options; it is not QEMU.\n"
        : $"emu version {ProgramVersion}\n";

    /// <summary>The program's version number.</summary>
    public static string ProgramVersion => HumanMonitor.ProgramVersion;

    /// <summary>All options by group.</summary>
    /// <param name="invocation">The program's name.</param>
    public static string Options(Invocation invocation)
    {
        var text = new StringBuilder($"{Version(invocation)}usage: {invocation.Name} [options] [disk image]\n");
        if (!invocation.IsQemu)
        {
            text.Append("       emu img create|convert|info|check|compare|resize|commit ...   ('emu img --help')\n       emu translate FILE|HEX ...   ('emu translate --help')\n");
        }
        foreach (var (group, title) in Titles)
        {
            text.Append($"\n{title}:\n");
            foreach (var option in OptionTable.All.Where(o => o.Group == group && o.Help.Length > 0))
            {
                Row(text, option.Argument is null ? $"-{option.Name}" : $"-{option.Name} {option.Argument}", option.Help);
            }
        }
        text.Append("\nAlso taken, with a note where something differs:\n");
        foreach (var option in QemuOptions.All.Where(o => o.Group == OptionGroup.Qemu))
        {
            text.Append($"  -{option.Name}{(option.Argument is null ? "" : " " + option.Argument)}\n");
        }
        text.Append("\nOptions have QEMU's names; two dashes are as good as one. A comma inside a value is written twice.\n");
        return text.ToString();
    }

    /// <summary><c>-machine help</c>.</summary>
    public static string Machines() => List("Supported machines are:", "", 20, MachineTypes.All);

    /// <summary><c>-cpu help</c>.</summary>
    public static string Cpus() =>
        List("Available CPUs:", "x86 ", 20, CpuModel.All.Select(m => (m.Name, m.Description + (m == CpuModel.Default ? " (default)" : ""))).Append(("host", "as max")))
        + "\nRecognized CPUID flags:\n  " + string.Join(' ', CpuSelection.FeatureNames) + "\n";

    /// <summary><c>-accel help</c>.</summary>
    public static string Accels() => List("Accelerators supported in QEMU binary:", "", 20, [.. Accelerators.All, (Accelerators.Tcg, $"as {Accelerators.Default}")]);

    /// <summary><c>-display help</c>.</summary>
    public static string Displays() => List("Available display backend types:", "", 20,
        [("none", "no display; the monitor's screendump still works"), ("term", "the screen in this terminal; graphics modes by kitty's protocol or sixels, else by half-block characters")]);

    /// <summary><c>-vga help</c>.</summary>
    public static string Adapters() => List("", "", 20, [("none", "no graphic card"), ("std", "VGA with Bochs VBE (default)")]).TrimStart('\n');

    /// <summary><c>-audiodev help</c>.</summary>
    public static string AudioDrivers() => "Available audio drivers:\nnone\nwav\n";

    /// <summary><c>-chardev help</c>.</summary>
    public static string Streams() => "Available chardev backend types: \n" + string.Concat(CharSpecParser.Kinds.Select(k => $"  {k}\n"));

    /// <summary><c>-netdev help</c>, <c>-nic model=help</c>: there are none.</summary>
    public static string NetworkAdapters() => "Supported NIC models:\n";

    /// <summary><c>-device help</c>, or the properties of one device for <c>-device NAME,help</c>.</summary>
    /// <exception cref="UserErrorException">There is no such device.</exception>
    public static string Devices(string value)
    {
        if (value is "help" or "?")
        {
            return string.Join('\n', DeviceParser.All.GroupBy(d => d.Kind).Select(
                kind => $"{kind.Key} devices:\n" + string.Concat(kind.Select(d => $"name \"{d.Name}\", bus {d.Bus}, desc \"{d.Help}\"\n"))));
        }
        string name = value.Split(',')[0];
        return $"{name} options:\n" + string.Concat(DeviceParser.PropertiesOf(name).Select(p => $"  {p}\n"));
    }

    /// <summary><c>-d help</c>.</summary>
    public static string LogItems() => List("Log items (comma separated):", "", 15, LogItemNames.All.Select(i => (i.Name, i.Help)));

    /// <summary><c>-L help</c>.</summary>
    public static string Directories(IReadOnlyList<string> first) => string.Concat(first.Concat(DataFiles.UsualDirectories).Select(d => d + "\n"));

    // QEMU's form of a list: scripts take a line's first word, or the word behind "x86".
    private static string List(string title, string before, int width, IEnumerable<(string Name, string Help)> rows) =>
        title + "\n" + string.Concat(rows.Select(r => $"{before}{r.Name.PadRight(width)} {r.Help}\n"));

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
