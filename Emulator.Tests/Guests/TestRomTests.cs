using Emulator.BT.Translator;
using Emulator.Machine.Config;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Guests;

/// <summary>The test ROMs of privileged behaviour (testroms/, each case with its manual's section), in both tiers.</summary>
public sealed class TestRomTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData("segments", 95)]
    [InlineData("gates", 122)]
    [InlineData("tasks", 94)]
    [InlineData("v86", 87)]
    [InlineData("paging", 107)]
    [InlineData("debug", 49)]
    [InlineData("system", 60)]
    public void EveryCaseOfARomPassesInBothTiers(string name, int cases)
    {
        foreach (string tier in (ReadOnlySpan<string>)[Accelerators.Interpreter, Accelerators.Default])
        {
            using var guest = new GuestRun(new MachineConfig
            {
                Kernel = TestRoms.Path(name),
                Cpu = new CpuConfig("max", []),
                Accel = tier,
                Translator = new TranslatorOptions { Threshold = 0 },
                DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
            });
            int exit = guest.WaitForExit(60);
            output.WriteLine(guest.SerialText);
            string[] lines = guest.SerialText.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.All(l => l.StartsWith("PASS ", StringComparison.Ordinal) || l == lines[^1]), $"{tier}\n" + string.Join('\n', lines.Where(l => !l.StartsWith("PASS ", StringComparison.Ordinal))));
            Assert.Equal($"{cases} passed, 0 failed", lines[^1]);
            Assert.Equal(1, exit);
        }
    }
}
