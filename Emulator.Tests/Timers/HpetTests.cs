using Emulator.Core.Bus;
using Emulator.Devices.Timers;
using Xunit;

namespace Emulator.Tests.Timers;

/// <summary>IA-PC HPET specification 1.0a, section 2.3.</summary>
public sealed class HpetTests
{
    private const ulong Configuration = 0x10, Status = 0x20, Counter = 0xF0;
    private readonly VirtualTime time = new();
    private readonly Dictionary<int, List<long>> rises = [];
    private readonly Dictionary<int, IrqLine> lines = [];
    private readonly Hpet hpet;

    public HpetTests() => hpet = new Hpet(time.Queue, Line(0), Line(8), Line);

    [Fact]
    public void CapabilitiesAreThoseOfQemu()
    {
        Assert.Equal(0x00989680_8086A201ul, hpet.ReadMmio(0, 8));
        Assert.Equal(0x00989680ul, hpet.ReadMmio(4, 4));
        Assert.Equal(0x0C00_0000_0030ul, hpet.ReadMmio(0x100, 8));
        Assert.Equal(ulong.MaxValue, hpet.ReadMmio(0x108, 8));
        Assert.Equal(0ul, hpet.ReadMmio(0x160, 8));
    }

    [Fact]
    public void CounterRunsAtItsRateWhileEnabledAndIsWrittenWhileHalted()
    {
        hpet.WriteMmio(Counter, 4, 0xFFFF_FFF0);
        hpet.WriteMmio(Configuration, 4, 1);
        time.Advance(1000);
        Assert.Equal(0x1_0000_0054ul, hpet.ReadMmio(Counter, 8));
        Assert.Equal(1ul, hpet.ReadMmio(Counter + 4, 4));
        hpet.WriteMmio(Counter, 8, 5);
        Assert.Equal(0x1_0000_0054ul, hpet.ReadMmio(Counter, 8));
        hpet.WriteMmio(Configuration, 4, 0);
        time.Advance(1000);
        Assert.Equal(0x1_0000_0054ul, hpet.ReadMmio(Counter, 8));
        hpet.WriteMmio(Counter, 8, 5);
        Assert.Equal(5ul, hpet.ReadMmio(Counter, 8));
    }

    [Fact]
    public void ReadingARegisterArmsNothingAgain()
    {
        hpet.WriteMmio(0x100, 8, 1 << 2 | 10 << 9);
        hpet.WriteMmio(0x108, 8, 1_000_000);
        hpet.WriteMmio(Configuration, 4, 1);
        // What was given up before it in the heap is dropped at the next look; what is behind another's deadline stays.
        time.Queue.CreateTimer("nearer", () => { }).Arm(100_000);
        int before = time.Queue.HeapSize;
        for (int n = 0; n < 40; n++)
        {
            time.Advance(10);
            hpet.ReadMmio(Counter, 8);
        }
        Assert.Equal(before, time.Queue.HeapSize);
    }

    [Fact]
    public void OneShotInterruptsOnceAtItsTime()
    {
        hpet.WriteMmio(0x120, 8, 1 << 2 | 10 << 9);
        hpet.WriteMmio(0x128, 8, 100);
        hpet.WriteMmio(Configuration, 4, 1);
        time.Advance(1_000_000);
        Assert.Equal([1000], rises[10]);
    }

    [Fact]
    public void A32BitTimerMatchesAgainWhenItsHalfOfTheCounterComesRound()
    {
        hpet.WriteMmio(0x100, 8, 1 << 2 | 1 << 8 | 11 << 9);
        hpet.WriteMmio(0x108, 8, 100);
        hpet.WriteMmio(Configuration, 4, 1);
        time.Advance(100_000_000_000);
        Assert.Equal([1000, 1000 + (10L << 32), 1000 + (20L << 32)], rises[11]);
    }

