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
    private long ran;
    private long overslept;
    private int waits;

    public HostClockTests() => clock = new HostClock(() => host, () => ran, Wait);

    public void Dispose() => wake.Dispose();

    [Fact]
    public void FollowsTheHostWhileTheGuestRuns()
    {
        clock.SliceFor(0);
        for (int n = 1; n <= 100; n++)
        {
            Run(Ms / 5);
            Assert.Equal(n * Ms / 5, clock.NowNs);
        }
    }

    [Fact]
    public void AGapOfTheHostIsCaughtUpInStepsOfATick()
    {
        clock.SliceFor(0);
        host += 21 * Ms;
        Assert.Equal(4 * HostClock.GraceNs, clock.NowNs);
        for (int n = 0; n < 100; n++)
        {
            long before = clock.NowNs;
            Run(Ms / 2);
            Assert.InRange(clock.NowNs - before, Ms / 2, Ms);
        }
        Assert.Equal(host - 77, clock.NowNs);
    }

    // A guest that polls a counter must not see the time of its interrupt long before the interrupt.
    [Fact]
    public void WhoeverSeesTheNextEventsTimeEndsTheSlice()
    {
        int ended = 0;
        var polled = new HostClock(() => host, () => ran, Wait) { EventDue = () => ended++ };
        polled.SliceFor(Ms);
        for (int n = 0; n < 9; n++)
        {
            Run(Ms / 10);
            _ = polled.NowNs;
        }
        Assert.Equal(0, ended);
        Run(Ms / 10);
        Assert.Equal(Ms, polled.NowNs);
        Assert.Equal(1, ended);
    }

    [Fact]
    public void BeforeTheNextEventItIsCaughtUpAtFourTimesTheSpeed()
    {
        clock.SliceFor(1000 * Ms);
        host += 21 * Ms;
        long before = clock.NowNs;
        Run(Ms / 2);
        Assert.Equal(2 * Ms, clock.NowNs - before);
        for (int n = 0; n < 20; n++)
        {
            Run(Ms / 2);
            _ = clock.NowNs;
        }
        Assert.Equal(host - 77, clock.NowNs);
    }

    [Fact]
    public void AGuestThatPollsSeesNoGap()
    {
        // A calibration reads a counter every 2 us and counts how often it sees each value of its upper byte, which lasts 215 us.
        clock.SliceFor(50 * Ms);
        long before = clock.NowNs;
        for (int n = 0; n < 5000; n++)
        {
            Run(2_000);
            host += n % 1000 == 999 ? 8 * Ms : 0;
            long now = clock.NowNs;
            Assert.InRange(now - before, 2_000, 4 * (HostClock.GraceNs + 10_000));
            before = now;
        }
        Assert.True(clock.NowNs > 20 * Ms);
    }

    [Fact]
    public void IdleTimePaysTheDebtFirst()
    {
        clock.SliceFor(0);
        host += 6 * Ms;
        Assert.Equal(4 * HostClock.GraceNs, clock.NowNs);
        clock.SleepUntil(4 * Ms, wake);
        Assert.Equal((0, 4 * Ms), (waits, clock.NowNs));
        clock.SleepUntil(10 * Ms, wake);
        Assert.Equal((1, 10 * Ms, 77 + (10 * Ms)), (waits, clock.NowNs, host));
    }

    [Fact]
    public void WhatGoesByBeforeTheGuestRunsIsNotOwed()
    {
        host += 300 * Ms;
        Assert.Equal(300 * Ms, clock.NowNs);
        clock.SliceFor(50 * Ms);
        Run(Ms / 2);
        Assert.Equal(300 * Ms + (Ms / 2), clock.NowNs);
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

    // 10 runnable threads on 2 processors for 45 minutes: the guest gets 3 ms of every 16.
    [Fact]
    public void AGuestThatNeverIdlesKeepsUpOnABusyHost()
    {
        const int minutes = 45;
        while (host < minutes * 60_000 * Ms)
        {
            for (int n = 0; n < 30; n++)
            {
                clock.SliceFor(4 * Ms - (clock.NowNs % (4 * Ms)));
                Run(Ms / 10);
            }
            host += 13 * Ms;
        }
        Assert.InRange(host - 77 - clock.NowNs, 0, 1000 * Ms);
    }

    [Fact]
    public void AllThatIsOwedIsPaidAtOnceWhenTheGuestIdles()
    {
        const long gap = 287_000 * Ms, tick = 4 * Ms;
        clock.SliceFor(tick);
        host += gap;
        Assert.InRange(clock.NowNs, 1, 16 * HostClock.GraceNs);
        Assert.Equal(host - 77, clock.NowNs + clock.OwedNs);
        int ticks = 0;
        while (clock.OwedNs > 0)
        {
            // Not a tick is skipped: virtual time stops at each.
            clock.SleepUntil(++ticks * tick, wake);
            Assert.Equal(ticks * tick, clock.NowNs);
        }
        Assert.Equal(gap / tick, ticks);
        Assert.InRange(waits, 0, 1);
        Assert.InRange(clock.MostOwedNs, gap - Ms, gap);
    }

    // The guest runs at 100 MIPS.
    private void Run(long nanoseconds)
    {
        host += nanoseconds;
        ran += nanoseconds / 10;
    }

    private void Wait(WaitHandle handle, long nanoseconds)
    {
        waits++;
        host += nanoseconds + overslept;
    }
}
