using Emulator.Core.Bus;
using Emulator.Devices.Timers;
using Xunit;

namespace Emulator.Tests.Timers;

public sealed class Mc146818Tests
{
    private const long Second = 1_000_000_000;
    private readonly VirtualTime time = new();
    private readonly PortBus ports = new();
    private readonly List<(long Ns, bool Level)> irq = [];
    private readonly Mc146818 rtc;

    public Mc146818Tests()
    {
        rtc = new Mc146818(
            time.Queue, new IrqLine(level => irq.Add((time.NowNs, level))), new DateTime(2024, 2, 28, 23, 59, 58, DateTimeKind.Utc));
        rtc.Wire(ports);
    }

    [Fact]
    public void ShowsTheStartTimeInBcd()
    {
        // 28 February 2024 was a Wednesday, day 4.
        Assert.Equal([0x58, 0x59, 0x23, 0x04, 0x28, 0x02, 0x24, 0x20], ReadAll(0, 2, 4, 6, 7, 8, 9, 0x32));
    }

    [Fact]
    public void RollsOverIntoALeapDay()
    {
        time.Advance(2 * Second);
        Assert.Equal([0x00, 0x00, 0x00, 0x05, 0x29, 0x02, 0x24], ReadAll(0, 2, 4, 6, 7, 8, 9));
        time.Advance(86400 * Second);
        Assert.Equal([0x01, 0x03], ReadAll(7, 8));
    }

    [Fact]
    public void BinaryAndTwelveHourModes()
    {
        Write(0x0B, 0x06);
        Assert.Equal([58, 59, 23, 24, 20], ReadAll(0, 2, 4, 9, 0x32));
        Write(0x0B, 0x04);
        Assert.Equal(0x80 | 11, Read(4));
        Write(0x0B, 0x00);
        Assert.Equal(0x91, Read(4));
        time.Advance(2 * Second);
        Assert.Equal(0x12, Read(4));
        time.Advance(12 * 3600 * Second);
        Assert.Equal(0x92, Read(4));
    }

    [Theory]
    [InlineData(0x04)]
    [InlineData(0x00)]
    public void TwelveHoursReadAsTheyWereWritten(byte form)
    {
        byte[] binary = [12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], decimals = [0x12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0x10, 0x11];
        for (int hour = 0; hour < 24; hour++)
        {
            byte written = (byte)((form == 0 ? decimals : binary)[hour % 12] | (hour < 12 ? 0 : 0x80));
            Write(0x0B, (byte)(form | 0x80));
            Write(4, written);
            Write(0x0B, form);
            Assert.Equal((hour, written), (rtc.Now.Hour, Read(4)));
        }
    }

    [Fact]
    public void SetHoldsTheTimeAndTakesTheNewOne()
    {
        Write(0x0B, 0x82);
        time.Advance(10 * Second);
        Assert.Equal(0x58, Read(0));
        byte[] registers = [0, 2, 4, 6, 7, 8, 9, 0x32], values = [0x30, 0x15, 0x08, 0x02, 0x31, 0x12, 0x99, 0x19];
        foreach ((byte register, byte value) in registers.Zip(values))
        {
            Write(register, value);
        }
        Write(0x0B, 0x02);
        Assert.Equal(new DateTime(1999, 12, 31, 8, 15, 30), rtc.Now);
        time.Advance(Second);
        Assert.Equal([0x31, 0x15, 0x08, 0x02, 0x31, 0x12, 0x99, 0x19], ReadAll(0, 2, 4, 6, 7, 8, 9, 0x32));
    }

    [Fact]
    public void WritesWithoutSetWorkAndNonsenseIsBroughtIntoRange()
    {
        Write(4, 0x07);
        Assert.Equal(7, rtc.Now.Hour);
        Write(8, 0x00);
        Write(7, 0x45);
        Write(0, 0xFF);
        Assert.Equal(1, rtc.Now.Month);
        Assert.Equal(31, rtc.Now.Day);
        Assert.Equal(59, rtc.Now.Second);
    }

    [Fact]
    public void UipLeadsTheUpdateAndSetClearsIt()
    {
        time.Advance(Second - 2_228_001);
        Assert.Equal(0, Read(0x0A) & 0x80);
        time.Advance(1);
        Assert.Equal(0x80, Read(0x0A) & 0x80);
        time.Advance(2_227_999);
        Assert.Equal(0x80, Read(0x0A) & 0x80);
        Assert.Equal(0x58, Read(0));
        time.Advance(1);
        Assert.Equal(0, Read(0x0A) & 0x80);
        Assert.Equal(0x59, Read(0));
        time.Advance(Second - 1000);
        Write(0x0B, 0x82);
        Assert.Equal(0, Read(0x0A) & 0x80);
    }

    [Fact]
    public void FlagsRiseWithoutInterruptsAndReadingClearsThem()
    {
        Assert.Equal(0, Read(0x0C));
        time.Advance(Second);
        Assert.Equal(0x50, Read(0x0C));
        Assert.Equal(0, Read(0x0C));
        Assert.Empty(irq);
        Assert.Equal(long.MaxValue, time.Queue.NextDeadlineNs);
    }

