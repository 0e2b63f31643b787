using Emulator.Cli;
using Emulator.Cli.Options;

namespace Emulator.Tests.CommandLines;

/// <summary>A public command line with what it names replaced by what is there.</summary>
internal static class PublicLine
{
    // Values that only a variable stands for.
    private static readonly Dictionary<string, string> Values = new() { ["-smp"] = "1", ["-m"] = "128", ["-serial"] = "stdio", ["-cpu"] = "max" };

    private static readonly string[] NoValue =
        ["-s", "-S", "-nographic", "-no-reboot", "-enable-kvm", "-daemonize", "-curses", "-version", "-nodefaults"];

    /// <summary>The words behind the program's name.</summary>
    public static IReadOnlyList<string> Words(IReadOnlyList<string> words, StandIns files)
    {
        var result = new List<string>();
        for (int i = 1; i < words.Count; i++)
        {
            string option = words[i].StartsWith("--", StringComparison.Ordinal) ? words[i][1..] : words[i];
            if (option[0] != '-')
            {
                // A variable alone holds options, and "..." says that there are more.
                if (!IsVariable(option) && option != "...")
                {
                    result.Add(files.Make("disk", option));
                }
                continue;
            }
            result.Add(words[i]);
            if (!NoValue.Contains(option) && i + 1 < words.Count)
            {
                result.Add(Value(option, words[++i], words, files));
            }
        }
        return result;
    }

    private static bool IsVariable(string word) => word[0] == '$' || word[0] == '<';

    private static string Value(string option, string value, IReadOnlyList<string> words, StandIns files)
    {
        switch (option)
        {
            case "-hda" or "-hdb" or "-hdc" or "-hdd":
                return files.Make("disk", value);
            case "-fda" or "-fdb":
                return files.Make("floppy", value);
            case "-cdrom":
                return files.Make("cd", value);
            case "-bios":
                return files.Make(IsUefi(value) ? "uefi" : "bios", value);
            case "-kernel":
                bool isLinux = value.Contains("bzImage") || words.Any(w => w.StartsWith("root=", StringComparison.Ordinal)) || words.Contains("-initrd");
                return files.Make(value.Contains("x86_64") ? "elf64" : isLinux ? "bzImage" : "multiboot", value);
            case "-initrd":
                return files.Make("data", value);
            case "-drive" or "-fw_cfg":
                string kind = option == "-fw_cfg" ? "data" : value.Contains("media=cdrom") ? "cd" : value.Contains("if=floppy") ? "floppy" : "disk";
                return string.Join(',', value.Split(',').Select(v => v.StartsWith("file=", StringComparison.Ordinal) && !v.StartsWith("file=fat:", StringComparison.Ordinal)
                    ? "file=" + files.Make(kind, v[5..])
                    : v));
            default:
                return IsVariable(value) && Values.TryGetValue(option, out string? filled) ? filled : value;
        }
    }

    private static bool IsUefi(string name) =>
        name.Contains("OVMF", StringComparison.OrdinalIgnoreCase) || name.Contains("MICROVM");

    /// <summary>Runs the line dry.</summary>
    /// <returns>True when it is accepted; its answer: notes, a text, or the sentence that refuses it.</returns>
    public static (bool IsAccepted, string Answer) Run(string line)
    {
        using var temp = new TempDirectory();
        var files = new StandIns(temp);
        IReadOnlyList<string> words = ShellWords.Split(line);
        var invocation = new Invocation(words[0]);
        var output = new StringWriter { NewLine = "\n" };
        var error = new StringWriter { NewLine = "\n" };
        int code = EntryPoint.Run(["-dry-run", .. Words(words, files)], output, error, onTerminal: true, invocation);
        string[] said = files.Restore(error.ToString()).Replace($"{invocation.Name}: ", "").Trim().Split('\n');
        string answer = code == 0 ? string.Join("; ", said) : said[^1];
        if (code == 0 && !output.ToString().StartsWith("The machine", StringComparison.Ordinal))
        {
            // The version follows the tags.
            answer = output.ToString().Split('\n')[0].Replace(HelpText.ProgramVersion, "VERSION");
        }
        return (code == 0, answer);
    }
}
