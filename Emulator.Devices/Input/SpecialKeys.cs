namespace Emulator.Devices.Input;

/// <summary>
/// The two keys that send sequences of their own in sets 1 and 2 (IBM PS/2 Technical Reference, keys 124 and 126): Print
/// Screen depends on Shift, Ctrl and Alt; Pause sends make and break at once and nothing when it is released.
/// </summary>
internal static class SpecialKeys
{
    private static readonly Key SysRq = ScanCodes.ByName["sysrq"], Print = ScanCodes.ByName["print"], Pause = ScanCodes.ByName["pause"];

    public static bool IsPause(Key key) => key == Pause;

    /// <summary>The set 2 bytes when <paramref name="key"/> is pressed, or null for a key like any other.</summary>
    public static byte[]? Make(Key key, Func<string, bool> isHeld)
    {
        if (key == Pause)
        {
            return HoldsCtrl(isHeld) ? [0xE0, 0x7E, 0xE0, 0xF0, 0x7E] : [0xE1, 0x14, 0x77, 0xE1, 0xF0, 0x14, 0xF0, 0x77];
        }
        if (key != SysRq && key != Print)
        {
            return null;
        }
        return HoldsAlt(isHeld) ? [0x84] : HoldsShiftOrCtrl(isHeld) ? [0xE0, 0x7C] : [0xE0, 0x12, 0xE0, 0x7C];
    }

    /// <summary>The set 2 bytes when <paramref name="key"/> is released, or null for a key like any other.</summary>
    public static byte[]? Broken(Key key, Func<string, bool> isHeld)
    {
        if (key == Pause)
        {
            return [];
        }
        if (key != SysRq && key != Print)
        {
            return null;
        }
        return HoldsAlt(isHeld) ? [0xF0, 0x84]
            : HoldsShiftOrCtrl(isHeld) ? [0xE0, 0xF0, 0x7C]
            : [0xE0, 0xF0, 0x7C, 0xE0, 0xF0, 0x12];
    }

    /// <summary>The same sequence in set 1.</summary>
    public static byte[] ToSet1(byte[] set2)
    {
        var result = new List<byte>(set2.Length);
        byte breakBit = 0;
        foreach (byte code in set2)
        {
            if (code == ScanCodes.Break)
            {
                breakBit = 0x80;
            }
            else
            {
                result.Add((byte)(ScanCodes.ToSet1[code] | breakBit));
                breakBit = 0;
            }
        }
        return [.. result];
    }

    private static bool HoldsCtrl(Func<string, bool> isHeld) => isHeld("ctrl") || isHeld("ctrl_r");

    private static bool HoldsAlt(Func<string, bool> isHeld) => isHeld("alt") || isHeld("alt_r") || isHeld("altgr");

    private static bool HoldsShiftOrCtrl(Func<string, bool> isHeld) => isHeld("shift") || isHeld("shift_r") || HoldsCtrl(isHeld);
}
