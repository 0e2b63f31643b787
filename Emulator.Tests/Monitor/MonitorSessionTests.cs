using Emulator.Core.Backends;
using Emulator.Remote.Chardev;
using Emulator.Remote.Monitor;
using Emulator.Tests.Chardev;
using Xunit;

namespace Emulator.Tests.Monitor;

/// <summary>The monitor on a stream, with the machine running on its own thread.</summary>
public sealed class MonitorSessionTests
{
    [Fact]
    public void Answers_while_the_guest_runs_and_while_it_is_stopped()
    {
        using var rig = new MonitorRig([0xEB, 0xFE]);
        var host = new FakeHost();
        MonitorSession.Attach(host, rig.Monitor, waitsForFocus: false);
        int code = -1;
        var thread = new Thread(() => code = rig.Machine.Run());
        thread.Start();
        rig.Inbox.Post(() => ((ICharEventReceiver)host.Receiver!).OnCharEvent(CharEvent.Opened));
        foreach (string line in new[] { "info status", "cont", "info status", "stop", "info status", "cont", "p $pc", "quit" })
        {
            rig.Inbox.Post(() => host.Type(line + "\r"));
        }
        Assert.True(thread.Join(TimeSpan.FromSeconds(20)));
        Assert.Equal(0, code);
        string expected = HumanMonitor.Banner + "\n(qemu) info status\nVM status: paused (prelaunch)\n(qemu) cont\n"
            + "(qemu) info status\nVM status: running\n"
            + "(qemu) stop\n(qemu) info status\nVM status: paused\n(qemu) cont\n(qemu) p $pc\n0xfffffffffffffff0\n(qemu) quit\n";
        Assert.Equal(expected, host.Sent.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void A_shared_stream_shows_the_monitor_when_it_gets_the_focus()
    {
        using var rig = new MonitorRig();
        var host = new FakeHost();
        using var mux = new CharMux(host, escape: 1, new MuxCommands(() => { }, () => { }));
        ICharBackend serial = mux.AddFrontEnd(isMonitor: false), monitor = mux.AddFrontEnd(isMonitor: true);
        var guest = new MachineThread();
        serial.Receiver = guest;
        MonitorSession.Attach(monitor, rig.Monitor, waitsForFocus: true);
        mux.OnCharEvent(CharEvent.Opened);
        host.Type("ls\u0001c");
        Assert.Equal(HumanMonitor.Banner + "\r\n(qemu) ", host.Sent);
        host.Type("info status\r\u0001cx");
        Assert.EndsWith("(qemu) info status\r\nVM status: paused (prelaunch)\r\n(qemu) ", host.Sent);
        Assert.Equal("lsx", guest.Text);
    }
}
