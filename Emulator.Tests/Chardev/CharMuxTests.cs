using Emulator.Core.Backends;
using Emulator.Remote.Chardev;
using Xunit;

namespace Emulator.Tests.Chardev;

public sealed class CharMuxTests
{
    private readonly FakeHost host = new();
    private readonly MachineThread guest = new();
    private readonly MachineThread monitor = new();
    private readonly CharMux mux;
    private readonly ICharBackend serialEnd;
    private readonly ICharBackend monitorEnd;
    private int quits;
    private int commits;

    public CharMuxTests()
    {
        mux = new CharMux(host, escape: 1, new MuxCommands(() => quits++, () => commits++));
        monitorEnd = mux.AddFrontEnd(isMonitor: true);
        serialEnd = mux.AddFrontEnd(isMonitor: false);
        serialEnd.Receiver = guest;
        monitorEnd.Receiver = monitor;
    }

    [Fact]
    public void The_guest_has_the_focus_first_and_both_may_write()
    {
        host.Type("ls\r");
        Assert.Equal("ls\r", guest.Text);
        Assert.Equal("", monitor.Text);
        serialEnd.Send("a"u8);
        monitorEnd.Send("b"u8);
        Assert.Equal("ab", host.Sent);
    }

    [Fact]
    public void Ctrl_a_c_moves_the_focus_there_and_back()
    {
        host.Type("1\u0001c2\u0001c3");
        Assert.Equal("13", guest.Text);
        Assert.Equal("2", monitor.Text);
        Assert.Equal([CharEvent.FocusIn, CharEvent.FocusOut], monitor.Events);
        Assert.Equal([CharEvent.FocusOut, CharEvent.FocusIn], guest.Events);
    }

    [Fact]
    public void Ctrl_a_twice_sends_it_once()
    {
        host.Type("a\u0001\u0001b");
        Assert.Equal("a\u0001b", guest.Text);
    }

    [Fact]
    public void Ctrl_a_x_ends_the_program()
    {
        host.Type("\u0001x");
        Assert.Equal(1, quits);
        Assert.Equal("emu: Terminated\n\r", host.Sent);
        Assert.Equal("", guest.Text);
    }

    [Fact]
    public void Ctrl_a_s_commits_and_b_breaks()
    {
        host.Type("\u0001s\u0001b");
        Assert.Equal(1, commits);
        Assert.Equal([CharEvent.Break], guest.Events);
        Assert.Empty(monitor.Events);
    }

    [Theory]
    [InlineData("\u0001h")]
    [InlineData("\u0001?")]
    public void Ctrl_a_h_lists_the_commands(string keys)
    {
        host.Type(keys);
        foreach (string line in new[] { "C-a h ", "C-a x ", "C-a s ", "C-a b ", "C-a c ", "C-a C-a " })
        {
            Assert.Contains($"\n\r{line}", host.Sent);
        }
        Assert.Equal("", guest.Text);
    }

    [Fact]
    public void Unknown_commands_are_dropped()
    {
        host.Type("\u0001zq");
        Assert.Equal("q", guest.Text);
        Assert.Equal("", host.Sent);
    }

    [Fact]
    public void Another_escape_byte_can_be_chosen()
    {
        var other = new FakeHost();
        var second = new CharMux(other, escape: 2, new MuxCommands(() => quits++, () => { }));
        second.AddFrontEnd(isMonitor: false).Receiver = guest;
        other.Type("\u0001x\u0002h\u0002x");
        Assert.Equal("\u0001x", guest.Text);
        Assert.Contains("C-b h ", other.Sent);
        Assert.Equal(1, quits);
    }

    [Fact]
    public void Commands_work_while_the_guest_does_not_read_and_no_byte_is_lost()
    {
        guest.Room = 2;
        host.Type("abcd\u0001cinfo\u0001x");
        Assert.Equal("ab", guest.Text);
        Assert.Equal("info", monitor.Text);
        Assert.Equal(1, quits);
        guest.Room = 10;
        serialEnd.AcceptInput();
        Assert.Equal("abcd", guest.Text);
    }

    [Fact]
    public void A_guest_that_never_reads_slows_the_host_down()
    {
        guest.Room = 0;
        host.Type(new string('x', 10_000));
        Assert.Equal(10_000 - 4096, host.WaitingCount);
        guest.Room = 10_000;
        serialEnd.AcceptInput();
        Assert.Equal(10_000, guest.Text.Length);
        Assert.Equal(0, host.WaitingCount);
    }

    [Fact]
    public void A_long_text_needs_no_deeper_stack_than_a_short_one()
    {
        var depths = new DepthRecorder();
        serialEnd.Receiver = depths;
        host.Type(new string('x', 1000));
        Assert.Equal(1000, depths.Depths.Count);
        Assert.Single(depths.Depths.Distinct());
    }

    [Fact]
    public void Events_of_the_host_reach_every_front_end()
    {
        mux.OnCharEvent(CharEvent.Opened);
        Assert.Equal([CharEvent.Opened], guest.Events);
        Assert.Equal([CharEvent.Opened], monitor.Events);
        mux.Dispose();
        Assert.True(host.Disposed);
    }

    private sealed class DepthRecorder : ICharReceiver
    {
        public List<int> Depths { get; } = [];

        public int Room => int.MaxValue;

        public void Receive(ReadOnlySpan<byte> data) => Depths.Add(new System.Diagnostics.StackTrace().FrameCount);
    }
}
