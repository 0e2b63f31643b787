using System.Text;
using System.Text.Json;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Cpu;

/// <summary>
/// The per-instruction suite recorded on a real 80286 in real mode. Every case must come out as <see cref="LaterProcessorRules"/> says: the
/// chip's own result, or what a 386 and later make of it. EMU_SUITE_ALL translates every case instead of each sixteenth (IL: each hundredth).
/// </summary>
public sealed unsafe class Suite80286Tests(ITestOutputHelper output)
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

    private static readonly int[] SegmentOf = [Seg.CS, Seg.SS, Seg.DS, Seg.ES];

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
        Dictionary<string, uint> flagMasks = FlagMasks(Path.Combine(folder, "metadata.json"));
        var rules = new Dictionary<string, int>();
        var report = new StringBuilder();
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
                string? difference = Run(cpu, test, expected);
                passed += difference is null ? 1 : 0;
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
        Assert.Equal(Cases, number);
        return rules;
    }

    private static string? Run(TestCpu cpu, MooCase test, ChipExpectation expected)
    {
        cpu.Vcpu.Reset();
        foreach ((uint address, byte value) in test.InitialRam.Concat(expected.Setup))
        {
            cpu.Memory.WriteValue(address, 1, value);
        }
        SetRegisters(cpu.State, test.Initial);
        // The instruction, then HLT: at most the chip's REP counts.
        cpu.Vcpu.Run(300);
        string? difference = Compare(cpu, expected);
        foreach (uint address in test.InitialRam.Concat(test.FinalRam).Concat(expected.Setup).Select(byteAt => byteAt.Item1).Concat(expected.Ram.Keys))
        {
            cpu.Memory.WriteValue(address, 1, 0);
        }
        return difference;
    }

    private static void SetRegisters(CpuState* s, ushort?[] r)
    {
        ReadOnlySpan<int> gpr = [0, 3, 1, 2];
        for (int n = 0; n < 4; n++)
        {
            s->Gpr[gpr[n]] = r[n]!.Value;
            Segmentation.SetReal(s, SegmentOf[n], r[4 + n]!.Value);
        }
        for (int n = 0; n < 4; n++)
        {
            s->Gpr[4 + n] = r[8 + n]!.Value;
        }
        s->Rip = r[12]!.Value;
        s->SetEflags(r[13]!.Value & 0x0FFFu);
    }

    private static string? Compare(TestCpu cpu, ChipExpectation expected)
    {
        CpuState* s = cpu.State;
        if ((s->AttentionFlags & Attention.Halted) == 0)
        {
            return "does not reach HLT";
        }
        ReadOnlySpan<int> gpr = [0, 3, 1, 2];
        ReadOnlySpan<string> names = ["ax", "bx", "cx", "dx", "cs", "ss", "ds", "es", "sp", "bp", "si", "di", "ip", "flags"];
        for (int n = 0; n < 14; n++)
        {
            uint actual = n switch
            {
                < 4 => (ushort)s->Gpr[gpr[n]],
                < 8 => s->Segments[SegmentOf[n - 4]].Selector,
                < 12 => (ushort)s->Gpr[n - 4],
                12 => (uint)s->Rip,
                _ => s->GetEflags(),
            };
            uint mask = n == ChipExpectation.Flags ? expected.FlagsMask : 0xFFFF;
            if ((expected.Compared >> n & 1) != 0 && ((actual ^ expected.Registers[n]) & mask) != 0)
            {
                return $"{names[n]} is {actual & mask:x4}, expected {expected.Registers[n] & mask:x4}";
            }
        }
        foreach ((uint address, byte value) in expected.Ram)
        {
            byte actual = (byte)cpu.Memory.ReadValue(address, 1);
            uint mask = address == expected.PushedFlags ? expected.FlagsMask & 0xFF
                : address == expected.PushedFlags + 1 ? (expected.FlagsMask >> 8) & 0x0F : 0xFF;
            if (((actual ^ value) & mask) != 0)
            {
                return $"byte {address:x6} is {actual:x2}, expected {value:x2}";
            }
        }
        return null;
    }

    private static Dictionary<string, uint> FlagMasks(string path)
    {
        var masks = new Dictionary<string, uint>();
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        foreach (JsonProperty opcode in document.RootElement.GetProperty("opcodes").EnumerateObject())
        {
            Add(masks, opcode.Name, opcode.Value);
            if (opcode.Value.TryGetProperty("reg", out JsonElement reg))
            {
                foreach (JsonProperty sub in reg.EnumerateObject())
                {
                    Add(masks, $"{opcode.Name}.{sub.Name}", sub.Value);
                }
            }
        }
        return masks;
    }

    private static void Add(Dictionary<string, uint> masks, string name, JsonElement entry)
    {
        if (entry.TryGetProperty("flags-mask", out JsonElement mask) && mask.ValueKind == JsonValueKind.Number)
        {
            masks[name] = mask.GetUInt32();
        }
    }
}
