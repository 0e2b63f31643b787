using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>INT 09h and INT 16h of the built-in BIOS, with keys pressed on the machine's keyboard.</summary>
public sealed class BiosKeyboardTests
{
    [Fact]
    public void KeysArriveWithTheirShiftStates()
    {
        using var rig = new BiosRig();
        Assert.Equal(0x1E61, Key(rig, "a"));
        Assert.Equal(0x1E41, Key(rig, "shift", "a"));
        Assert.Equal(0x1E01, Key(rig, "ctrl", "a"));
        Assert.Equal(0x1E00, Key(rig, "alt", "a"));
        Assert.Equal(0x0231, Key(rig, "1"));
        Assert.Equal(0x0221, Key(rig, "shift", "1"));
        Assert.Equal(0x3B00, Key(rig, "f1"));
        Assert.Equal(0x5400, Key(rig, "shift", "f1"));
        Assert.Equal(0x8500, Key(rig, "f11"));
        Assert.Equal(0x1C0D, Key(rig, "ret"));
        Assert.Equal(0x0E08, Key(rig, "backspace"));
        Assert.Equal(0x48E0, Key(rig, "up"));
        Assert.Equal(0x8DE0, Key(rig, "ctrl", "up"));
        Assert.Equal(0x9800, Key(rig, "alt", "up"));
        Assert.Equal(0xE00D, Key(rig, "kp_enter"));
    }

    [Fact]
    public void TheOldFunctionsSeeGreyKeysAsThoseOfTheNumberPad()
    {
        using var rig = new BiosRig();
        rig.Guest.Press("f12");
        rig.Guest.Press("up");
        rig.Guest.Press("kp_enter");
        Assert.Equal(0x4800, rig.Int(0x16, new() { Eax = 0x0000 }).Ax); // F12 does not come
        Assert.Equal(0x1C0D, rig.Int(0x16, new() { Eax = 0x0000 }).Ax);
        Assert.True(rig.Int(0x16, new() { Eax = 0x0100 }).Zero);
        rig.Guest.Press("x");
        BiosRegisters waiting = rig.Int(0x16, new() { Eax = 0x0100 });
        Assert.Equal((false, 0x2D78), (waiting.Zero, waiting.Ax));
        Assert.Equal(0x2D78, rig.Int(0x16, new() { Eax = 0x0000 }).Ax);
    }

    [Fact]
    public void LocksShiftAndLightTheKeyboard()
    {
        using var rig = new BiosRig();
        rig.Guest.Press("caps_lock");
        Assert.Equal(0x1E41, Key(rig, "a"));
        Assert.Equal(0x1E61, Key(rig, "shift", "a"));
        Assert.Equal(0x0231, Key(rig, "1"));
        rig.Guest.Press("num_lock");
        Assert.Equal(0x4838, Key(rig, "kp_8"));
        Assert.Equal(0x60, rig.Int(0x16, new() { Eax = 0x0200 }).Al);
        int leds = 0;
        for (int n = 0; n < 100 && leds != 6; n++)
        {
            Thread.Sleep(5);
            rig.Guest.Do(() => leds = rig.Board.Keyboard.Keyboard.Leds);
        }
        Assert.Equal(6, leds);
    }

    [Fact]
    public void AltWithDigitsMakesACharacterAndKeysCanBeStored()
    {
        using var rig = new BiosRig();
        rig.Guest.Do(() =>
        {
            rig.Board.Keyboard.Key("alt", true);
            foreach (string key in (string[])["kp_1", "kp_6", "kp_0"])
            {
                rig.Board.Keyboard.Key(key, true);
                rig.Board.Keyboard.Key(key, false);
            }
            rig.Board.Keyboard.Key("alt", false);
        });
        Assert.Equal(160, rig.Int(0x16, new() { Eax = 0x1000 }).Ax);
        Assert.Equal(0, rig.Int(0x16, new() { Eax = 0x0500, Ecx = 0x1234 }).Al);
        Assert.Equal(0x1234, rig.Int(0x16, new() { Eax = 0x1000 }).Ax);
        for (int n = 0; n < 15; n++)
        {
            Assert.Equal(0, rig.Int(0x16, new() { Eax = 0x0500, Ecx = 0x4141 }).Al);
        }
        Assert.Equal(1, rig.Int(0x16, new() { Eax = 0x0500, Ecx = 0x4141 }).Al); // full
    }

    [Fact]
    public void WaitingForAKeyHaltsAndTheClockGoesOn()
    {
        using var rig = new BiosRig();
        uint before = rig.Value(0x46C, 4);
        rig.Start(0x16, new() { Eax = 0x0000 });
        for (int n = 0; n < 500 && rig.Value(0x46C, 4) < before + 3; n++)
        {
            Thread.Sleep(10);
        }
        Assert.False(rig.IsDone);
        Assert.True(rig.Value(0x46C, 4) >= before + 3);
        rig.Guest.Press("q");
        Assert.Equal(0x1071, rig.WaitUntilDone().Ax);
    }

    private static ushort Key(BiosRig rig, params string[] keys)
    {
        rig.Guest.Press(keys);
        return rig.Int(0x16, new() { Eax = 0x1000 }).Ax;
    }
}
