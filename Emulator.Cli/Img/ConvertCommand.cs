using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img convert</c>.</summary>
internal static class ConvertCommand
{
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f", "O", "B", "F", "o"], ["c", "n", "q", "p", "U"]);
        arguments.Expect(2, 2, "the image and the new file's name");
        (string from, string to) = (arguments.Names[0], arguments.Names[1]);
        string format = arguments["O"] ?? "raw";
        if (arguments.Has("c") && format != "qcow2")
        {
            throw new UserErrorException($"-c: {format} images are not compressed; use -O qcow2");
        }
        using var source = ImgTool.Open(from, arguments["f"], readOnly: true);
        var creator = new ImageCreator(format, CreateCommand.Options(arguments, "B"));
        bool hasBacking = creator["backing_file"] is not null;
        if (hasBacking && creator["backing_fmt"] is null)
        {
            throw new UserErrorException($"{to}: the format of {creator["backing_file"]} is missing; add -F");
        }
        if (!arguments.Has("n"))
        {
            creator.Create(to, source.Length);
        }
        using var target = ImgTool.Open(to, format, readOnly: false);
        if (target.Length < source.Length)
        {
            throw new UserErrorException($"{to} is too small: it has {target.Length} bytes, and {from} {source.Length}; make it larger");
        }
        bool showProgress = arguments.Has("p");
        ImageCopier.Copy(source, target, arguments.Has("c"), skipUnallocated: hasBacking, done =>
        {
            if (showProgress)
            {
                output.Write($"    ({100.0 * done / source.Length:0.00}/100%)\r");
            }
        });
        if (showProgress)
        {
            output.WriteLine();
        }
        return 0;
    }
}
