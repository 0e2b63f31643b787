namespace Emulator.Remote.Display;

/// <summary>Pixels as bytes.</summary>
internal static class PixelBytes
{
    /// <summary>Bytes of a pixel.</summary>
    public const int PerPixel = 3;

    /// <summary>0xRRGGBB (higher bits are ignored) as a byte each of red, green and blue.</summary>
    public static byte[] Rgb(ReadOnlySpan<uint> pixels)
    {
        var rgb = new byte[pixels.Length * PerPixel];
        for (int n = 0; n < pixels.Length; n++)
        {
            (rgb[n * 3], rgb[(n * 3) + 1], rgb[(n * 3) + 2]) = ((byte)(pixels[n] >> 16), (byte)(pixels[n] >> 8), (byte)pixels[n]);
        }
        return rgb;
    }
}
