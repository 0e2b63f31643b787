using Emulator.Devices.Input;
using Emulator.Tests.Timers;
using Xunit;

namespace Emulator.Tests.Input;

public sealed class Ps2KeyboardTests
{
    private readonly VirtualTime time = new();
    private readonly Ps2Keyboard keyboard;

    public Ps2KeyboardTests() => keyboard = new Ps2Keyboard(time.Queue);

    [Fact]
    public void KnowsEverySendkeyName()
    {
        string[] names =
        [
            "shift", "shift_r", "alt", "alt_r", "ctrl", "ctrl_r", "menu", "esc", "minus", "equal", "backspace", "tab",
            "bracket_left", "bracket_right", "ret", "semicolon", "apostrophe", "grave_accent", "backslash", "comma", "dot",
            "slash", "asterisk", "spc", "caps_lock", "num_lock", "scroll_lock", "kp_divide", "kp_multiply", "kp_subtract",
            "kp_add", "kp_enter", "kp_decimal", "sysrq", "print", "less", "home", "pgup", "pgdn", "end", "left", "up", "down",
            "right", "insert", "delete", "meta_l", "meta_r", "compose", "pause", "ro", "yen", "henkan", "hiragana",
            "kp_comma", "kp_equals", "power", "sleep", "wake", "volumeup", "volumedown", "audiomute",
        ];
        Assert.All(names, name => Assert.True(keyboard.Knows(name), name));
        Assert.All("abcdefghijklmnopqrstuvwxyz0123456789", name => Assert.True(keyboard.Knows(name.ToString())));
        Assert.All(Enumerable.Range(1, 24), number => Assert.True(keyboard.Knows($"f{number}")));
        Assert.All(Enumerable.Range(0, 10), number => Assert.True(keyboard.Knows($"kp_{number}")));
        Assert.False(keyboard.Knows("any"));
        keyboard.Key("any", down: true);
        Assert.False(keyboard.HasByte);
    }

    [Fact]
    public void NoTwoKeysShareACode()
    {
        string[] aliases = ["print", "altgr", "compose", "asterisk", "katakanahiragana"];
        var codes = ScanCodes.ByName.Values.Where(key => !aliases.Contains(key.Name)).ToList();
        Assert.Equal(codes.Count, codes.Select(key => key.Set2).Distinct().Count());
        Assert.Equal(codes.Count, codes.Select(key => (key.Set2 >> 8, key.Set1)).Distinct().Count());
        var set3 = codes.Where(key => key.Set3 != 0).ToList();
        Assert.Equal(set3.Count, set3.Select(key => key.Set3).Distinct().Count());
    }

    [Theory]
    [InlineData("esc", 0x01)]
    [InlineData("1", 0x02)]
    [InlineData("0", 0x0B)]
    [InlineData("q", 0x10)]
    [InlineData("ret", 0x1C)]
    [InlineData("ctrl", 0x1D)]
    [InlineData("a", 0x1E)]
    [InlineData("grave_accent", 0x29)]
    [InlineData("shift", 0x2A)]
    [InlineData("backslash", 0x2B)]
    [InlineData("z", 0x2C)]
    [InlineData("m", 0x32)]
    [InlineData("shift_r", 0x36)]
    [InlineData("alt", 0x38)]
    [InlineData("spc", 0x39)]
    [InlineData("f1", 0x3B)]
    [InlineData("f7", 0x41)]
    [InlineData("f10", 0x44)]
    [InlineData("num_lock", 0x45)]
    [InlineData("kp_7", 0x47)]
    [InlineData("kp_decimal", 0x53)]
    [InlineData("less", 0x56)]
    [InlineData("f11", 0x57)]
    [InlineData("f12", 0x58)]
    [InlineData("left", 0x4B)]
    [InlineData("meta_l", 0x5B)]
    [InlineData("yen", 0x7D)]
    public void Set1Codes(string name, int code) => Assert.Equal(code, ScanCodes.ByName[name].Set1);

    [Fact]
    public void Set1And3OfTheKeyboardItself()
    {
        Command(0xF0, 0x01);
        Press("right");
        Assert.Equal([0xE0, 0x4D, 0xE0, 0xCD], Take());
        Command(0xF0, 0x03);
        Press("a");
        Press("shift");
        Press("f1");
        // In set 3 letters are typematic without break, shift is make and break, function keys are make only.
        Assert.Equal([0x1C, 0x12, 0xF0, 0x12, 0x07], Take());
        Assert.Equal([0xFA, 0xFA, 0x03], Command(0xF0, 0x00));
        Assert.Equal([0xFA, 0xFE, 0xFA], Command(0xF0, 0x07, 0x02));
    }

    [Fact]
    public void Set3KeyTypes()
    {
        Command(0xF0, 0x03);
        Assert.Equal([0xFA], Command(0xF8));
        Press("a");
        Assert.Equal([0x1C, 0xF0, 0x1C], Take());
        Assert.Equal([0xFA, 0xFA, 0xFA, 0xFA], Command(0xFD, 0x1C, 0x8B, 0xF4));
        Press("a");
        Press("b");
        Assert.Equal([0x1C, 0x32, 0xF0, 0x32], Take());
        Command(0xFA);
        keyboard.Key("f1", down: true);
        time.Advance(600_000_000);
        keyboard.Key("f1", down: false);
        Assert.Equal([0x07, 0xF0, 0x07], Take());
    }

