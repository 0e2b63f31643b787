using Emulator.Core.Backends;
using Emulator.Remote.Chardev;
using Xunit;

namespace Emulator.Tests.Chardev;

public sealed class LineEditorTests
{
    private readonly FakeHost host = new();
    private readonly List<string> lines = [];
    private readonly LineEditor editor;

    public LineEditorTests()
    {
        editor = new LineEditor(host, "hello", "> ", lines.Add);
    }

    [Fact]
    public void Greets_echoes_and_asks_again()
    {
        editor.OnCharEvent(CharEvent.Opened);
        host.Type("info\r");
        Assert.Equal(["info"], lines);
        Assert.Equal("hello\r\n> info\r\n> ", host.Sent);
    }

    [Fact]
    public void A_line_that_nobody_asked_for_stands_above_what_is_typed()
    {
        editor.OnCharEvent(CharEvent.Opened);
        host.Type("in");
        editor.Interject("stopped");
        host.Type("fo\r");
        Assert.Equal(["info"], lines);
        Assert.Equal("hello\r\n> in\r\nstopped\r\n> info\r\n> ", host.Sent);
    }

    [Theory]
    [InlineData("a\nb\r\nc\r", "a|b|c")]
    [InlineData("ax\bb\r", "ab")]
    [InlineData("ax\u007fb\r", "ab")]
    [InlineData("\b\b\ba\r", "a")]
    [InlineData("abc\u0015d\r", "d")]
    [InlineData("one two \u0017x\r", "one x")]
    [InlineData("abc\u0003d\r", "d")]
    [InlineData("\u001b[Ca\u001b[3~b\r", "ab")]
    [InlineData("gr\u00fc\u00df\r", "gr\u00fc\u00df")]
    [InlineData("\r", "")]
    public void Edits(string keys, string expected)
    {
        host.Type(keys);
        Assert.Equal(expected.Split('|'), lines);
    }

    [Fact]
    public void Arrows_recall_earlier_lines()
    {
        host.Type("one\rtwo\rtwo\r");
        host.Type("\u001b[A\u001b[A\r");
        Assert.Equal("one", lines[^1]);
        host.Type("\u001b[A\u001b[A\u001b[B\r");
        Assert.Equal("one", lines[^1]);
        host.Type("x\u001b[A\u001b[B\r");
        Assert.Equal("", lines[^1]);
    }

    [Fact]
    public void A_shared_stream_is_greeted_when_it_gets_the_focus()
    {
        var other = new FakeHost();
        var shared = new LineEditor(other, "hello", "> ", lines.Add) { WaitsForFocus = true };
        shared.OnCharEvent(CharEvent.Opened);
        Assert.Equal("", other.Sent);
        shared.OnCharEvent(CharEvent.FocusIn);
        other.Type("in");
        shared.OnCharEvent(CharEvent.FocusOut);
        shared.OnCharEvent(CharEvent.FocusIn);
        Assert.Equal("hello\r\n> in> in", other.Sent);
    }

    [Fact]
    public void Printed_line_feeds_return_the_carriage()
    {
        editor.Print("a\nb\n");
        Assert.Equal("a\r\nb\r\n", host.Sent);
    }
}
