using Emulator.Core.Time;
using Xunit;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Tests.Time;

public sealed class EventQueueTests
{
    [Fact]
    public void ATimerSurvivesBeingLookedAtWhileItIsArmed()
    {
        var clock = new ManualClock();
        var queue = new EventQueue(clock);
        long seen = 0;
        queue.EarlierDeadline = () => seen = queue.NextDeadlineNs;
        int fired = 0;
        queue.CreateTimer("t", () => fired++).Arm(10);
        Assert.Equal(10, seen);
        clock.NowNs = 10;
        Assert.Equal(1, queue.RunDue());
        Assert.Equal(1, fired);
    }

    [Fact]
    public void ADeadlineThatIsGivenUpTakesNoMemoryForLong()
    {
        var clock = new ManualClock();
        var queue = new EventQueue(clock);
        int fired = 0;
        var far = new ITimer[100];
        for (int n = 0; n < far.Length; n++)
        {
            far[n] = queue.CreateTimer("far", () => fired++);
            far[n].Arm(1000 + n);
        }
        ITimer near = queue.CreateTimer("near", () => fired++);
        for (int n = 0; n < 100_000; n++)
        {
            near.Arm(2000 + (n % 7));
            far[n % far.Length].Arm(1000 + (n % 11));
        }
        Assert.InRange(queue.HeapSize, 101, 300);
        near.Disarm();
        for (int n = 0; n < 50; n++)
        {
            far[n].Disarm();
        }
        clock.NowNs = 5000;
        Assert.Equal(50, queue.RunDue());
        Assert.Equal((50, 0), (fired, queue.HeapSize));
    }

    [Fact]
    public void TimersFireByDeadlineThenByOrderOfArming()
    {
        var clock = new ManualClock();
        var queue = new EventQueue(clock);
        string order = "";
        queue.CreateTimer("c", () => order += "c").Arm(20);
        queue.CreateTimer("a", () => order += "a").Arm(10);
        queue.CreateTimer("b", () => order += "b").Arm(10);
        clock.NowNs = 30;
        queue.RunDue();
        Assert.Equal("abc", order);
    }

    [Fact]
    public void ArmingAgainReplacesAndDisarmingCancels()
    {
        var clock = new ManualClock();
        var queue = new EventQueue(clock);
        int first = 0, second = 0;
        ITimer moved = queue.CreateTimer("moved", () => first++), cancelled = queue.CreateTimer("cancelled", () => second++);
        moved.Arm(5);
        moved.Arm(50);
        cancelled.Arm(5);
        cancelled.Disarm();
        clock.NowNs = 10;
        Assert.Equal(0, queue.RunDue());
        Assert.Equal(50, queue.NextDeadlineNs);
        clock.NowNs = 50;
        Assert.Equal(1, queue.RunDue());
        Assert.Equal((1, 0), (first, second));
        Assert.Equal(long.MaxValue, queue.NextDeadlineNs);
    }
}
