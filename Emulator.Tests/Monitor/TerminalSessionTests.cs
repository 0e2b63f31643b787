using Emulator.Core.Backends;
using Emulator.Core.Time;
using Emulator.Remote.Display;
using Emulator.Tests.Video;
using Xunit;

namespace Emulator.Tests.Monitor;

public sealed class TerminalSessionTests : IKeyboardSink
{
    private readonly ManualClock clock = new();
    private readonly EventQueue events;
    private readonly List<string> pressed = [];
    private readonly TextScreen text = StubScreen.Blank(80, 25);
    private int room = 16;
    private int quits;

    public TerminalSessionTests() => events = new EventQueue(clock);

    bool IKeyboardSink.Knows(string name) => true;

    void IKeyboardSink.Key(string name, bool down) => pressed.Add((down ? "+" : "-") + name);

    [Fact]
    public void A_tall_terminal_keeps_the_hint_below_the_screen()
    {
        var terminal = new AnsiScreen(100, 30);
        using TerminalSession session = Make(terminal, 100, 30);
        text.Cells[(24 * 80) + 5] = 0x0741;
        session.Tick(0);
        session.Tick(10_000);
        terminal.Process();
        Assert.Equal('A', terminal.Cells[24, 5].Glyph);
        Assert.StartsWith(" Ctrl-a x ends emu, Ctrl-a h helps", terminal.Row(29));
    }

    [Fact]
    public void A_small_terminal_has_the_hint_for_three_seconds()
    {
        var terminal = new AnsiScreen(80, 25);
        using TerminalSession session = Make(terminal, 80, 25);
        text.Cells[24 * 80] = 0x0741;
        session.Tick(0);
        session.Tick(2900);
        terminal.Process();
        Assert.StartsWith(" Ctrl-a x", terminal.Row(24));
        session.Tick(3000);
        terminal.Process();
        Assert.StartsWith("A ", terminal.Row(24));
    }

    [Fact]
    public void Keys_go_to_the_guest_but_for_those_behind_the_escape()
    {
        using TerminalSession session = Make(new AnsiScreen(80, 30), 80, 30);
        session.Receive("a\u0001\u0001\u0001d"u8);
        RunTimers();
        Assert.Equal(
            ["+a", "-a", "+ctrl", "+a", "-a", "-ctrl", "+ctrl", "+alt", "+delete", "-delete", "-alt", "-ctrl"], pressed);
        session.Receive("\u0001x"u8);
        Assert.Equal(1, quits);
        Assert.Equal(12, pressed.Count);
    }

    [Fact]
    public void A_lone_escape_is_a_key_after_50_ms()
    {
        using TerminalSession session = Make(new AnsiScreen(80, 30), 80, 30);
        session.Tick(1000);
        session.Receive([0x1B]);
        Assert.True(session.IsKeyPending);
        session.Tick(1040);
        Assert.Empty(pressed);
        session.Tick(1050);
        RunTimers();
        Assert.Equal(["+esc", "-esc"], pressed);
        Assert.False(session.IsKeyPending);
    }

    [Fact]
    public void Help_covers_the_screen_until_a_key()
    {
        var terminal = new AnsiScreen(80, 30);
        using TerminalSession session = Make(terminal, 80, 30);
        text.Cells[0] = 0x0742;
        session.Tick(0);
        session.Receive("\u0001h"u8);
        session.Tick(40);
        terminal.Process();
        Assert.StartsWith("The keys of this terminal", terminal.Row(0));
        session.Receive("q"u8);
        session.Tick(80);
        terminal.Process();
        Assert.StartsWith("B ", terminal.Row(0));
        RunTimers();
        Assert.Empty(pressed);
    }

    [Fact]
    public void Keys_wait_for_room_in_the_keyboard()
    {
        var queue = new KeyQueue(events, this, () => room);
        room = 7;
        queue.Strike(["a"], 0);
        queue.Strike(["b"], 0);
        clock.NowNs += 1_000_000_000;
        events.RunDue();
        Assert.Empty(pressed);
        Assert.Equal(4, queue.Count);
        room = 8;
        RunTimers();
        Assert.Equal(["+a", "-a", "+b", "-b"], pressed);
    }

    [Fact]
    public void A_guest_that_never_reads_does_not_fill_memory()
    {
        var queue = new KeyQueue(events, this, () => 0);
        for (int n = 0; n < KeyQueue.Capacity; n++)
        {
            queue.Strike(["a"], 0);
        }
        Assert.Equal(KeyQueue.Capacity, queue.Count);
    }

    private void RunTimers()
    {
        for (int n = 0; n < 200; n++)
        {
            clock.NowNs += 1_000_000;
            events.RunDue();
        }
    }

    private TerminalSession Make(AnsiScreen terminal, int columns, int rows) => new(
        terminal, (columns, rows), TerminalColours.Ansi16, StubScreen.OfText(text),
        new KeyQueue(events, this, () => room), 1, () => quits++);
}
