using Emulator.Machine.Config;

namespace Emulator.Cli.Img;

/// <summary>The words of an <c>emu img</c> command: options in <c>qemu-img</c>'s spelling, and the rest.</summary>
public sealed class ImgArguments
{
    private readonly List<KeyValuePair<string, string>> options = [];

    /// <summary>Takes the words apart.</summary>
    /// <param name="words">The words behind the command.</param>
    /// <param name="withValue">Options that have a value, without dashes.</param>
    /// <param name="flags">Options that have none.</param>
    /// <exception cref="UserErrorException">An option is not known, or its value is missing.</exception>
    public ImgArguments(IEnumerable<string> words, string[] withValue, string[] flags)
    {
        var rest = new Queue<string>(words);
        bool onlyNames = false;
        while (rest.TryDequeue(out string? word))
        {
            // A shrinking size starts with a minus as well.
            if (onlyNames || word.Length < 2 || word[0] != '-' || char.IsAsciiDigit(word[1]))
            {
                Names.Add(word);
                continue;
            }
            if (word == "--")
            {
                onlyNames = true;
                continue;
            }
            bool isLong = word.StartsWith("--", StringComparison.Ordinal);
            int equals = isLong ? word.IndexOf('=') : -1;
            string name = isLong ? word[2..(equals < 0 ? word.Length : equals)] : word[1..2];
            string? attached = equals >= 0 ? word[(equals + 1)..] : !isLong && word.Length > 2 ? word[2..] : null;
            if (flags.Contains(name) && attached is null)
            {
                options.Add(new(name, ""));
            }
            else if (withValue.Contains(name))
            {
                options.Add(new(name, attached ?? (rest.TryDequeue(out string? value)
                    ? value
                    : throw new UserErrorException($"{word}: its value is missing"))));
            }
            else
            {
                string[] known = [.. withValue.Concat(flags).Select(o => o.Length == 1 ? $"-{o}" : $"--{o}")];
                throw new UserErrorException($"option {word} is not known here; known are {string.Join(", ", known)}");
            }
        }
    }

    /// <summary>Words that are no options: files, sizes.</summary>
    public List<string> Names { get; } = [];

    /// <summary>Value of an option, the last one given; null when it is not there.</summary>
    public string? this[string option] => options.FindLast(o => o.Key == option).Value;

    /// <summary>True when the option is there.</summary>
    public bool Has(string option) => options.Exists(o => o.Key == option);

    /// <summary>Values of an option that may be given several times.</summary>
    public IEnumerable<string> All(string option) => options.Where(o => o.Key == option).Select(o => o.Value);

    /// <summary>Refuses any other number of names.</summary>
    /// <exception cref="UserErrorException">There are more or fewer.</exception>
    public void Expect(int least, int most, string what)
    {
        if (Names.Count < least || Names.Count > most)
        {
            throw new UserErrorException($"it takes {what}, not {Names.Count} of them");
        }
    }
}
