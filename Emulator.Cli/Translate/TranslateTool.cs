using System.Globalization;
using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Machine.Config;
using Emulator.Remote.Monitor;

namespace Emulator.Cli.Translate;

/// <summary><c>emu translate</c>: what the translator makes of a piece of machine code, stage by stage.</summary>
public static class TranslateTool
{
    private const int Failure = 1, MostBytes = 64 << 10;

    private const string Usage =
        """
        usage: emu translate FILE|HEX [--bits 32|16] [--address 0xADDRESS] [--stage guest|ir|folded|il|host]... [--window]
          FILE       raw machine code, at most 64 KiB; the region at its first byte is shown, with the loops in it;
                     behind it a HLT is assumed
          HEX        the code itself: 'emu translate "8d 40 01 39 d8 75 f9"'
          --bits     32-bit code in flat segments (the default), or 16-bit code
          --address  offset of the first byte in CS (0x1000)
          --stage    only these; else the guest's code, the intermediate form as recorded and after the passes, its IL, the host's code
          --window   host code that reaches memory through the host's own MMU, where the host can do that
        In the monitor of a running machine, 'translate [addr]' shows the region there.

        """;

    private static readonly string[] Stages = ["guest", "ir", "folded", "il", "host"];

    /// <summary>Runs the tool.</summary>
    /// <param name="words">The words behind <c>translate</c>.</param>
    /// <param name="output">Gets the listing.</param>
    /// <param name="error">Gets what went wrong.</param>
    /// <returns>0 for success.</returns>
    public static int Run(IReadOnlyList<string> words, TextWriter output, TextWriter error)
    {
        if (words.Count == 0 || words[0] is "-h" or "--help" or "-help")
        {
            output.Write(Usage);
            return words.Count == 0 ? Failure : 0;
        }
        try
        {
            Show(words, output);
            return 0;
        }
        catch (UserErrorException e)
        {
            error.WriteLine($"emu translate: {e.Message}");
            return Failure;
        }
    }

    private static void Show(IReadOnlyList<string> words, TextWriter output)
    {
        string? source = null;
        bool is32 = true, window = false;
        uint address = 0x1000;
        List<string> stages = [];
        for (int n = 0; n < words.Count; n++)
        {
            string Next() => ++n < words.Count ? words[n] : throw new UserErrorException($"{words[n - 1]} needs a value; 'emu translate --help' shows them");
            switch (words[n])
            {
                case "--bits": is32 = Next() switch { "32" => true, "16" => false, string other => throw new UserErrorException($"--bits {other} is neither 32 nor 16") }; break;
                case "--address": address = Number(Next()); break;
                case "--stage": stages.Add(Stage(Next())); break;
                case "--window": window = true; break;
                case { Length: > 0 } word when word[0] == '-': throw new UserErrorException($"there is no option '{word}'; 'emu translate --help' lists them");
                case string word when source is null: source = word; break;
                case string word: throw new UserErrorException($"'{word}' is a second source; put hexadecimal bytes between quotation marks");
            }
        }
        byte[] code = Code(source ?? throw new UserErrorException("a file or hexadecimal bytes are missing; 'emu translate --help' shows how"));
        if (!is32 && address + (uint)code.Length > 0x10000)
        {
            throw new UserErrorException($"16-bit code ends at 64 KiB: {code.Length} bytes at 0x{address:x} do not fit");
        }
        if (address > uint.MaxValue - MostBytes)
        {
            throw new UserErrorException($"the code at 0x{address:x} does not end below 4 GiB; use a smaller --address");
        }
        using var bench = new TranslationBench(code, address, is32, new TranslatorOptions { Threshold = 0, Window = window ? WindowUse.On : WindowUse.Off });
        RegionView view = bench.Show() ?? throw new UserErrorException("there is nothing to translate: the first instruction is one for the interpreter alone");
        TranslationReport.Write(output, view, is32 ? CodeMode.Bits32 : CodeMode.Bits16, stages);
    }

    private static byte[] Code(string source)
    {
        byte[] code;
        if (File.Exists(source))
        {
            code = new FileInfo(source).Length <= MostBytes ? File.ReadAllBytes(source) : throw new UserErrorException($"{source} is larger than 64 KiB: cut the piece out that is to be shown");
        }
        else
        {
            try
            {
                code = Convert.FromHexString(string.Concat(source.Where(c => !char.IsWhiteSpace(c))));
            }
            catch (FormatException)
            {
                throw new UserErrorException($"'{source}' is neither a file nor hexadecimal bytes");
            }
        }
        return code.Length > 0 ? code : throw new UserErrorException($"{source} is empty");
    }

    private static string Stage(string name) =>
        Stages.Contains(name) ? name : throw new UserErrorException($"there is no stage '{name}'; they are {string.Join(", ", Stages)}");

    private static uint Number(string text) =>
        uint.TryParse(text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? text[2..] : text,
            text.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? NumberStyles.HexNumber : NumberStyles.Integer, CultureInfo.InvariantCulture, out uint value)
            ? value : throw new UserErrorException($"--address {text} is no number below 4 GiB");
}
