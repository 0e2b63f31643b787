using Emulator.BT.Translator;
using Emulator.Machine.Config;
using Emulator.Tests.Coverage;
using Xunit;
using Xunit.Abstractions;

namespace Emulator.Tests.Guests;

/// <summary>The test ROMs of privileged behaviour (testroms/, each case with its manual's section), in the interpreter and in each back end's code.</summary>
public sealed class TestRomTests(ITestOutputHelper output)
{
    private static readonly (string Name, int Cases)[] Roms =
    [
        ("segments", 97), ("gates", 122), ("tasks", 95), ("switches", 44), ("v86", 87), ("paging", 107), ("limits", 261), ("debug", 55), ("system", 80), ("float", 66), ("repeats", 110),
    ];

    public static TheoryData<string, string, int> RomsAndTiers
    {
        get
        {
            var data = new TheoryData<string, string, int>();
            foreach ((string name, int cases) in Roms)
            {
                foreach (string tier in Tiers.Names)
                {
                    data.Add(name, tier, cases);
                }
            }
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(RomsAndTiers))]
    public void EveryCaseOfARomPasses(string name, string tier, int cases)
    {
        var record = new FormRecord($"ROM {name}");
        using var guest = new GuestRun(new MachineConfig
        {
            Kernel = TestRoms.Path(name),
            Cpu = new CpuConfig("max", []),
            Accel = tier == Tiers.Interpreter ? Accelerators.Interpreter : Accelerators.Default,
            Translator = Tiers.Options(tier) ?? new TranslatorOptions(),
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        }, FormRecord.IsOn && tier == Tiers.Interpreter ? record : null);
        int exit = guest.WaitForExit(60);
        output.WriteLine(guest.SerialText);
        string[] lines = guest.SerialText.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.All(l => l.StartsWith("PASS ", StringComparison.Ordinal) || l == lines[^1]), string.Join('\n', lines.Where(l => !l.StartsWith("PASS ", StringComparison.Ordinal))));
        Assert.Equal($"{cases} passed, 0 failed", lines[^1]);
        Assert.Equal(1, exit);
        if (tier == Tiers.Interpreter)
        {
            record.Save();
        }
    }

    // Registers of devices, which no tier makes different; on the counted clock, so that the clock's seconds pass in no time.
    [Fact]
    public void TheOldChipsAreAsTheirDataSheetsSay()
    {
        using var guest = new GuestRun(new MachineConfig
        {
            Kernel = TestRoms.Path("chips"),
            IcountShift = 9,
            IcountSleep = false,
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        });
        int exit = guest.WaitForExit(60);
        output.WriteLine(guest.SerialText);
        Assert.DoesNotContain("FAIL ", guest.SerialText, StringComparison.Ordinal);
        Assert.EndsWith("232 passed, 0 failed\r\n", guest.SerialText, StringComparison.Ordinal);
        Assert.Equal(1, exit);
    }
}