    [Fact]
    public void PauseAndPrintScreen()
    {
        Press("pause");
        Assert.Equal([0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77], Take());
        Press("sysrq");
        Assert.Equal([0xE0, 0x12, 0xE0, 0x7C, 0xE0, 0xF0, 0x7C, 0xE0, 0xF0, 0x12], Take());
        keyboard.Key("alt", down: true);
        Press("sysrq");
        Assert.Equal([0x11, 0x84, 0xF0, 0x84], Take());
        keyboard.Key("alt", down: false);
        keyboard.Key("ctrl", down: true);
        Press("pause");
        Assert.Equal([0xF0, 0x11, 0x14, 0xE0, 0x7E, 0xE0, 0xF0, 0x7E], Take());
        keyboard.Key("ctrl", down: false);
        Take();
        Command(0xF0, 0x01);
        Press("pause");
        Assert.Equal([0xE1, 0x1D, 0x45, 0xE1, 0x9D, 0xC5], Take());
    }

    [Fact]
    public void TypematicRepeatsAtTheSetRate()
    {
        keyboard.Key("a", down: true);
        Assert.Equal([0x1C], Take());
        time.Advance(499_999_999);
        Assert.False(keyboard.HasByte);
        time.Advance(1);
        Assert.Equal([0x1C], Take());
        // 0Bh: (8 + 3) * 2 * 4.17 ms.
        time.Advance(91_740_000);
        Assert.Equal([0x1C], Take());
        keyboard.Key("a", down: false);
        time.Advance(1_000_000_000);
        Assert.Equal([0xF0, 0x1C], Take());
        // Delay 250 ms, period 8 * 4.17 ms.
        Assert.Equal([0xFA, 0xFA], Command(0xF3, 0x00));
        keyboard.Key("b", down: true);
        Take();
        time.Advance(250_000_000);
        Assert.Equal([0x32], Take());
        time.Advance(33_360_000);
        Assert.Equal([0x32], Take());
    }

    [Fact]
    public void RepeatedDownFromTheHostIsOnePress()
    {
        keyboard.Key("a", down: true);
        keyboard.Key("a", down: true);
        keyboard.Key("a", down: false);
        keyboard.Key("a", down: false);
        Assert.Equal([0x1C, 0xF0, 0x1C], Take());
    }

    [Fact]
    public void BufferHoldsSixteenBytesThenOverruns()
    {
        for (int i = 0; i < 10; i++)
        {
            Press("a");
        }
        List<int> bytes = Take();
        Assert.Equal(17, bytes.Count);
        Assert.Equal([0x1C, 0xF0, 0x1C, 0x1C, 0x00], bytes[12..]);
        Press("b");
        Assert.Equal([0x32, 0xF0, 0x32], Take());
    }

    [Fact]
    public void RoomTellsWhatStillFits()
    {
        Assert.Equal(16, keyboard.Room);
        Press("a");
        Assert.Equal(13, keyboard.Room);
    }

    [Fact]
    public void Commands()
    {
        Assert.Equal([0xEE], Command(0xEE));
        Assert.Equal([0xFA, 0xAB, 0x83], Command(0xF2));
        Assert.Equal([0xFA, 0xFA], Command(0xED, 0x07));
        Assert.Equal(7, keyboard.Leds);
        Assert.Equal([0xFE], Command(0x00));
        Assert.Equal([0xFA], Command(0xF5));
        Press("a");
        Assert.False(keyboard.HasByte);
        Assert.Equal([0xFA], Command(0xF6));
        Assert.False(keyboard.IsEnabled);
        Assert.Equal([0xFA], Command(0xF4));
        Press("a");
        Assert.Equal([0x1C, 0xF0, 0x1C], Take());
        Assert.Equal([0x1C], Command(0xFE));
    }

    [Fact]
    public void CommandInPlaceOfAnArgumentIsObeyed()
    {
        Assert.Equal([0xFA, 0xEE], Command(0xED, 0xEE));
        Assert.Equal(0, keyboard.Leds);
    }

    [Fact]
    public void ResetTakesTimeAndRestoresDefaults()
    {
        Command(0xF0, 0x03);
        Command(0xED, 0x02);
        Assert.Equal([0xFA], Command(0xFF));
        time.Advance(20_000_000);
        Assert.Equal([0xAA], Take());
        Assert.Equal((2, 0, true), (keyboard.ScanCodeSet, keyboard.Leds, keyboard.IsEnabled));
    }

    private void Press(string name)
    {
        keyboard.Key(name, down: true);
        keyboard.Key(name, down: false);
    }

    private List<int> Command(params byte[] bytes)
    {
        foreach (byte each in bytes)
        {
            keyboard.Write(each);
        }
        return Take();
    }

    private List<int> Take()
    {
        List<int> bytes = [];
        while (keyboard.HasByte)
        {
            bytes.Add(keyboard.TakeByte());
        }
        return bytes;
    }
}
