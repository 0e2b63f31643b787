using System.Globalization;
using Emulator.Bench.Fuzz;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Tests.Firmware;
using Xunit;

namespace Emulator.Tests.Guests;

/// <summary><c>-icount shift=N</c>: equal inputs give equal runs, from power-on through firmware to a guest.</summary>
public sealed class CountedClockTests
{
    private const int Points = 8;

    private static readonly RtcConfig FixedDate = new() { Base = RtcBase.Date, Start = new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc) };

    [Fact]
    public void SeaBiosAndGrubRunEquallyAgainAndInBothTiers()
    {
        MachineConfig config = new()
        {
            RamBytes = 16 << 20,
            IcountShift = 5,
            IcountSleep = false,
            Rtc = FixedDate,
            Drives = [new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = GuestFiles.GrubFloppy, ReadOnly = true }],
        };
        IReadOnlyList<string> translated = Trace(config, Points, intervalNs: 600_000_000);
        Assert.Equal(Points, translated.Distinct().Count());
        Assert.Equal(translated, Trace(config, Points, intervalNs: 600_000_000));
        Assert.Equal(translated, Trace(config with { Accel = Accelerators.Interpreter }, Points, intervalNs: 600_000_000));
    }

    [Fact]
    public void MemtestRunsEquallyTwice()
    {
        MachineConfig config = new()
        {
            RamBytes = 16 << 20, Kernel = GuestFiles.Memtest, IcountShift = 5, IcountSleep = false, Rtc = FixedDate,
        };
        Assert.Equal(Trace(config, Points, intervalNs: 200_000_000), Trace(config, Points, intervalNs: 200_000_000));
    }

    // The machine's state at equal distances of virtual time.
    private static List<string> Trace(MachineConfig config, int points, long intervalNs)
    {
        var trace = new List<string>();
        var drives = config.Drives.Select(d => (d, ImageFactory.Open(d))).ToList();
        using var inbox = new MachineInbox();
        var parts = new MachineParts
        {
            Bios = FirmwareFiles.ReadBios(config),
            VideoBios = FirmwareFiles.ReadVideoBios(config),
            Drives = drives,
        };
        using (var machine = new VirtualMachine(config, parts, inbox, EventLog.Silent))
        {
            Core.Time.ITimer timer = null!;
            timer = machine.Scheduler.CreateTimer("trace", () =>
            {
                trace.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{machine.NowNs} ns, {machine.Board.Cpu.InstructionsRetired} instructions, state {MachineHash.Of(machine):x16}"));
                if (trace.Count == points)
                {
                    machine.Quit();
                }
                timer.Arm((trace.Count + 1) * intervalNs);
            });
            timer.Arm(intervalNs);
            machine.Run();
        }
        foreach ((DriveConfig _, IBlockBackend? image) in drives)
        {
            image?.Dispose();
        }
        return trace;
    }
}
