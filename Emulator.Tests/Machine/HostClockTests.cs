using Emulator.Machine.Time;
using Xunit;

namespace Emulator.Tests.Machine;

/// <summary>Virtual time on a host whose time the test moves.</summary>
public sealed class HostClockTests : IDisposable
{
    private const long Ms = 1_000_000;

    private readonly AutoResetEvent wake = new(false);
    private readonly HostClock clock;
    private long host = 77;
    private long overslept;
    private int waits;

    public HostClockTests() => clock = new HostClock(() => host, Wait);

    public void Dispose() => wake.Dispose();

    [Fact]
    public void FollowsTheHostInSmallSteps()
    {
        for (int n = 1; n <= 100; n++)
        {
            host += Ms / 5;
            Assert.Equal(n * Ms / 5, clock.NowNs);
        }
    }

    [Fact]
    public void AGapOfTheHostIsCaughtUpAtDoubleSpeed()
    {
        clock.SliceFor(0);
        host += 21 * Ms;
        Assert.Equal(Ms, clock.NowNs);
        host += Ms / 2;
        Assert.Equal(2 * Ms, clock.NowNs);
        for (int n = 0; n < 100; n++)
        {
            long before = clock.NowNs;
            host += Ms / 2;
            Assert.InRange(clock.NowNs - before, Ms / 2, Ms);
        }
        Assert.Equal(host - 77, clock.NowNs);
    }

    [Fact]
    public void IdleTimePaysTheDebtFirst()
    {
        clock.SliceFor(0);
        host += 6 * Ms;
        Assert.Equal(Ms, clock.NowNs);
        clock.SleepUntil(4 * Ms, wake);
        Assert.Equal((0, 4 * Ms), (waits, clock.NowNs));
        clock.SleepUntil(10 * Ms, wake);
        Assert.Equal((1, 10 * Ms, 77 + (10 * Ms)), (waits, clock.NowNs, host));
    }

    [Fact]
    public void OversleepingIsTheHostsGap()
    {
        overslept = 5 * Ms;
        clock.SleepUntil(3 * Ms, wake);
        Assert.Equal(3 * Ms, clock.NowNs);
        clock.SleepUntil(6 * Ms, wake);
        Assert.Equal((1, 6 * Ms), (waits, clock.NowNs));
    }

    [Fact]
    public void AGapBeforeTheNextEventMissesNothingAndLeavesNoDebt()
    {
        host += 300 * Ms;
        Assert.Equal(300 * Ms, clock.NowNs);
        clock.SliceFor(50 * Ms);
        host += 20 * Ms;
        Assert.Equal(320 * Ms, clock.NowNs);
        host += 40 * Ms;
        Assert.Equal(350 * Ms, clock.NowNs);
        clock.SleepUntil(360 * Ms, wake);
        Assert.Equal((0, 360 * Ms), (waits, clock.NowNs));
    }

    [Fact]
    public void AnIdleGuestGetsItsThousandTicksASecondFromAHostThatOversleeps()
    {
        overslept = 70_000;
        for (int tick = 1; tick <= 2000; tick++)
        {
            while (clock.NowNs < tick * Ms)
            {
                clock.SleepUntil(tick * Ms, wake);
            }
        }
        Assert.InRange(host - 77, 2000 * Ms, (2000 * Ms) + 100_000);
        Assert.InRange(waits, 1000, 2000);
    }

    [Fact]
    public void StandsStillWhileStopped()
    {
        host += Ms;
        clock.IsRunning = false;
        host += 500 * Ms;
        Assert.Equal(Ms, clock.NowNs);
        clock.IsRunning = true;
        host += Ms;
        Assert.Equal(2 * Ms, clock.NowNs);
    }

    [Fact]
    public void NeverCatchesUpOnMoreThanTenSeconds()
    {
        clock.SliceFor(0);
        host += 3600 * 1000 * Ms;
        _ = clock.NowNs;
        long before = host;
        clock.SleepUntil(11_001 * Ms, wake);
        Assert.Equal((1, 11_001 * Ms, 1000 * Ms), (waits, clock.NowNs, host - before));
    }

    private void Wait(WaitHandle handle, long nanoseconds)
    {
        waits++;
        host += nanoseconds + overslept;
    }
}
