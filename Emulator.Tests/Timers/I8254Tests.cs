using Emulator.Core.Bus;
using Emulator.Devices.Timers;
using Xunit;

namespace Emulator.Tests.Timers;

public sealed class I8254Tests
{
    private readonly VirtualTime time = new();
    private readonly PortBus ports = new();
    private readonly List<bool> levels = [];
    private readonly I8254 pit;

    public I8254Tests()
    {
        pit = new I8254(time.Queue, new IrqLine(levels.Add));
        pit.Wire(ports);
        levels.Clear();
    }

    private int Edges => levels.Count(level => level);

    [Fact]
    public void ClockConversionIsExactForCenturies()
    {
        const long HundredYears = 100L * 365 * 86400;
        Assert.Equal(PitClock.Frequency * HundredYears / 1000, PitClock.PulseAt(HundredYears * 1_000_000));
        for (long pulse = 0; pulse < 2_400_000; pulse += 997)
        {
            long ns = PitClock.TimeOf(pulse);
            Assert.Equal(pulse, PitClock.PulseAt(ns));
            Assert.True(pulse == 0 || PitClock.PulseAt(ns - 1) == pulse - 1);
        }
    }

    [Fact]
    public void Mode0RaisesOutOnePulseAfterTheCountAndStaysHigh()
    {
        Program(0, 0x30, 10);
        Assert.False(pit.Counters[0].Out(Pulse));
        Step(10);
        Assert.Equal(0, Edges);
        Step(1);
        Assert.Equal(1, Edges);
        Step(100_000);
        Assert.Equal(1, Edges);
        Program(0, 0x30, 5);
        Assert.False(levels[^1]);
        Step(6);
        Assert.Equal(2, Edges);
    }

    [Fact]
    public void Mode0CountsDownAndWrapsBinaryAndBcd()
    {
        Program(0, 0x30, 3);
        Step(1);
        Assert.Equal(3, ReadCount(0));
        Step(3);
        Assert.Equal(0, ReadCount(0));
        Step(1);
        Assert.Equal(0xFFFF, ReadCount(0));
        Program(0, 0x31, 0x1234);
        Step(1);
        Assert.Equal(0x1234, ReadCount(0));
        Step(235);
        Assert.Equal(0x0999, ReadCount(0));
        Step(1000);
        Assert.Equal(0x9999, ReadCount(0));
    }

    [Fact]
    public void Mode2DividesAndKeepsPhase()
    {
        Program(0, 0x34, 100);
        levels.Clear();
        Step(1 + 100 * 50);
        Assert.Equal(50, Edges);
        Assert.Equal(100, ReadCount(0));
        Step(99);
        Assert.False(pit.Counters[0].Out(Pulse));
        Assert.Equal(1, ReadCount(0));
    }

    [Fact]
    public void MissedPeriodsGiveOneEdgeAndKeepPhase()
    {
        Program(0, 0x34, 1000);
        Step(1);
        levels.Clear();
        int fired = time.Stall(PitClock.TimeOf(Pulse + 50_500) - time.NowNs);
        Assert.Equal(1, fired);
        Assert.Equal(1, Edges);
        Step(499);
        Assert.Equal(1, Edges);
        Step(1);
        Assert.Equal(2, Edges);
    }

    [Fact]
    public void TickRateIsExactOverAnHour()
    {
        Program(0, 0x36, 0);
        Step(1);
        levels.Clear();
        time.Advance(3_600_000_000_000);
        Assert.Equal((int)(3600 * PitClock.Frequency / 65536), Edges);
    }

    [Fact]
    public void Mode2NewCountWaitsForTheEndOfTheCycle()
    {
        Program(0, 0x34, 100);
        Step(51);
        levels.Clear();
        WriteCount(0, 10);
        Assert.Equal(50, ReadCount(0));
        Step(50);
        Assert.Equal(1, Edges);
        Assert.Equal(10, ReadCount(0));
        Step(10);
        Assert.Equal(2, Edges);
    }

    [Theory]
    [InlineData(8, new[] { 8, 6, 4, 2, 8, 6, 4, 2 }, "11110000")]
    [InlineData(5, new[] { 4, 2, 0, 4, 2, 4, 2, 0, 4, 2 }, "1110011100")]
    public void Mode3IsASquareWaveCountingByTwo(int count, int[] values, string output)
    {
        Program(0, 0x36, count);
        for (int i = 0; i < values.Length; i++)
        {
            Step(1);
            Assert.Equal(values[i], ReadCount(0));
            Assert.Equal(output[i % output.Length] == '1', pit.Counters[0].Out(Pulse));
        }
    }

    [Fact]
    public void Mode3NewCountTakesEffectAtTheHalfCycle()
    {
        Program(0, 0x36, 100);
        Step(1 + 10);
        levels.Clear();
        WriteCount(0, 20);
        // High until pulse 50 of the old count, then low for 10 of the new.
        Step(40);
        Assert.False(pit.Counters[0].Out(Pulse));
        Assert.Equal(20, ReadCount(0));
        Step(9);
        Assert.Equal(0, Edges);
        Step(1);
        Assert.Equal(1, Edges);
        Step(20);
        Assert.Equal(2, Edges);
    }

