using System.Text;
using Emulator.BT.Translator;
using Xunit;

namespace Emulator.Tests.Translator;

/// <summary>
/// The intermediate form of telling blocks after the passes, as it was when somebody last looked at it and found it good. A change of semantics or of
/// a pass shows here as a difference to read. <c>EMULATOR_GOLDEN=FILE</c> writes what there is now to a file instead.
/// </summary>
public sealed class GoldenIrTests
{
    private const string Expected = "Translator/golden-ir.txt";

    // Name, bits, code.
    private static readonly (string Name, int Bits, string Code)[] Blocks =
    [
        ("flags of ADD are dead before CMP", 32, "01 d8 39 c8 75 fa"),
        ("CMP and Jcc", 32, "39 d8 7c fc"),
        ("TEST and SETcc", 32, "85 c0 0f 94 c1"),
        ("CMP and CMOVcc", 32, "3b c3 0f 4c c1"),
        ("INC leaves CF to ADC", 32, "01 d8 40 11 d9"),
        ("constants fold", 32, "b8 05 00 00 00 83 c0 07 c1 e0 02"),
        ("XOR of a register with itself", 32, "31 c0 40"),
        ("copies fold", 32, "89 c3 89 d9 01 ca"),
        ("load with a scaled index", 32, "8b 44 b3 10"),
        ("read-modify-write", 32, "83 04 24 01"),
        ("PUSH and POP", 32, "50 5b"),
        ("partial register", 32, "88 e3 66 89 c8"),
        ("shift by a constant", 32, "c1 e8 1f"),
        ("shift by CL may leave the flags", 32, "d3 e0 72 00"),
        ("multiplication of 64 bits", 32, "f7 e3"),
        ("division is a helper's when it may fault", 32, "f7 f3"),
        ("loop of two blocks", 32, "8b 06 85 c0 74 04 01 c3 eb f6 c3"),
        ("CALL and RET", 32, "e8 01 00 00 00 90 40 c3"),
        ("16-bit address wraps", 16, "8b 40 ff"),
        ("16-bit stack", 16, "50 5b cb"),
        ("segment override", 32, "64 a1 10 00 00 00"),
        ("bit scan of zero leaves the register", 32, "0f bc c3"),
        ("SSE addition", 32, "0f 58 c1"),
        ("sensitive instruction", 32, "fa f4"),
    ];

    [Fact]
    public void TheIntermediateFormOfTellingBlocksIsAsItWas()
    {
        var now = new StringBuilder();
        foreach ((string name, int bits, string code) in Blocks)
        {
            using var bench = new TranslationBench(Convert.FromHexString(code.Replace(" ", "")), 0x1000, bits == 32, new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.Il });
            RegionView? view = bench.Show();
            Assert.True(view is not null, name);
            now.Append($"== {name}: {bits} bits, {code}\n{view.Folded}");
        }
        if (Environment.GetEnvironmentVariable("EMULATOR_GOLDEN") is { } file)
        {
            File.WriteAllText(file, now.ToString());
            return;
        }
        string[] expected = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, Expected)).Split("== "), found = now.ToString().Split("== ");
        for (int n = 0; n < Math.Max(expected.Length, found.Length); n++)
        {
            Assert.Equal(n < expected.Length ? expected[n] : "nothing", n < found.Length ? found[n] : "nothing");
        }
    }

    [Theory]
    [InlineData("8d4001", "leal", "IL:")]
    [InlineData("50 58", "pushl", "ldarg.0")]
    public void AllStagesAreShown(string code, string guest, string il)
    {
        var output = new StringWriter();
        Assert.Equal(0, Emulator.Cli.Translate.TranslateTool.Run([code], output, output));
        string text = output.ToString();
        Assert.All((string[])["GUEST:", guest, "IR, as the semantics record it:", "IR, after the passes:", il, "HOST"], s => Assert.Contains(s, text));
    }

    [Theory]
    [InlineData("zz", "'zz' is neither a file nor hexadecimal bytes")]
    [InlineData("90 --stage=x", "there is no option '--stage=x'")]
    [InlineData("90 --stage asm", "there is no stage 'asm'")]
    [InlineData("90 --bits 64", "--bits 64 is neither 32 nor 16")]
    [InlineData("90 --address", "--address needs a value")]
    [InlineData("90 --address 0xffffffff", "does not end below 4 GiB")]
    public void BadInputIsNamed(string line, string expected)
    {
        var error = new StringWriter();
        Assert.Equal(1, Emulator.Cli.Translate.TranslateTool.Run(line.Split(' '), TextWriter.Null, error));
        Assert.Contains(expected, error.ToString());
    }
}
