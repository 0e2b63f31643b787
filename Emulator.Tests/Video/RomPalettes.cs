namespace Emulator.Tests.Video;

/// <summary>
/// The colours that modes start with (IBM PS/2 and PC BIOS Interface Technical Reference, INT 10h; the 256 colours by their well-known rule:
/// three intensities, three saturations, 24 hues).
/// </summary>
internal static class RomPalettes
{
    /// <summary>Attribute registers of 16-colour modes with 350 lines and more, and of text.</summary>
    public static readonly int[] Ega = [0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3A, 0x3B, 0x3C, 0x3D, 0x3E, 0x3F];

    /// <summary>Attribute registers of modes of 200 lines.</summary>
    public static readonly int[] Cga = [0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17];

    /// <summary>Six bits of the DAC as eight.</summary>
    public static uint Rgb(int red, int green, int blue) => (Widen(red) << 16) | (Widen(green) << 8) | Widen(blue);

    /// <summary>DAC register of the 64 EGA colours: bits 5-3 a third, bits 2-0 two thirds of red, green, blue.</summary>
    public static uint Dac64(int index) => Rgb(
        (21 * ((index >> 5) & 1)) + (42 * ((index >> 2) & 1)),
        (21 * ((index >> 4) & 1)) + (42 * ((index >> 1) & 1)),
        (21 * ((index >> 3) & 1)) + (42 * (index & 1)));

    /// <summary>DAC register of the 16 CGA colours: bit 4 intensity; the dark yellow is brown.</summary>
    public static uint Dac16(int index)
    {
        int bright = 21 * ((index >> 4) & 1);
        return (index & 0x17) == 6
            ? Rgb(42, 21, 0)
            : Rgb((42 * ((index >> 2) & 1)) + bright, (42 * ((index >> 1) & 1)) + bright, (42 * (index & 1)) + bright);
    }

    /// <summary>DAC register of monochrome modes: bit 3 video, bit 4 intensity.</summary>
    public static uint DacMono(int index)
    {
        int level = (index & 0x18) switch { 0 => 0, 0x18 => 63, _ => 42 };
        return Rgb(level, level, level);
    }

    /// <summary>DAC register of the 256-colour mode.</summary>
    public static uint Dac256(int index)
    {
        if (index < 16)
        {
            return Dac16((index & 7) | ((index & 8) << 1));
        }
        if (index < 32)
        {
            int[] greys = [0, 5, 8, 11, 14, 17, 20, 24, 28, 32, 36, 40, 45, 50, 56, 63];
            return Rgb(greys[index - 16], greys[index - 16], greys[index - 16]);
        }
        if (index >= 248)
        {
            return 0;
        }
        int[][] levels =
        [
            [0, 16, 31, 47, 63], [31, 39, 47, 55, 63], [45, 49, 54, 58, 63],
            [0, 7, 14, 21, 28], [14, 17, 21, 24, 28], [20, 22, 24, 26, 28],
            [0, 4, 8, 12, 16], [8, 10, 12, 14, 16], [11, 12, 13, 15, 16],
        ];
        int[] level = levels[(index - 32) / 24];
        int hue = (index - 32) % 24;
        return Rgb(level[Ramp(hue + 16)], level[Ramp(hue + 8)], level[Ramp(hue)]);
    }

    // Blue is full for hues 20 to 4, falls to nothing at 8, and is back from 16 on; red does the same eight hues later, green sixteen.
    private static int Ramp(int hue)
    {
        hue %= 24;
        return hue switch { <= 4 => 4, < 8 => 8 - hue, <= 16 => 0, < 20 => hue - 16, _ => 4 };
    }

    private static uint Widen(int six) => (uint)((six << 2) | (six >> 4));
}