    [Fact]
    public void Mode1IsTriggeredByTheGate()
    {
        Program(2, 0xB2, 10);
        Assert.True(pit.Out2);
        Step(100);
        Assert.True(pit.Out2);
        pit.Gate2 = true;
        Assert.True(pit.Out2);
        Step(1);
        Assert.False(pit.Out2);
        Step(5);
        pit.Gate2 = false;
        Assert.False(pit.Out2);
        pit.Gate2 = true;
        Step(10);
        Assert.False(pit.Out2);
        Step(1);
        Assert.True(pit.Out2);
    }

    [Fact]
    public void Mode4StrobesForOnePulse()
    {
        Program(0, 0x38, 10);
        levels.Clear();
        Step(10);
        Assert.True(pit.Counters[0].Out(Pulse));
        Step(1);
        Assert.False(pit.Counters[0].Out(Pulse));
        Assert.Equal(0, Edges);
        Step(1);
        Assert.True(pit.Counters[0].Out(Pulse));
        Assert.Equal(1, Edges);
    }

    [Fact]
    public void Mode5StrobesAfterTheGate()
    {
        Program(2, 0xBA, 4);
        Step(20);
        pit.Gate2 = true;
        Step(4);
        Assert.True(pit.Out2);
        Step(1);
        Assert.False(pit.Out2);
        Step(1);
        Assert.True(pit.Out2);
    }

    [Fact]
    public void GatePausesMode0()
    {
        pit.Gate2 = true;
        Program(2, 0xB0, 100);
        Step(41);
        pit.Gate2 = false;
        Step(1000);
        Assert.Equal(60, ReadCount(2));
        Assert.False(pit.Out2);
        pit.Gate2 = true;
        Step(59);
        Assert.False(pit.Out2);
        Step(1);
        Assert.True(pit.Out2);
    }

    [Fact]
    public void CountWrittenWithTheGateShutWaits()
    {
        Program(2, 0xB0, 50);
        Step(1000);
        Assert.Equal(50, ReadCount(2));
        pit.Gate2 = true;
        Step(50);
        Assert.True(pit.Out2);
    }

    [Fact]
    public void GateRestartsModes2And3()
    {
        pit.Gate2 = true;
        Program(2, 0xB6, 100);
        Step(1 + 60);
        Assert.False(pit.Out2);
        pit.Gate2 = false;
        Assert.True(pit.Out2);
        Step(500);
        Assert.True(pit.Out2);
        pit.Gate2 = true;
        Step(1);
        Assert.Equal(100, ReadCount(2));
        Step(50);
        Assert.False(pit.Out2);
    }

    [Fact]
    public void LatchHoldsUntilBothBytesAreRead()
    {
        Program(0, 0x34, 1000);
        Step(1 + 400);
        Write(3, 0x00);
        Step(100);
        Write(3, 0x00);
        Assert.Equal(600, ReadCount(0));
        Assert.Equal(500, ReadCount(0));
    }

    [Fact]
    public void SingleByteAccessModes()
    {
        Write(3, 0x14);
        Write(0, 0x80);
        Step(1);
        Assert.Equal(0x80u, ports.Read(0x40, 1));
        Assert.Equal(0x80u, ports.Read(0x40, 1));
        Write(3, 0x24);
        Write(0, 0x02);
        Step(1);
        Assert.Equal(0x200, pit.Counters[0].InitialCount);
        Assert.Equal(0x02u, ports.Read(0x40, 1));
    }

    [Fact]
    public void ReadBackLatchesStatusBeforeCount()
    {
        Program(0, 0x34, 1000);
        // Status and count of counter 0, before the count is loaded: OUT high, null count.
        Write(3, 0xC2);
        Assert.Equal(0x80u | 0x40 | 0x34, ports.Read(0x40, 1));
        ReadCount(0);
        Step(1 + 999);
        Write(3, 0xC2);
        Assert.Equal(0x34u, ports.Read(0x40, 1));
        Assert.Equal(1, ReadCount(0));
    }

    [Fact]
    public void ReadBackTakesSeveralCountersAtOnce()
    {
        pit.Gate2 = true;
        Program(0, 0x34, 1000);
        Program(2, 0xB4, 2000);
        Step(1 + 10);
        Write(3, 0xDA);
        Step(100);
        Assert.Equal(990, ReadCount(0));
        Assert.Equal(1990, ReadCount(2));
    }

    [Fact]
    public void ResetRunsThe18HzTick()
    {
        Step(1 + 65536);
        Assert.Equal(1, Edges);
        pit.Reset();
        Assert.False(pit.Gate2);
    }

    [Fact]
    public void IllegalCountOfOneMakesNoEvents()
    {
        Program(0, 0x34, 1);
        levels.Clear();
        Step(1000);
        Assert.Empty(levels);
        Assert.Equal(long.MaxValue, time.Queue.NextDeadlineNs);
    }

    private long Pulse => PitClock.PulseAt(time.NowNs);

    private void Step(long pulses) => time.Advance(PitClock.TimeOf(Pulse + pulses) - time.NowNs);

    private void Write(int offset, byte value) => ports.Write((ushort)(0x40 + offset), 1, value);

    private void Program(int counter, byte control, int count)
    {
        Write(3, control);
        WriteCount(counter, count);
    }

    private void WriteCount(int counter, int count)
    {
        Write(counter, (byte)count);
        Write(counter, (byte)(count >> 8));
    }

    private int ReadCount(int counter)
    {
        ushort port = (ushort)(0x40 + counter);
        return (int)(ports.Read(port, 1) | ports.Read(port, 1) << 8);
    }
}
