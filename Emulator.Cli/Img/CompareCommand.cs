using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img compare</c>. Exit codes: 0 the same, 1 not.</summary>
internal static class CompareCommand
{
    private const int Different = 1;

    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f", "F"], ["s", "q", "p", "U"]);
        arguments.Expect(2, 2, "two images");
        using var one = ImgTool.Open(arguments.Names[0], arguments["f"], readOnly: true);
        using var other = ImgTool.Open(arguments.Names[1], arguments["F"], readOnly: true);
        bool isQuiet = arguments.Has("q");
        if (one.Length != other.Length)
        {
            if (arguments.Has("s"))
            {
                Say("Strict mode: Image size mismatch!");
                return Different;
            }
            Say("Warning: Image size mismatch!");
        }
        if (ImageCopier.FirstDifference(one, other) is long at)
        {
            Say($"Content mismatch at offset {at}!");
            return Different;
        }
        Say("Images are identical.");
        return 0;

        void Say(string text)
        {
            if (!isQuiet)
            {
                output.WriteLine(text);
            }
        }
    }
}
