namespace Emulator.Firmware.Bios.Video;

/// <summary>Contents of the DAC: 6-bit components, red, green, blue. Source: IBM PS/2 Hardware Interface Technical Reference, Video Subsystem.</summary>
internal static class DacPalette
{
    private const byte Third = 0x15, TwoThirds = 0x2A, Full = 0x3F;

    private static readonly byte[] Greys = [0x00, 0x05, 0x08, 0x0B, 0x0E, 0x11, 0x14, 0x18, 0x1C, 0x20, 0x24, 0x28, 0x2D, 0x32, 0x38, 0x3F];

    // Five steps from the weakest to the strongest component: three intensities, each with three saturations.
    private static readonly byte[][] Steps =
    [
        [0x00, 0x10, 0x1F, 0x2F, 0x3F], [0x1F, 0x27, 0x2F, 0x37, 0x3F], [0x2D, 0x31, 0x36, 0x3A, 0x3F],
        [0x00, 0x07, 0x0E, 0x15, 0x1C], [0x0E, 0x11, 0x15, 0x18, 0x1C], [0x14, 0x16, 0x18, 0x1A, 0x1C],
        [0x00, 0x04, 0x08, 0x0C, 0x10], [0x08, 0x0A, 0x0C, 0x0E, 0x10], [0x0B, 0x0C, 0x0D, 0x0F, 0x10],
    ];

    /// <summary>All 256 entries; those beyond what the mode uses are black.</summary>
    public static byte[] Contents(DacContents kind)
    {
        var dac = new byte[768];
        switch (kind)
        {
            case DacContents.Ega:
                for (int n = 0; n < 64; n++)
                {
                    Set(dac, n, EgaComponent(n, 2), EgaComponent(n, 1), EgaComponent(n, 0));
                }
                break;
            case DacContents.Cga:
                for (int n = 0; n < 64; n++)
                {
                    SetCga(dac, n, (n & 7) | (n >> 1 & 8));
                }
                break;
            case DacContents.Monochrome:
                for (int n = 0; n < 64; n++)
                {
                    byte grey = (n & 0x18) switch { 0 => (byte)0, 0x18 => Full, _ => TwoThirds };
                    Set(dac, n, grey, grey, grey);
                }
                break;
            case DacContents.Vga256:
                FillVga256(dac);
                break;
        }
        return dac;
    }

    private static byte EgaComponent(int index, int color) =>
        (byte)(((index >> color & 1) * TwoThirds) + ((index >> (color + 3) & 1) * Third));

    private static void SetCga(byte[] dac, int entry, int color)
    {
        byte low = (color & 8) != 0 ? Third : (byte)0;
        byte red = (byte)(low + ((color & 4) != 0 ? TwoThirds : 0)), green = (byte)(low + ((color & 2) != 0 ? TwoThirds : 0)),
            blue = (byte)(low + ((color & 1) != 0 ? TwoThirds : 0));
        Set(dac, entry, red, color == 6 ? Third : green, blue); // 6 is brown, not dark yellow
    }

    private static void FillVga256(byte[] dac)
    {
        for (int n = 0; n < 16; n++)
        {
            SetCga(dac, n, n);
            Set(dac, 16 + n, Greys[n], Greys[n], Greys[n]);
        }
        int entry = 32;
        foreach (byte[] steps in Steps)
        {
            for (int hue = 0; hue < 24; hue++)
            {
                Set(dac, entry++, steps[Wave(hue + 8)], steps[Wave(hue)], steps[Wave(hue + 16)]);
            }
        }
    }

    // Round the colour circle from blue over red and green: a component is absent for a third of it, then rises, stays, and falls.
    private static int Wave(int hue)
    {
        hue %= 24;
        return hue switch { <= 8 => 0, <= 12 => hue - 8, <= 20 => 4, _ => 24 - hue };
    }

    private static void Set(byte[] dac, int entry, byte red, byte green, byte blue)
    {
        dac[entry * 3] = red;
        dac[(entry * 3) + 1] = green;
        dac[(entry * 3) + 2] = blue;
    }
}
