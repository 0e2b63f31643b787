using System.Text;
using System.Text.RegularExpressions;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Iced.Intel;
using Xunit;

namespace Emulator.Tests.Coverage;

/// <summary>
/// docs/coverage.md: every instruction form of the 8086 to the P6 with MMX, SSE and SSE2 as Iced numbers them, with the semantics or
/// helper behind it and the suites that have run it (<see cref="FormRecord"/>), or why it is #UD. EMU_COVERAGE_WRITE=1 writes the file; otherwise it
/// must be up to date.
/// </summary>
public sealed partial class CoverageTests
{
    private static readonly HashSet<CpuidFeature> Ours =
    [
        CpuidFeature.INTEL8086, CpuidFeature.INTEL8086_ONLY, CpuidFeature.INTEL186, CpuidFeature.INTEL286, CpuidFeature.INTEL286_ONLY, CpuidFeature.INTEL386,
        CpuidFeature.INTEL386_ONLY, CpuidFeature.INTEL386_A0_ONLY, CpuidFeature.INTEL486, CpuidFeature.INTEL486_A_ONLY, CpuidFeature.FPU, CpuidFeature.FPU287,
        CpuidFeature.FPU387, CpuidFeature.FPU287XL_ONLY, CpuidFeature.FPU387SL_ONLY, CpuidFeature.CMOV, CpuidFeature.CX8, CpuidFeature.CPUID, CpuidFeature.TSC, CpuidFeature.MSR, CpuidFeature.SEP,
        CpuidFeature.RDPMC, CpuidFeature.SMM, CpuidFeature.MULTIBYTENOP, CpuidFeature.PAUSE, CpuidFeature.MMX, CpuidFeature.SSE, CpuidFeature.SSE2,
        CpuidFeature.FXSR, CpuidFeature.CLFSH,
    ];

    // Forms that are #UD here by decision.
    private static readonly Dictionary<string, string> Undefined = new()
    {
        ["INTEL8086_ONLY"] = "POP CS and its kind: the 8086's alone",
        ["INTEL286_ONLY"] = "STOREALL and LOADALL of the 286",
        ["INTEL386_ONLY"] = "test registers and LOADALL of the 386",
        ["INTEL386_A0_ONLY"] = "XBTS and IBTS, of the first 386 alone",
        ["INTEL486_A_ONLY"] = "CMPXCHG in the first 486's encoding",
        ["FPU287XL_ONLY"] = "of one coprocessor alone",
        ["FPU387SL_ONLY"] = "of one coprocessor alone",
        ["SMM"] = "RSM outside of system management mode, which no guest can enter",
        ["Ud0"] = "means #UD",
        ["Ud1"] = "means #UD",
        ["Ud2"] = "means #UD",
        ["Jmpe"] = "Itanium's",
        ["tr"] = "test registers: gone since the Pentium",
    };

    [Fact]
    public void TheTableIsUpToDateAndHasNoEmptyRow()
    {
        string text = Make(out List<string> empty);
        string path = Find();
        if (Environment.GetEnvironmentVariable("EMU_COVERAGE_WRITE") is not null)
        {
            File.WriteAllText(path, text);
        }
        Assert.True(empty.Count == 0, string.Join('\n', empty));
        Assert.True(File.Exists(path) && File.ReadAllText(path) == text, "docs/coverage.md is stale: EMU_COVERAGE_WRITE=1 ./test --filter FullyQualifiedName~CoverageTests");
    }

    [Fact]
    public void FormsWithoutAMeaningAreUndefined()
    {
        var record = new FormRecord("unit #UD");
        int forms = 0;
        foreach (Code code in Enum.GetValues<Code>().Where(c => c.ToOpCode().Mode16 && c.CpuidFeatures().All(Ours.Contains) && Why(c, c.CpuidFeatures()) is not null && !IsWithWait(c)))
        {
            OpCodeInfo info = code.ToOpCode();
            foreach (bool memory in (ReadOnlySpan<bool>)[false, true])
            {
                if (info.Encoding == EncodingKind.Legacy && FormSample.TryEncode(info, memory, 16) is { } bytes)
                {
                    using var rig = new RealModeRig(bytes);
                    rig.Run();
                    Assert.True(rig.Vector == Vector.UD && rig.PushedIp == RealModeRig.Code, $"{code} {Convert.ToHexString(bytes)}: vector {rig.Vector}");
                    record.Note(code);
                    forms++;
                }
            }
        }
        Assert.True(forms >= 20, $"only {forms}");
        record.Save();
    }

