using System.Globalization;
using Xunit;

namespace Emulator.Tests.Fpu;

/// <summary>Every x87 instruction against the host's own x87, bit for bit; transcendentals to one unit in the last place.</summary>
public sealed class X87NativeTests
{
    // EMU_X87_CASES makes the run longer, EMU_X87_SEED draws other cases, EMU_X87_ONLY picks instructions by the start of their name.
    private static readonly long Cases = long.Parse(Setting("EMU_X87_CASES", "2000"), CultureInfo.InvariantCulture);
    private static readonly ulong Seed = ulong.Parse(Setting("EMU_X87_SEED", "1"), CultureInfo.InvariantCulture);

    [NativeFact(intelOnly: true)]
    public void EveryInstructionMatchesTheHost()
    {
        string only = Setting("EMU_X87_ONLY", "");
        var report = new List<string>();
        foreach (X87Instruction instruction in X87Instruction.All().Where(x => x.Name.StartsWith(only, StringComparison.Ordinal)))
        {
            var comparison = new X87Comparison(instruction, Seed * 1000 + (ulong)instruction.Code.Sum(b => b * 7));
            comparison.Run(Cases);
            if (comparison.FailureCount != 0)
            {
                report.Add($"{instruction.Name}: {comparison.FailureCount} of {Cases} cases differ");
                report.AddRange(comparison.Failures);
            }
            // Ours are rounded correctly; the host's own error is what shows here.
            if (comparison.OneUlp > Cases / 4)
            {
                report.Add($"{instruction.Name}: {comparison.OneUlp} of {Cases} cases are one unit off");
            }
        }
        Assert.True(report.Count == 0, string.Join('\n', report));
    }

    private static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) ?? otherwise;
}
