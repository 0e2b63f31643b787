using Emulator.Machine;
using Emulator.Tests.Monitor;
using Xunit;

namespace Emulator.Tests.Machine;

/// <summary>Work for the machine thread from others.</summary>
public sealed class MachineInboxTests
{
    [Fact]
    public void APostAfterTheMachinesEndDoesNotTouchItsProcessor()
    {
        // It did: streams are closed after the machine, and their threads then set a bit in memory that was freed with the processor.
        var rig = new MonitorRig();
        Assert.NotNull(rig.Inbox.Interrupt);
        rig.Machine.Dispose();
        Assert.Null(rig.Inbox.Interrupt);
        rig.Inbox.Post(() => { });
        Assert.Single(rig.Inbox.Actions);
        rig.Inbox.Dispose();
    }

    [Fact]
    public void TheProcessorIsLeftAloneOnceThatIsSaid()
    {
        using var inbox = new MachineInbox();
        using var inside = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        bool alive = true, wasAlive = false;
        inbox.Interrupt = () =>
        {
            inside.Set();
            leave.Wait();
            wasAlive = alive;
        };
        var poster = new Thread(() => inbox.Post(() => { }));
        poster.Start();
        inside.Wait();
        var end = new Thread(() =>
        {
            inbox.Interrupt = null;
            alive = false;
        });
        end.Start();
        leave.Set();
        poster.Join();
        end.Join();
        Assert.True(wasAlive);
    }
}
