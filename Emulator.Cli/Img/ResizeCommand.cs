using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img resize</c>.</summary>
internal static class ResizeCommand
{
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f"], ["shrink", "q"]);
        arguments.Expect(2, 2, "an image and a size");
        (string path, string size) = (arguments.Names[0], arguments.Names[1]);
        using var image = ImgTool.Open(path, arguments["f"], readOnly: false);
        long number = ByteSize.Parse(path, size.TrimStart('+', '-'));
        long length = size[0] switch
        {
            '+' => image.Length + number,
            '-' => image.Length - number,
            _ => number,
        };
        length = (length + 511) & ~511L;
        if (length < 0)
        {
            throw new UserErrorException($"{path} has {image.Length} bytes, fewer than are to go");
        }
        if (length < image.Length && !arguments.Has("shrink"))
        {
            throw new UserErrorException($"{path}: what lies behind {length} bytes would be lost; add --shrink if that is meant");
        }
        image.Resize(length);
        if (!arguments.Has("q"))
        {
            output.WriteLine("Image resized.");
        }
        return 0;
    }
}