    [Fact]
    public void PeriodicInterruptAt1024Hz()
    {
        Write(0x0B, 0x42);
        int count = 0;
        while (time.NowNs < Second)
        {
            time.Advance(time.Queue.NextDeadlineNs - time.NowNs);
            Assert.True(irq[^1].Level);
            Assert.Equal(0xC0, Read(0x0C) & 0xC0);
            Assert.False(irq[^1].Level);
            count++;
        }
        Assert.Equal(1024, count);
        Assert.Equal(Second, time.NowNs);
    }

    [Theory]
    [InlineData(1, 256)]
    [InlineData(2, 128)]
    [InlineData(3, 8192)]
    [InlineData(15, 2)]
    public void PeriodicRates(int rate, int hertz)
    {
        Write(0x0A, (byte)(0x20 | rate));
        Write(0x0B, 0x42);
        Read(0x0C);
        Assert.Equal((Second + hertz - 1) / hertz, time.Queue.NextDeadlineNs);
    }

    [Fact]
    public void UnreadInterruptMakesNoFurtherEvents()
    {
        Write(0x0B, 0x42);
        time.Advance(10 * Second);
        Assert.Equal([(976_563L, true)], irq);
        Assert.Equal(long.MaxValue, time.Queue.NextDeadlineNs);
        Read(0x0C);
        Assert.Equal(10 * Second + 976_563, time.Queue.NextDeadlineNs);
    }

    [Fact]
    public void UpdateEndedInterrupt()
    {
        Write(0x0B, 0x12);
        time.Advance(Second - 1);
        Assert.Empty(irq);
        time.Advance(1);
        Assert.Equal([(Second, true)], irq);
        Assert.Equal(0x90, Read(0x0C) & 0x90);
        Write(0x0B, 0x92);
        Assert.Equal(0x82, Read(0x0B));
    }

    [Fact]
    public void AlarmAtATimeOfDay()
    {
        Write(1, 0x30);
        Write(3, 0x10);
        Write(5, 0x06);
        Write(0x0B, 0x22);
        time.Advance(86400 * Second);
        Assert.Equal([((2 + 6 * 3600 + 10 * 60 + 30) * Second, true)], irq);
        Assert.Equal(0xA0, Read(0x0C) & 0xA0);
    }

    [Fact]
    public void AlarmWithDontCareComesEveryHourInTwelveHourMode()
    {
        Write(0x0B, 0x00);
        Write(1, 0x00);
        Write(3, 0x30);
        Write(5, 0xFF);
        Write(0x0B, 0x20);
        for (int hour = 0; hour < 3; hour++)
        {
            Assert.Equal((2 + 1800 + hour * 3600) * Second, time.Queue.NextDeadlineNs);
            time.Advance(time.Queue.NextDeadlineNs - time.NowNs);
            Read(0x0C);
        }
    }

    [Fact]
    public void DividerResetStopsAndRestartsHalfASecondIn()
    {
        Write(0x0A, 0x76);
        time.Advance(5 * Second);
        Assert.Equal(0x58, Read(0));
        Write(0x0A, 0x26);
        time.Advance(Second / 2 - 1);
        Assert.Equal(0x58, Read(0));
        time.Advance(1);
        Assert.Equal(0x59, Read(0));
    }

    [Fact]
    public void FractionOfTheStartSecondCounts()
    {
        var late = new Mc146818(time.Queue, IrqLine.Unconnected, new DateTime(2024, 1, 1, 0, 0, 0).AddMilliseconds(750));
        time.Advance(Second / 4 - 1);
        Assert.Equal(0, late.Now.Second);
        time.Advance(1);
        Assert.Equal(1, late.Now.Second);
    }

    [Fact]
    public void IndexReadsBackWithTheNmiMask()
    {
        ports.Write(0x70, 1, 0x8F);
        Assert.True(rtc.NmiMasked);
        Assert.Equal(0x8Fu, ports.Read(0x70, 1));
        ports.Write(0x70, 1, 0x0D);
        Assert.False(rtc.NmiMasked);
        Assert.Equal(0x80u, ports.Read(0x71, 1));
    }

    [Fact]
    public void MemorySurvivesResetAndIsTheBoards()
    {
        rtc[0x10] = 0x40;
        Assert.Equal(0x40, Read(0x10));
        Write(0x7F, 0x5A);
        Write(0x0B, 0x72);
        rtc.Reset();
        Assert.Equal(0x5A, rtc[0x7F]);
        Assert.Equal(0x02, Read(0x0B));
        Assert.Throws<ArgumentOutOfRangeException>(() => rtc[0x0B] = 1);
    }

    private byte Read(int register)
    {
        ports.Write(0x70, 1, (uint)register);
        return (byte)ports.Read(0x71, 1);
    }

    private void Write(int register, byte value)
    {
        ports.Write(0x70, 1, (uint)register);
        ports.Write(0x71, 1, value);
    }

    private int[] ReadAll(params int[] registers) => [.. registers.Select(register => (int)Read(register))];
}
