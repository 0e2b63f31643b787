using System.Text;
using Emulator.Tests.Coverage;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Cpu;

/// <summary>
/// The per-instruction suite recorded on a real 80286 in real mode. Every case must come out as <see cref="LaterProcessorRules"/> says: the
/// chip's own result, or what a 386 and later make of it. EMU_SUITE_ALL translates every case instead of each sixteenth (IL: each hundredth).
/// </summary>
public sealed class Suite80286Tests(ITestOutputHelper output)
{
    private const int Cases = 97_500, X64Step = 16, IlStep = 100;

    // How many cases each rule takes, so that none widens unseen.
    private static readonly Dictionary<string, int> RuleCounts = new()
    {
        [LaterProcessorRules.Lock] = 1686,
        [LaterProcessorRules.Restart] = 130,
        [LaterProcessorRules.Stack] = 36,
        [$"{LaterProcessorRules.Restart}; and {LaterProcessorRules.Stack}"] = 5,
        [LaterProcessorRules.FsGs] = 12,
        [LaterProcessorRules.Long] = 11,
    };

    [Fact]
    public void EveryCaseInTheInterpreter()
    {
        using var cpu = new TestCpu();
        if (RunAll(cpu, 1) is { } rules)
        {
            Assert.Equal(RuleCounts.OrderBy(r => r.Key), rules.OrderBy(r => r.Key));
        }
    }

    public static TheoryData<string> BackEnds => Tiers.Translated;

    [Theory]
    [MemberData(nameof(BackEnds))]
    public void CasesInTranslatedCode(string tier)
    {
        using var cpu = new TestCpu(translation: Tiers.Options(tier));
        int step = Environment.GetEnvironmentVariable("EMU_SUITE_ALL") is not null ? 1 : tier == Tiers.Il ? IlStep : X64Step;
        if (RunAll(cpu, step) is not null)
        {
            BT.Translator.Translator translator = cpu.Vcpu.Translator!;
            output.WriteLine($"{translator.Compiled} regions compiled");
            Assert.True(translator.Compiled > Cases / step / 2, $"only {translator.Compiled} regions");
        }
    }

    private Dictionary<string, int>? RunAll(TestCpu cpu, int step)
    {
        string? folder = SharedFolder.Find("suites/80286/v1_real_mode");
        if (folder is null)
        {
            output.WriteLine("the suites are not beside this checkout");
            return null;
        }
        Dictionary<string, uint> flagMasks = SuiteRun.FlagMasks(Path.Combine(folder, "metadata.json"));
        var rules = new Dictionary<string, int>();
        var report = new StringBuilder();
        var record = new FormRecord("80286");
        int number = 0, passed = 0, failed = 0;
        foreach (string file in Directory.GetFiles(folder, "*.MOO.gz").Order())
        {
            string opcode = Path.GetFileName(file)[..^".MOO.gz".Length];
            uint flagsMask = flagMasks.TryGetValue(opcode, out uint mask) ? mask : 0xFFFF;
            foreach (MooCase test in MooFile.Read(file))
            {
                if (number++ % step != 0)
                {
                    continue;
                }
                ChipExpectation expected = LaterProcessorRules.Apply(test, flagsMask);
                if (expected.Rule is { } rule)
                {
                    rules[rule] = rules.GetValueOrDefault(rule) + 1;
                }
                string? difference = SuiteRun.Run(cpu, test, expected);
                passed += difference is null ? 1 : 0;
                record.Note(16, test.Bytes);
                if (difference is not null && failed++ < 100)
                {
                    report.AppendLine($"{opcode} {test.Name} [{Convert.ToHexString(test.Bytes)}]: {difference} {expected.Rule}");
                }
            }
        }
        foreach ((string rule, int count) in rules.OrderByDescending(r => r.Value))
        {
            output.WriteLine($"{count} cases: {rule}");
        }
        output.WriteLine($"{passed} passed, {failed} failed of {number}");
        Assert.True(failed == 0, $"{passed} passed, {failed} failed\n{report}");
        record.Save();
        Assert.Equal(Cases, number);
        return rules;
    }
}
