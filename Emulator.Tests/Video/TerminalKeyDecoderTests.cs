using System.Text;
using Emulator.Core.Backends;
using Emulator.Remote.Display;
using Xunit;

namespace Emulator.Tests.Video;

public sealed class TerminalKeyDecoderTests
{
    [Theory]
    [InlineData("a", "a")]
    [InlineData("Z", "shift-z")]
    [InlineData("0", "0")]
    [InlineData("!", "shift-1")]
    [InlineData("|", "shift-backslash")]
    [InlineData("~", "shift-grave_accent")]
    [InlineData(" ", "spc")]
    [InlineData("\r", "ret")]
    [InlineData("\t", "tab")]
    [InlineData("\x7F", "backspace")]
    [InlineData("\x03", "ctrl-c")]
    [InlineData("\x1A", "ctrl-z")]
    [InlineData("\x1C", "ctrl-backslash")]
    [InlineData("\0", "ctrl-spc")]
    [InlineData("\x1B[A", "up")]
    [InlineData("\x1BOB", "down")]
    [InlineData("\x1B[C", "right")]
    [InlineData("\x1B[D", "left")]
    [InlineData("\x1B[H", "home")]
    [InlineData("\x1B[4~", "end")]
    [InlineData("\x1BOF", "end")]
    [InlineData("\x1B[2~", "insert")]
    [InlineData("\x1B[3~", "delete")]
    [InlineData("\x1B[5~", "pgup")]
    [InlineData("\x1B[6~", "pgdn")]
    [InlineData("\x1BOP", "f1")]
    [InlineData("\x1B[[B", "f2")]
    [InlineData("\x1B[15~", "f5")]
    [InlineData("\x1B[21~", "f10")]
    [InlineData("\x1B[24~", "f12")]
    [InlineData("\x1B[Z", "shift-tab")]
    [InlineData("\x1B[1;5C", "ctrl-right")]
    [InlineData("\x1B[1;2P", "shift-f1")]
    [InlineData("\x1B[3;7~", "ctrl-alt-delete")]
    [InlineData("\x1Bx", "alt-x")]
    [InlineData("\x1BX", "alt-shift-x")]
    [InlineData("\x1B\x03", "alt-ctrl-c")]
    [InlineData("ab\x1B[Bc", "a b down c")]
    [InlineData("\x1B\x1B[A", "esc up")]
    [InlineData("\x1B[99~q", "q")]
    [InlineData("\x1B[?1;2cq", "q")]
    [InlineData("\u00E9q", "q")]
    public void BytesBecomeChords(string bytes, string chords)
    {
        // At once, and byte by byte.
        Assert.Equal(chords, Decode(decoder => decoder.Feed(Encoding.UTF8.GetBytes(bytes))));
        Assert.Equal(chords, Decode(decoder =>
        {
            foreach (byte value in Encoding.UTF8.GetBytes(bytes))
            {
                decoder.Feed([value]);
            }
        }));
    }

    [Fact]
    public void ALoneEscapeWaitsForSilence()
    {
        var chords = new List<string>();
        var decoder = new TerminalKeyDecoder(chord => chords.Add(chord.ToString()));
        decoder.Feed([0x1B]);
        Assert.True(decoder.IsPending);
        Assert.Empty(chords);
        decoder.Flush();
        Assert.False(decoder.IsPending);
        Assert.Equal(["esc"], chords);
        decoder.Flush();
        Assert.Single(chords);
    }

    [Fact]
    public void AltBracketAndAltOAreToldBySilence()
    {
        Assert.Equal("alt-bracket_left", Decode(decoder =>
        {
            decoder.Feed("\x1B["u8);
            decoder.Flush();
        }));
        Assert.Equal("alt-shift-o", Decode(decoder =>
        {
            decoder.Feed("\x1BO"u8);
            decoder.Flush();
        }));
    }

    [Fact]
    public void AnEndlessSequenceIsDropped()
    {
        Assert.Equal("x", Decode(decoder => decoder.Feed(Encoding.ASCII.GetBytes("\x1B[" + new string('1', 31) + "x"))));
    }

    [Fact]
    public void RandomBytesNeverThrowAndGiveKnownKeysOnly()
    {
        var known = new HashSet<string>();
        for (char c = ' '; c < 0x7F; c++)
        {
            known.UnionWith(KeyText.Chord(c)!.Keys);
        }
        string[] others =
        [
            "ret", "tab", "backspace", "esc", "ctrl", "alt", "up", "down", "left", "right", "home", "end", "insert", "delete",
            "pgup", "pgdn",
            .. Enumerable.Range(1, 12).Select(n => $"f{n}"),
        ];
        known.UnionWith(others);
        var decoder = new TerminalKeyDecoder(chord => Assert.All(chord.Keys, key => Assert.Contains(key, known)));
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            byte value = random.Next(4) switch { 0 => 0x1B, 1 => (byte)'[', 2 => (byte)random.Next('0', 'z'), _ => (byte)random.Next(256) };
            decoder.Feed([value]);
            if (i % 97 == 0)
            {
                decoder.Flush();
            }
        }
    }

    [Fact]
    public void TextIsTypedByChords()
    {
        string typed = string.Join(' ', KeyText.Type("ls -l \"/Boot\"\r\n\u20AC").Select(chord => chord.ToString()));
        Assert.Equal("l s spc minus l spc shift-apostrophe slash shift-b o o t shift-apostrophe ret", typed);
        Assert.Null(KeyText.Chord('\u00E9'));
        Assert.Equal(95, Enumerable.Range(0x20, 95).Select(c => KeyText.Chord((char)c)!).Distinct().Count());
    }

    [Fact]
    public void AChordPressesInOrderAndReleasesInReverse()
    {
        var keyboard = new RecordingKeyboard();
        new KeyChord("ctrl", "alt", "delete").Strike(keyboard);
        Assert.Equal("+ctrl +alt +delete -delete -alt -ctrl", string.Join(' ', keyboard.Events));
    }

    private static string Decode(Action<TerminalKeyDecoder> feed)
    {
        var chords = new List<string>();
        feed(new TerminalKeyDecoder(chord => chords.Add(chord.ToString())));
        return string.Join(' ', chords);
    }

    private sealed class RecordingKeyboard : IKeyboardSink
    {
        public List<string> Events { get; } = [];

        public bool Knows(string name) => true;

        public void Key(string name, bool down) => Events.Add((down ? "+" : "-") + name);
    }
}
