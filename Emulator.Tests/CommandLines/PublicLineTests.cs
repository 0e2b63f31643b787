using System.Text;
using Xunit;

namespace Emulator.Tests.CommandLines;

/// <summary>
/// Public command lines, run dry in QEMU's place: <c>docs/command-lines.md</c> says what became of each.
/// <c>EMULATOR_COMMAND_LINES=FILE</c> writes what there is now to a file instead.
/// </summary>
public sealed class PublicLineTests
{
    private const string Lines = "cmdlines/lines.tsv", Document = "docs/command-lines.md";

    [SharedFact(Lines)]
    public void Every_public_command_line_is_accepted_or_answered_as_the_document_says()
    {
        string now = Describe(File.ReadAllLines(SharedFolder.Find(Lines)!).Skip(1).Select(l => l.Split('\t')));
        if (Environment.GetEnvironmentVariable("EMULATOR_COMMAND_LINES") is { } file)
        {
            File.WriteAllText(file, now);
            return;
        }
        string[] expected = File.ReadAllLines(Path.Combine(Root(), Document));
        Assert.Equal(expected, now.TrimEnd('\n').Split('\n'));
    }

    [Theory]
    [InlineData("qemu -a \"b c\" 'd e' | tee x", "qemu,-a,b c,d e")]
    [InlineData("qemu -hda $< -x 2>&1", "qemu,-hda,$<,-x")]
    [InlineData("qemu -kernel <path-to-image> -n &", "qemu,-kernel,<path-to-image>,-n")]
    [InlineData("qemu $(head -n 1 f) ${A}b [ more ]", "qemu,$(head -n 1 f),${A}b")]
    [InlineData("qemu -f file:\"$D/x.log\" & # log", "qemu,-f,file:$D/x.log")]
    public void Words_of_a_line(string line, string expected) => Assert.Equal(expected, string.Join(',', ShellWords.Split(line)));

    private static string Describe(IEnumerable<string[]> rows)
    {
        var results = rows.Select(r => (Repository: r[0], Line: r[1], Result: PublicLine.Run(r[1]))).ToList();
        var repositories = results.GroupBy(r => r.Repository).ToList();
        var whole = repositories.Where(g => g.All(r => r.Result.IsAccepted)).ToList();
        int may64 = whole.Count(g => g.Any(r => r.Line.StartsWith("qemu-system-x86_64", StringComparison.Ordinal)));
        var text = new StringBuilder($"""
            # What people type

            Command lines of public repositories, run dry (`-dry-run`) under QEMU's name, on a terminal. What they name does not exist here: an image, a
            kernel or firmware of the right kind stands for each file, and 1 processor, 128 MiB and `stdio` for a variable in their place. This page is
            written by the test `PublicLineTests`, which fails when an answer changes (`EMULATOR_COMMAND_LINES=FILE` writes it anew).

            **{whole.Count} of {repositories.Count} repositories have every line accepted.** {whole.Count - may64} of them call `qemu-system-i386` alone; {may64} call `qemu-system-x86_64` too: their
            machine starts with a 32-bit processor, which a note says, and a system of theirs that needs 64-bit mode does not run yet.
            {results.Count(r => r.Result.IsAccepted)} of {results.Count} lines are accepted, and {results.Count(r => !r.Result.IsAccepted)} are answered by the sentence that says what is missing.

            | Repository | Line | Answer |
            |---|---|---|

            """.ReplaceLineEndings("\n"));
        foreach (var (repository, line, result) in results)
        {
            string answer = !result.IsAccepted ? "**lacks** " + result.Answer : result.Answer.Length > 0 ? "accepted; " + result.Answer : "accepted";
            text.Append($"| {repository} | `{Cell(line)}` | {Cell(answer)} |\n");
        }
        return text.ToString();
    }

    private static string Cell(string text) => text.Replace("|", "\\|").Replace("\n", " ");

    private static string Root()
    {
        DirectoryInfo? d = new(AppContext.BaseDirectory);
        while (d is not null && !File.Exists(Path.Combine(d.FullName, "Emulator.sln")))
        {
            d = d.Parent;
        }
        return d?.FullName ?? throw new DirectoryNotFoundException("Emulator.sln is not above the tests");
    }
}
