using Emulator.Cli.Options;
using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img create</c>.</summary>
internal static class CreateCommand
{
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f", "b", "F", "o"], ["u", "q"]);
        arguments.Expect(1, 2, "a file and its size");
        string path = arguments.Names[0];
        var options = Options(arguments);
        var creator = new ImageCreator(arguments["f"] ?? "raw", options);
        string? backing = creator["backing_file"], size = arguments.Names.Count > 1 ? arguments.Names[1] : creator["size"];
        long? bytes = size is null ? null : ByteSize.Parse(path, size);
        if (backing is not null && !arguments.Has("u"))
        {
            if (creator["backing_fmt"] is null)
            {
                throw new UserErrorException($"{path}: the format of {backing} is missing; add -F with one of {string.Join(", ", ImageOpener.Formats)}");
            }
            using var below = ImgTool.Open(ImageOpener.Resolve(path, backing), creator["backing_fmt"], readOnly: true);
            bytes ??= below.Length;
        }
        long length = bytes ?? throw new UserErrorException($"{path}: its size is missing; add it behind the name, for example 10G");
        if (!arguments.Has("q"))
        {
            output.WriteLine($"Formatting '{path}', {creator.Describe((length + 511) & ~511L)}");
        }
        creator.Create(path, length);
        return 0;
    }

    /// <summary>The options of <c>-o</c>, <c>-b</c> or <c>-B</c>, and <c>-F</c>.</summary>
    public static List<KeyValuePair<string, string>> Options(ImgArguments arguments, string backingOption = "b")
    {
        List<KeyValuePair<string, string>> options = [.. arguments.All("o").SelectMany(o => new KeyValues(o).Pairs)];
        if (arguments[backingOption] is string backing)
        {
            options.Add(new("backing_file", backing));
        }
        if (arguments["F"] is string format)
        {
            options.Add(new("backing_fmt", format));
        }
        return options;
    }
}
