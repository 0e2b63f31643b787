namespace Emulator.Firmware.Bios.Video;

/// <summary>The palettes that modes start with.</summary>
public enum DacContents
{
    /// <summary>64 colours of the EGA: two bits each for red, green, blue.</summary>
    Ega,

    /// <summary>16 colours of the CGA, by the EGA's 200-line encoding (intensity in bit 4).</summary>
    Cga,

    /// <summary>Shades of the monochrome adapter.</summary>
    Monochrome,

    /// <summary>256 colours of mode 13h.</summary>
    Vga256,
}
