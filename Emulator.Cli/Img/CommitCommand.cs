using Emulator.Machine.Config;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img commit</c>.</summary>
internal static class CommitCommand
{
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f"], ["d", "q", "p"]);
        arguments.Expect(1, 1, "one image");
        using var image = ImgTool.Open(arguments.Names[0], arguments["f"], readOnly: false);
        if (image.Backing is null)
        {
            throw new UserErrorException($"{image.Name} has no backing file to commit to");
        }
        ImageCommit.Run(image, makeEmpty: !arguments.Has("d"));
        if (!arguments.Has("q"))
        {
            output.WriteLine("Image committed.");
        }
        return 0;
    }
}
