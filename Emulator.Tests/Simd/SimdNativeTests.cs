using System.Globalization;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Tests.Coverage;
using Iced.Intel;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Simd;

/// <summary>Every MMX, SSE and SSE2 form against the host's own, bit for bit.</summary>
public sealed class SimdNativeTests(ITestOutputHelper output)
{
    // EMU_SIMD_CASES makes the run longer, EMU_SIMD_SEED draws other cases, EMU_SIMD_ONLY picks forms by the start of Iced's name.
    private static readonly long Cases = long.Parse(Setting("EMU_SIMD_CASES", "40"), CultureInfo.InvariantCulture);
    private static readonly int Seed = int.Parse(Setting("EMU_SIMD_SEED", "1"), CultureInfo.InvariantCulture);

    [Fact]
    public unsafe void EveryFormHasARow()
    {
        var missing = new List<string>();
        foreach (SimdForm form in SimdForms.All(new Random(Seed)))
        {
            Decoder decoder = Decoder.Create(32, form.Bytes, DecoderOptions.ForceReservedNop);
            decoder.Decode(out Instruction x);
            Insn i = default;
            if ((nint)InsnTable.Find(in x, CpuModel.Max, ref i).Interpret == (nint)InsnTable.Undefined.Interpret)
            {
                missing.Add(form.Name);
            }
        }
        Assert.True(missing.Count == 0, string.Join('\n', missing));
    }

    [NativeFact]
    public void EveryFormMatchesTheHost()
    {
        string only = Setting("EMU_SIMD_ONLY", "");
        using var comparison = new SimdComparison((ulong)Seed);
        var record = new FormRecord("host SIMD");
        int forms = 0;
        foreach (SimdForm form in SimdForms.All(new Random(Seed)).Where(f => f.Name.StartsWith(only, StringComparison.Ordinal) && (NativeCode.IsIntel || !IsEstimate(f))))
        {
            comparison.Run(form, Cases);
            record.Note(form.Code);
            forms++;
        }
        output.WriteLine($"{forms} forms, {comparison.Cases} cases, {comparison.Traps} unmasked exceptions, {comparison.FailureCount} differ");
        Assert.True(comparison.Traps > 0 || only.Length > 0);
        Assert.True(comparison.FailureCount == 0, $"{comparison.FailureCount} of {comparison.Cases} differ\n" + string.Join('\n', comparison.Failures));
        record.Save();
    }

    // The manuals bound the error and leave the bits to the processor: ours are Intel's.
    private static bool IsEstimate(SimdForm form) => form.Name.StartsWith("Rcp", StringComparison.Ordinal) || form.Name.StartsWith("Rsqrt", StringComparison.Ordinal);

    private static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) ?? otherwise;
}
