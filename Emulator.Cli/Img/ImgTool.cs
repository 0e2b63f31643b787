using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img</c>: what <c>qemu-img</c> does, with its options, output and exit codes.</summary>
public static class ImgTool
{
    private const int Failure = 1;

    private static readonly (string Name, string Usage, Func<IReadOnlyList<string>, TextWriter, TextWriter, int> Run)[] Commands =
    [
        ("check", "[-f FORMAT] [--output=json|human] [-r leaks|all] [-q] [-U] FILE", CheckCommand.Run),
        ("commit", "[-f FORMAT] [-d] [-q] [-p] FILE", CommitCommand.Run),
        ("compare", "[-f FORMAT] [-F FORMAT] [-s] [-q] [-p] [-U] FILE FILE", CompareCommand.Run),
        ("convert", "[-f FORMAT] [-O FORMAT] [-B BACKING -F FORMAT] [-o OPTION=VALUE,...] [-c] [-n] [-q] [-p] FILE NEW-FILE", ConvertCommand.Run),
        ("create", "[-f FORMAT] [-b BACKING -F FORMAT] [-u] [-o OPTION=VALUE,...] [-q] FILE [SIZE]", CreateCommand.Run),
        ("info", "[-f FORMAT] [--output=json|human] [--backing-chain] [-U] FILE", InfoCommand.Run),
        ("resize", "[-f FORMAT] [--shrink] [-q] FILE [+|-]SIZE", ResizeCommand.Run),
    ];

    /// <summary>Runs a command.</summary>
    /// <param name="words">The words behind <c>img</c>.</param>
    /// <param name="output">Gets what was asked for.</param>
    /// <param name="error">Gets what went wrong.</param>
    /// <returns>0 for success; <c>check</c> and <c>compare</c> say more.</returns>
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        string name = words.Count == 0 ? "" : words[0];
        if (name is "-h" or "--help" or "-help" or "help")
        {
            output.WriteLine("usage: emu img COMMAND [options]");
            foreach (var (command, usage, _) in Commands)
            {
                output.WriteLine($"  {command} {usage}");
            }
            output.WriteLine($"Formats: {string.Join(' ', ImageOpener.Formats)} (vmdk for reading only)");
            return 0;
        }
        int n = Array.FindIndex(Commands, c => c.Name == name);
        if (n < 0)
        {
            error.WriteLine(name.Length == 0 ? "emu img: a command is missing; 'emu img --help' lists them" : $"emu img: there is no command '{name}'; 'emu img --help' lists them");
            return Failure;
        }
        try
        {
            return Commands[n].Run([.. words.Skip(1)], output, error);
        }
        catch (UserErrorException e)
        {
            error.WriteLine($"emu img: {name}: {e.Message}");
            return Failure;
        }
        catch (IOException e)
        {
            // What the image says of itself is a sentence; what the host says is a number.
            error.WriteLine($"emu img: {name}: {(e.HResult is > 0 and < 4096 ? HostErrors.Describe(e) : e.Message)}");
            return Failure;
        }
    }

    /// <summary>Opens an image that a command names.</summary>
    internal static DiskImage Open(string path, string? format, bool readOnly, bool withBacking = true)
    {
        if (format is not null && !ImageOpener.Formats.Contains(format))
        {
            throw new UserErrorException($"{path}: there is no format '{format}' here; use one of {string.Join(", ", ImageOpener.Formats)}");
        }
        return ImageOpener.Open(path, format, readOnly, withBacking);
    }
}
