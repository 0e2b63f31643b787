namespace Emulator.Firmware.Bios.Services;

/// <summary>What INT 16h returns for a key: scan code in the high byte, character in the low one; 0 is nothing. Source: IBM PS/2 BIOS
/// Interface Technical Reference, INT 16h, "Keyboard scan codes and character codes".</summary>
/// <param name="Plain">Without a shift key.</param>
/// <param name="Shifted">With Shift.</param>
/// <param name="Controlled">With Ctrl.</param>
/// <param name="Alternate">With Alt.</param>
internal readonly record struct KeyCodes(ushort Plain, ushort Shifted, ushort Controlled, ushort Alternate);

/// <summary>The tables by set 1 scan code.</summary>
internal static class KeyTable
{
    /// <summary>Keys without prefix.</summary>
    public static KeyCodes[] Plain { get; } = BuildPlain();

    /// <summary>Keys with prefix E0.</summary>
    public static KeyCodes[] Extended { get; } = BuildExtended();

    /// <summary>True for keys that Caps Lock shifts.</summary>
    public static bool IsLetter(int scan) => scan is >= 0x10 and <= 0x19 or >= 0x1E and <= 0x26 or >= 0x2C and <= 0x32;

    /// <summary>True for the keys of the number pad that Num Lock shifts.</summary>
    public static bool IsPad(int scan) => scan is >= 0x47 and <= 0x53 and not (0x4A or 0x4E);

    private static KeyCodes[] BuildPlain()
    {
        var keys = new KeyCodes[0x80];
        keys[0x01] = new(0x011B, 0x011B, 0x011B, 0x0100);
        const string digits = "1234567890-=", signs = "!@#$%^&*()_+";
        for (int n = 0; n < digits.Length; n++)
        {
            int scan = 2 + n;
            ushort controlled = scan switch { 3 => 0x0300, 7 => 0x071E, 12 => 0x0C1F, _ => 0 };
            keys[scan] = new(Code(scan, digits[n]), Code(scan, signs[n]), controlled, (ushort)(0x7800 + (n << 8)));
        }
        keys[0x0E] = new(0x0E08, 0x0E08, 0x0E7F, 0x0E00);
        keys[0x0F] = new(0x0F09, 0x0F00, 0x9400, 0xA500);
        AddLetters(keys, 0x10, "qwertyuiop");
        AddLetters(keys, 0x1E, "asdfghjkl");
        AddLetters(keys, 0x2C, "zxcvbnm");
        keys[0x1A] = new(0x1A5B, 0x1A7B, 0x1A1B, 0x1A00);
        keys[0x1B] = new(0x1B5D, 0x1B7D, 0x1B1D, 0x1B00);
        keys[0x1C] = new(0x1C0D, 0x1C0D, 0x1C0A, 0x1C00);
        keys[0x27] = new(0x273B, 0x273A, 0, 0x2700);
        keys[0x28] = new(0x2827, 0x2822, 0, 0x2800);
        keys[0x29] = new(0x2960, 0x297E, 0, 0x2900);
        keys[0x2B] = new(0x2B5C, 0x2B7C, 0x2B1C, 0x2B00);
        keys[0x33] = new(0x332C, 0x333C, 0, 0x3300);
        keys[0x34] = new(0x342E, 0x343E, 0, 0x3400);
        keys[0x35] = new(0x352F, 0x353F, 0, 0x3500);
        keys[0x37] = new(0x372A, 0x372A, 0x9600, 0x3700);
        keys[0x39] = new(0x3920, 0x3920, 0x3920, 0x3920);
        for (int n = 0; n < 10; n++)
        {
            keys[0x3B + n] = new((ushort)(0x3B00 + (n << 8)), (ushort)(0x5400 + (n << 8)), (ushort)(0x5E00 + (n << 8)), (ushort)(0x6800 + (n << 8)));
        }
        keys[0x57] = new(0x8500, 0x8700, 0x8900, 0x8B00);
        keys[0x58] = new(0x8600, 0x8800, 0x8A00, 0x8C00);
        keys[0x56] = new(0x565C, 0x567C, 0, 0);
        AddPad(keys);
        return keys;
    }

    private static void AddPad(KeyCodes[] keys)
    {
        keys[0x47] = new(0x4700, 0x4737, 0x7700, 0);
        keys[0x48] = new(0x4800, 0x4838, 0x8D00, 0);
        keys[0x49] = new(0x4900, 0x4939, 0x8400, 0);
        keys[0x4A] = new(0x4A2D, 0x4A2D, 0x8E00, 0x4A00);
        keys[0x4B] = new(0x4B00, 0x4B34, 0x7300, 0);
        keys[0x4C] = new(0x4CF0, 0x4C35, 0x8F00, 0);
        keys[0x4D] = new(0x4D00, 0x4D36, 0x7400, 0);
        keys[0x4E] = new(0x4E2B, 0x4E2B, 0x9000, 0x4E00);
        keys[0x4F] = new(0x4F00, 0x4F31, 0x7500, 0);
        keys[0x50] = new(0x5000, 0x5032, 0x9100, 0);
        keys[0x51] = new(0x5100, 0x5133, 0x7600, 0);
        keys[0x52] = new(0x5200, 0x5230, 0x9200, 0);
        keys[0x53] = new(0x5300, 0x532E, 0x9300, 0);
    }

    private static KeyCodes[] BuildExtended()
    {
        var keys = new KeyCodes[0x80];
        keys[0x1C] = new(0xE00D, 0xE00D, 0xE00A, 0xA600);
        keys[0x35] = new(0xE02F, 0xE02F, 0x9500, 0xA400);
        ReadOnlySpan<(int Scan, ushort Controlled, ushort Alternate)> grey =
        [
            (0x47, 0x77E0, 0x9700), (0x48, 0x8DE0, 0x9800), (0x49, 0x84E0, 0x9900), (0x4B, 0x73E0, 0x9B00), (0x4D, 0x74E0, 0x9D00),
            (0x4F, 0x75E0, 0x9F00), (0x50, 0x91E0, 0xA000), (0x51, 0x76E0, 0xA100), (0x52, 0x92E0, 0xA200), (0x53, 0x93E0, 0xA300),
        ];
        foreach ((int scan, ushort controlled, ushort alternate) in grey)
        {
            ushort code = (ushort)(scan << 8 | 0xE0);
            keys[scan] = new(code, code, controlled, alternate);
        }
        return keys;
    }

    private static void AddLetters(KeyCodes[] keys, int first, string letters)
    {
        for (int n = 0; n < letters.Length; n++)
        {
            int scan = first + n;
            keys[scan] = new(Code(scan, letters[n]), Code(scan, char.ToUpperInvariant(letters[n])), Code(scan, (char)(letters[n] & 0x1F)), (ushort)(scan << 8));
        }
    }

    private static ushort Code(int scan, char character) => (ushort)(scan << 8 | character);
}