    private static string Make(out List<string> empty)
    {
        Dictionary<Code, List<string>> suites = FormRecord.Read();
        string Proofs(Code code) => suites.TryGetValue(code, out List<string>? names) ? string.Join("; ", names) : "";
        empty = [];
        var rows = new StringBuilder();
        int forms = 0, emits = 0, undefined = 0, two = 0;
        var others = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (Code code in Enum.GetValues<Code>())
        {
            OpCodeInfo info = code.ToOpCode();
            if (!info.IsInstruction || (!info.Mode16 && !info.Mode32))
            {
                continue;
            }
            CpuidFeature[] features = code.CpuidFeatures();
            if (info.Encoding != EncodingKind.Legacy || !features.All(Ours.Contains))
            {
                string key = string.Join('+', features);
                others[key] = others.GetValueOrDefault(key) + 1;
                if (FormSample.Find(code, memory: false, CpuModel.Max) is { } row && !IsUndefined(row) && !IsReservedNop(row))
                {
                    empty.Add($"{code} of {key} has a meaning");
                }
                continue;
            }
            forms++;
            if (IsWithWait(code))
            {
                Code without = Enum.Parse<Code>(WithoutWait().Replace(code.ToString(), "Fn"));
                rows.Append($"| {code} | {info.ToOpCodeString()} | WAIT, then {without} | | {Proofs(without)} |\n");
                two++;
                if (Proofs(without).Length == 0)
                {
                    empty.Add($"{code}: {without} has no proof");
                }
                continue;
            }
            Row? register = FormSample.Find(code, memory: false, CpuModel.Max), memory = FormSample.Find(code, memory: true, CpuModel.Max);
            Row? found = register is { } r && !IsUndefined(r) ? r : memory is { } m && !IsUndefined(m) ? m : register ?? memory;
            if (found is not { } shown || IsUndefined(shown))
            {
                string? why = Why(code, features);
                undefined++;
                rows.Append($"| {code} | {info.ToOpCodeString()} | #UD: {why} | | {Proofs(code)} |\n");
                if (why is null || Proofs(code).Length == 0)
                {
                    empty.Add($"{code}: neither a row nor a reason");
                }
                continue;
            }
            bool emit = HasEmit(shown);
            emits += emit ? 1 : 0;
            string proof = Proofs(code);
            rows.Append($"| {code} | {info.ToOpCodeString()} | {Tidy(shown.Meaning)} | {(emit ? "yes" : "call")} | {proof} |\n");
            if (proof.Length == 0 || shown.Meaning.Length == 0)
            {
                empty.Add($"{code}: {shown.Meaning}, no proof");
            }
        }
        return $"""
            # Instruction forms

            Made from the decoder's table by `EMU_COVERAGE_WRITE=1 ./test --filter FullyQualifiedName~CoverageTests`; `./test` fails when it is stale or has an empty row.
            {forms} forms: {emits} are emitted as IR by the translator, {forms - emits - undefined - two} are calls to the helper that the interpreter runs as well, {two} are two instructions in one name, {undefined} are #UD by decision.
            Everything else that Iced knows for 16- and 32-bit code ({others.Values.Sum()} forms of later or other processors) is #UD, or a NOP where the P6 reserves one.

            "Proven by" are the suites that have run the form and passed, each in the interpreter and in both back ends' code, as they noted themselves:
            `EMU_COVERAGE_RECORD=1 ./test` writes docs/coverage/. *host* (Emulator.Tests/Integer, Simd, Fpu) is the same code on the host's processor, *80286* and *8086* the suites
            recorded on chips, *ROM* the test ROMs, which run on QEMU and Bochs as well ([conformance.md](conformance.md)), *unit #UD* Emulator.Tests/Coverage.

            | Form | Opcode | Semantics or helper | Emits | Proven by |
            |---|---|---|---|---|

            """ + rows;
    }

    private static bool IsWithWait(Code code) => code.ToOpCode().ToOpCodeString().StartsWith("9B ", StringComparison.Ordinal);

    [GeneratedRegex("^F")]
    private static partial Regex WithoutWait();

    private static string? Why(Code code, CpuidFeature[] features)
    {
        string name = code.ToString();
        foreach ((string key, string why) in Undefined)
        {
            if (features.Any(f => f.ToString() == key) || name.StartsWith(key, StringComparison.Ordinal) || (key == "tr" && name.Contains("_tr", StringComparison.Ordinal)))
            {
                return why;
            }
        }
        return null;
    }

    // Later instructions under opcodes that the P6 has as NOPs (ENDBR, RDSSP) run as these.
    private static bool IsReservedNop(Row row) => row.Meaning == "Plain<Nop, W32>";

    private static unsafe bool IsUndefined(Row row) => (nint)row.Interpret == (nint)InsnTable.Undefined.Interpret;

    private static unsafe bool HasEmit(Row row) => row.Emit != null;

    // "IsMemory(in x) ? &XmmForms.Memory<Op> : ..." is XmmForms.
    private static string Tidy(string meaning)
    {
        Match helper = HelperName().Match(meaning);
        string name = !helper.Success ? meaning : meaning.Contains('?', StringComparison.Ordinal) ? helper.Groups[1].Value : $"{helper.Groups[1].Value}.{helper.Groups[2].Value}";
        return name.Replace("|", "\\|", StringComparison.Ordinal);
    }

    private static string Find() => Path.Combine(ProjectFolder.Path, "docs", "coverage.md");

    [GeneratedRegex(@"&(\w+)\.(\w+)")]
    private static partial Regex HelperName();
}
