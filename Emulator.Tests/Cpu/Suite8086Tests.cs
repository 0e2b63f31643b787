using System.Text;
using Emulator.Tests.Coverage;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Cpu;

/// <summary>
/// The per-instruction suite recorded on a real 8086, as far as a 386 and later define the same or <see cref="SinceThe8086Rules"/> say what differs.
/// Each sixteenth case (IL: each two-hundredth); EMU_SUITE_ALL runs every one and checks how many each rule takes.
/// </summary>
public sealed class Suite8086Tests(ITestOutputHelper output)
{
    private const int Cases = 64_400, UsualStep = 16, IlStep = 200;

    // How many cases each rule takes, so that none widens unseen.
    private static readonly Dictionary<string, int> RuleCounts = new()
    {
        [SinceThe8086Rules.Later] = 4000,
        [SinceThe8086Rules.Escape] = 1600,
        [SinceThe8086Rules.Count] = 1348,
        [SinceThe8086Rules.Undefined] = 849,
        [SinceThe8086Rules.SetMinusOne] = 800,
        [SinceThe8086Rules.DivideReturn] = 472,
        [SinceThe8086Rules.PushSp] = 207,
        [SinceThe8086Rules.FsGs] = 79,
        [SinceThe8086Rules.RepMultiply] = 30,
        [SinceThe8086Rules.NoRoom] = 18,
        [SinceThe8086Rules.Ascii] = 7,
        [SinceThe8086Rules.Decimal] = 4,
    };

    public static TheoryData<string> AllTiers => Tiers.All;

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void EveryCaseIsTheChipsOrARules(string tier)
    {
        string? folder = SharedFolder.Find("suites/8086/v1");
        if (folder is null)
        {
            output.WriteLine("the suites are not beside this checkout");
            return;
        }
        bool all = Environment.GetEnvironmentVariable("EMU_SUITE_ALL") is not null;
        using var cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        cpu.Memory.A20 = false;
        Dictionary<string, uint> flagMasks = SuiteRun.FlagMasks(Path.Combine(folder, "metadata.json"));
        var rules = new Dictionary<string, int>();
        var report = new StringBuilder();
        var record = new FormRecord("8086");
        int number = 0, passed = 0, failed = 0, leftOut = 0;
        int step = all ? 1 : tier == Tiers.Il ? IlStep : UsualStep;
        // MOVSB is there in the other format alone.
        string[] binary = Directory.GetFiles(folder + "_binary", "*.MOO.gz");
        foreach (string file in Directory.GetFiles(folder, "*.json.gz").Concat(binary).Order())
        {
            string name = Path.GetFileName(file), opcode = name[..^(name.EndsWith(".json.gz", StringComparison.Ordinal) ? ".json.gz" : ".MOO.gz").Length];
            foreach (MooCase test in name.EndsWith(".json.gz", StringComparison.Ordinal) ? JsonSuite.Read(file, step) : MooFile.Read(file).Where((_, n) => n % step == 0))
            {
                number++;
                ChipExpectation? expected = SinceThe8086Rules.Apply(test, opcode, flagMasks.GetValueOrDefault(opcode, 0xFFFFu), out string? rule);
                if (rule is not null)
                {
                    rules[rule] = rules.GetValueOrDefault(rule) + 1;
                }
                if (expected is null)
                {
                    leftOut++;
                    continue;
                }
                string? difference = SuiteRun.Run(cpu, test, expected);
                passed += difference is null ? 1 : 0;
                record.Note(16, test.Bytes);
                if (difference is not null && failed++ < 200)
                {
                    report.AppendLine($"{opcode} {test.Name} [{Convert.ToHexString(test.Bytes)}]: {difference} {expected.Rule}");
                }
            }
        }
        foreach ((string rule, int count) in rules.OrderByDescending(r => r.Value))
        {
            output.WriteLine($"{count} cases: {rule}");
        }
        output.WriteLine($"{passed} passed, {failed} failed, {leftOut} left out of {number}");
        Assert.True(failed == 0, $"{passed} passed, {failed} failed\n{report}");
        record.Save();
        if (all)
        {
            Assert.Equal(Cases, number);
            Assert.Equal(RuleCounts.OrderBy(r => r.Key), rules.OrderBy(r => r.Key));
        }
    }
}
