using Emulator.Cli.Options;
using Emulator.Machine.Config;

namespace Emulator.Cli;

/// <summary>
/// Reads a command line in QEMU's spelling: long options with one dash or two, the value in the next word. A word alone is an image: the
/// first hard disk under QEMU's name, else what it looks like.
/// </summary>
public static class CommandLine
{
    private const int MaxDistance = 2;

    /// <summary>Reads the words.</summary>
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="onTerminal">True when the program's input and output are a terminal.</param>
    /// <exception cref="UserErrorException">Something is wrong; the message is a sentence.</exception>
    public static CommandLineResult Parse(IReadOnlyList<string> args, bool onTerminal) => Parse(args, onTerminal, Invocation.Own);

    /// <summary>Reads the words as the program of that name does.</summary>
    /// <param name="args">The words behind the program's name.</param>
    /// <param name="onTerminal">True when the program's input and output are a terminal.</param>
    /// <param name="invocation">The program's name.</param>
    /// <exception cref="UserErrorException">Something is wrong; the message is a sentence.</exception>
    public static CommandLineResult Parse(IReadOnlyList<string> args, bool onTerminal, Invocation invocation)
    {
        var builder = new ConfigBuilder(invocation);
        for (int i = 0; i < args.Count; i++)
        {
            string word = args[i];
            if (word.Length == 0)
            {
                throw new UserErrorException("an empty word is no option and no image; leave it out");
            }
            if (word[0] != '-')
            {
                Medium medium = invocation.IsQemu ? Medium.Given : MediumProbe.Look(word);
                Apply(Find(medium.Option), word, builder);
                builder.Guessed(word, medium);
                continue;
            }
            var option = Find(word[(word.StartsWith("--", StringComparison.Ordinal) ? 2 : 1)..]);
            string value = "";
            if (option.Argument is not null)
            {
                if (++i == args.Count)
                {
                    throw new UserErrorException($"{word}: its value is missing; write {word} {option.Argument}");
                }
                value = args[i];
            }
            Apply(option, value, builder);
            if (builder.Text is not null)
            {
                return new(null, builder.Text, [], builder.Running);
            }
        }
        MachineConfig config = builder.Build(onTerminal);
        return new(config, null, builder.Notes, builder.Running);
    }

    private static void Apply(Option option, string value, ConfigBuilder builder)
    {
        try
        {
            option.Apply(builder, value);
        }
        catch (UserErrorException e)
        {
            string typed = option.Argument is null ? $"-{option.Name}" : $"-{option.Name} {value}";
            throw new UserErrorException($"{typed.TrimEnd()}: {e.Message}");
        }
    }

    private static Option Find(string name)
    {
        var option = OptionTable.All.FirstOrDefault(o => o.Name == name);
        if (option is not null)
        {
            return option;
        }
        if (UnsupportedOptions.All.TryGetValue(name, out string? reason))
        {
            throw new UserErrorException($"-{name}: {reason}");
        }
        string remedy = Nearest(name) is string nearest ? $"did you mean -{nearest}?" : "'emu -help' lists the options";
        throw new UserErrorException($"-{name}: there is no such option; {remedy}");
    }

    private static string? Nearest(string name)
    {
        if (name.Length < 2)
        {
            return null;
        }
        var shown = OptionTable.All.Where(o => o.Help.Length > 0).ToList();
        var longer = shown.Find(o => o.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        var best = shown.Select(o => (o.Name, Distance: Distance(name, o.Name))).MinBy(o => o.Distance);
        return longer?.Name ?? (best.Distance <= Math.Min(MaxDistance, name.Length - 1) ? best.Name : null);
    }

    // Levenshtein's distance, row by row.
    private static int Distance(string a, string b)
    {
        int[] row = [.. Enumerable.Range(0, b.Length + 1)];
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
