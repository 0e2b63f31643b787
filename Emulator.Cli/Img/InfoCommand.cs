using System.Text;
using System.Text.Json;
using Emulator.Remote.Block;

namespace Emulator.Cli.Img;

/// <summary><c>emu img info</c>.</summary>
internal static class InfoCommand
{
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        var arguments = new ImgArguments(words, ["f", "output"], ["U", "backing-chain"]);
        arguments.Expect(1, 1, "one image");
        List<ImageInfo> chain = [];
        string path = arguments.Names[0];
        string? format = arguments["f"];
        do
        {
            using var image = ImgTool.Open(path, format, readOnly: true, withBacking: false);
            var info = new ImageInfo(path, image);
            chain.Add(info);
            path = info.BackingPath ?? "";
            format = info.BackingFormat;
        }
        while (path.Length > 0 && arguments.Has("backing-chain") && chain.Count < 100);
        if (arguments["output"] == "json")
        {
            WriteJson(chain, arguments.Has("backing-chain"), output);
        }
        else
        {
            output.Write(string.Join('\n', chain.Select(i => i.ToText())));
        }
        return 0;
    }

    private static void WriteJson(List<ImageInfo> chain, bool asArray, TextWriter output)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new() { Indented = true, IndentSize = 4 }))
        {
            if (asArray)
            {
                json.WriteStartArray();
            }
            chain.ForEach(i => i.WriteJson(json));
            if (asArray)
            {
                json.WriteEndArray();
            }
        }
        output.WriteLine(Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length));
    }
}
