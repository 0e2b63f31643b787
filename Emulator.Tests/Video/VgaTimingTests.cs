using Xunit;

namespace Emulator.Tests.Video;

public sealed class VgaTimingTests
{
    private const int Retrace = 0x08, Blank = 0x01;

    [Fact]
    public void Mode3RunsAt70Hz()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        (long start, long end) = NextRetrace(machine, 0);
        (long next, _) = NextRetrace(machine, end);

        // 100 characters of 9 dots, 449 lines, 28.322 MHz; retrace lasts two lines (CR10 19C to CR11 E).
        Assert.InRange(next - start, 14_266_000, 14_270_000);
        Assert.InRange(end - start, 63_000, 65_000);
        // Line 412 of the frame.
        Assert.InRange(start, 13_090_000, 13_095_000);
    }

    [Fact]
    public void Mode12RunsAt60Hz()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        (long start, long end) = NextRetrace(machine, 0);
        (long next, _) = NextRetrace(machine, end);
        Assert.InRange(next - start, 16_681_000, 16_685_000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(399)]
    public void LinesTake31778NsAndBlankAfterThe80ThCharacter(int line)
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        long start = (long)(line * 900 * 1e9 / 28_322_000) + 100;
        machine.Clock.NowNs = start;
        Assert.Equal(0, machine.In(0x3DA) & Blank);
        machine.Clock.NowNs = start + 25_200; // 713 of 720 dots
        Assert.Equal(0, machine.In(0x3DA) & Blank);
        machine.Clock.NowNs = start + 25_500; // 722
        Assert.Equal(Blank, machine.In(0x3DA) & (Blank | Retrace));
    }

    [Fact]
    public void VerticalBlankIsNotDisplay()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Clock.NowNs = (long)(401 * 900 * 1e9 / 28_322_000) + 100;
        Assert.Equal(Blank, machine.In(0x3DA) & (Blank | Retrace));
    }

    [Fact]
    public void VbeModesRetraceAt60Hz()
    {
        using var machine = new VgaMachine();
        machine.Out(0x3C2, 0x67);
        machine.SetVbeMode(1024, 768, 32);
        (long start, long end) = NextRetrace(machine, 0);
        (long next, _) = NextRetrace(machine, end);
        Assert.InRange(next - start, 16_600_000, 16_700_000);
    }

    [Fact]
    public void RegistersAtPowerOnGiveAnAnswerToo()
    {
        using var machine = new VgaMachine();
        machine.Out(0x3C2, 0x01);
        machine.Clock.NowNs = long.MaxValue;
        Assert.Equal(0, machine.In(0x3DA) & ~(Blank | Retrace));
    }

    // First and last+1 instant of the next vertical retrace, to the microsecond.
    private static (long Start, long End) NextRetrace(VgaMachine machine, long from)
    {
        long now = from;
        while (!InRetrace(machine, now))
        {
            now += 1000;
            Assert.True(now < from + 40_000_000, "no retrace in 40 ms");
        }
        long start = now;
        while (InRetrace(machine, now))
        {
            now += 1000;
        }
        return (start, now);
    }

    private static bool InRetrace(VgaMachine machine, long now)
    {
        machine.Clock.NowNs = now;
        return (machine.In(0x3DA) & Retrace) != 0;
    }
}
