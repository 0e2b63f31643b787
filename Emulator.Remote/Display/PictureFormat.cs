namespace Emulator.Remote.Display;

/// <summary>File formats of a screenshot.</summary>
internal enum PictureFormat
{
    /// <summary>Netpbm's raw PPM, exact: what QEMU writes when nothing is said.</summary>
    Ppm,

    /// <summary>PNG, exact.</summary>
    Png,

    /// <summary>JPEG of quality 90 with all of its colour, which is near to what the screen shows.</summary>
    Jpeg,

    /// <summary>WebP, its lossless kind.</summary>
    Webp,

    /// <summary>GIF: exact up to 256 colours, which every mode but the direct-colour ones has.</summary>
    Gif,

    /// <summary>Windows bitmap, exact.</summary>
    Bmp,
}
