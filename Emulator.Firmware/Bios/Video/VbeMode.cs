namespace Emulator.Firmware.Bios.Video;

/// <summary>A mode of VBE. Numbers above 11Bh are those of QEMU's and Bochs' video BIOS.</summary>
/// <param name="Number">VBE mode number.</param>
/// <param name="Width">Pixels in a line.</param>
/// <param name="Height">Lines.</param>
/// <param name="Bits">Bits a pixel: 4 (in planes), 8, 15, 16, 24, 32.</param>
internal sealed record VbeMode(ushort Number, int Width, int Height, int Bits)
{
    /// <summary>All modes.</summary>
    public static IReadOnlyList<VbeMode> All { get; } =
    [
        new(0x100, 640, 400, 8), new(0x101, 640, 480, 8), new(0x102, 800, 600, 4), new(0x103, 800, 600, 8), new(0x104, 1024, 768, 4),
        new(0x105, 1024, 768, 8), new(0x106, 1280, 1024, 4), new(0x107, 1280, 1024, 8),
        new(0x10D, 320, 200, 15), new(0x10E, 320, 200, 16), new(0x10F, 320, 200, 24),
        new(0x110, 640, 480, 15), new(0x111, 640, 480, 16), new(0x112, 640, 480, 24),
        new(0x113, 800, 600, 15), new(0x114, 800, 600, 16), new(0x115, 800, 600, 24),
        new(0x116, 1024, 768, 15), new(0x117, 1024, 768, 16), new(0x118, 1024, 768, 24),
        new(0x119, 1280, 1024, 15), new(0x11A, 1280, 1024, 16), new(0x11B, 1280, 1024, 24),
        new(0x11C, 1600, 1200, 8), new(0x11D, 1600, 1200, 15), new(0x11E, 1600, 1200, 16), new(0x11F, 1600, 1200, 24),
        new(0x140, 320, 200, 32), new(0x141, 640, 400, 32), new(0x142, 640, 480, 32), new(0x143, 800, 600, 32), new(0x144, 1024, 768, 32),
        new(0x145, 1280, 1024, 32), new(0x146, 320, 200, 8), new(0x147, 1600, 1200, 32), new(0x148, 1152, 864, 8),
        new(0x149, 1152, 864, 15), new(0x14A, 1152, 864, 16), new(0x14B, 1152, 864, 24), new(0x14C, 1152, 864, 32),
        new(0x175, 1280, 768, 16), new(0x176, 1280, 768, 24), new(0x177, 1280, 768, 32),
        new(0x178, 1280, 800, 16), new(0x179, 1280, 800, 24), new(0x17A, 1280, 800, 32),
        new(0x17B, 1280, 960, 16), new(0x17C, 1280, 960, 24), new(0x17D, 1280, 960, 32),
        new(0x17E, 1440, 900, 16), new(0x17F, 1440, 900, 24), new(0x180, 1440, 900, 32),
        new(0x181, 1400, 1050, 16), new(0x182, 1400, 1050, 24), new(0x183, 1400, 1050, 32),
        new(0x184, 1680, 1050, 16), new(0x185, 1680, 1050, 24), new(0x186, 1680, 1050, 32),
        new(0x187, 1920, 1200, 16), new(0x188, 1920, 1200, 24), new(0x189, 1920, 1200, 32),
        new(0x18D, 1280, 720, 16), new(0x18E, 1280, 720, 24), new(0x18F, 1280, 720, 32),
        new(0x190, 1920, 1080, 16), new(0x191, 1920, 1080, 24), new(0x192, 1920, 1080, 32),
    ];

    /// <summary>The pixels lie in four planes.</summary>
    public bool IsPlanar => Bits == 4;

    /// <summary>Bytes of a line, as the CPU counts them: in one of the planes.</summary>
    public int Pitch => LineBytes(Width);

    /// <summary>Bytes that a line of so many pixels has for the CPU.</summary>
    public int LineBytes(int pixels) => IsPlanar ? pixels / 8 : pixels * ((Bits + 7) / 8);

    /// <summary>Pixels of a line of at least so many bytes.</summary>
    public int LinePixels(int bytes) => IsPlanar ? bytes * 8 : (bytes + LineBytes(1) - 1) / LineBytes(1);

    /// <summary>Bytes of video memory of a line of so many pixels.</summary>
    public int MemoryBytes(int pixels) => LineBytes(pixels) * (IsPlanar ? 4 : 1);
}