    [Fact]
    public void PeriodicTimerIsSetAsLinuxDoesIt()
    {
        hpet.WriteMmio(Configuration, 4, 1);
        time.Advance(5000);
        hpet.WriteMmio(0x100, 4, 1 << 2 | 1 << 3 | 1 << 6 | 1 << 8);
        hpet.WriteMmio(0x108, 4, 500 + 1000);
        hpet.WriteMmio(0x108, 4, 1000);
        hpet.WriteMmio(Configuration, 4, 3);
        time.Advance(40_000);
        Assert.Equal([15_000, 25_000, 35_000, 45_000], rises[0]);
        Assert.Equal(5500ul, hpet.ReadMmio(0x108, 4));
    }

    [Fact]
    public void PeriodicTimerKeepsItsPhaseWhenTheHostStalls()
    {
        hpet.WriteMmio(0x100, 8, 1 << 2 | 1 << 3 | 1 << 6 | 10 << 9);
        hpet.WriteMmio(0x108, 8, 1000);
        hpet.WriteMmio(Configuration, 4, 1);
        time.Stall(34_000);
        Assert.Equal(4000ul, hpet.ReadMmio(0x108, 8));
        time.Advance(10_000);
        Assert.Equal([34_000, 40_000], rises[10]);
    }

    [Fact]
    public void LevelInterruptStaysUntilItsStatusIsCleared()
    {
        hpet.WriteMmio(0x140, 8, 1 << 1 | 1 << 2 | 10 << 9);
        hpet.WriteMmio(0x148, 8, 100);
        hpet.WriteMmio(Configuration, 4, 1);
        time.Advance(2000);
        Assert.True(lines[10].Level);
        Assert.Equal(4ul, hpet.ReadMmio(Status, 4));
        hpet.WriteMmio(Status, 4, 3);
        Assert.True(lines[10].Level);
        hpet.WriteMmio(Status, 4, 4);
        Assert.False(lines[10].Level);
        Assert.Equal(0ul, hpet.ReadMmio(Status, 4));
    }

    [Fact]
    public void LegacyReplacementTakesTheWiresOfPitAndClock()
    {
        hpet.PitLine.Raise();
        Assert.True(lines[0].Level);
        hpet.WriteMmio(0x100, 4, 1 << 2);
        hpet.WriteMmio(0x120, 4, 1 << 2);
        hpet.WriteMmio(0x108, 8, 100);
        hpet.WriteMmio(0x128, 8, 200);
        hpet.WriteMmio(Configuration, 4, 3);
        Assert.False(lines[0].Level);
        hpet.RtcLine.Raise();
        Assert.False(lines[8].Level);
        rises.Clear();
        time.Advance(5000);
        Assert.Equal([1000L], rises[0]);
        Assert.Equal([2000L], rises[8]);
        hpet.WriteMmio(Configuration, 4, 0);
        Assert.True(lines[0].Level);
        hpet.PitLine.Lower();
        hpet.RtcLine.Lower();
        Assert.False(lines[0].Level || lines[8].Level);
    }

    [Fact]
    public void ResetTurnsEverythingOff()
    {
        hpet.WriteMmio(0x140, 8, 1 << 1 | 1 << 2 | 10 << 9);
        hpet.WriteMmio(0x148, 8, 100);
        hpet.WriteMmio(Configuration, 4, 3);
        time.Advance(2000);
        hpet.Reset();
        time.Advance(2000);
        Assert.False(lines[10].Level);
        Assert.Equal((0ul, 0ul, 0ul), (hpet.ReadMmio(Configuration, 8), hpet.ReadMmio(Counter, 8), hpet.ReadMmio(Status, 8)));
    }

    private IrqLine Line(int irq)
    {
        if (lines.TryGetValue(irq, out IrqLine? line))
        {
            return line;
        }
        return lines[irq] = new IrqLine(level =>
        {
            if (level)
            {
                rises.TryAdd(irq, []);
                rises[irq].Add(time.NowNs);
            }
        });
    }
}
