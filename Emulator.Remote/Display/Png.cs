using Emulator.Core.Backends;
using StbImageWriteSharp;

namespace Emulator.Remote.Display;

/// <summary>Screenshots as PNG, 8-bit RGB.</summary>
public static class Png
{
    private const int BytesPerPixel = 3;

    /// <summary>Writes the present picture to the file <paramref name="path"/>, which is replaced.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be written.</exception>
    public static void Write(string path, IScreen screen)
    {
        using FileStream file = File.Create(path);
        Write(file, screen);
    }

    /// <summary>Writes the present picture to <paramref name="stream"/>.</summary>
    public static void Write(Stream stream, IScreen screen)
    {
        (int width, int height) = screen.Size;
        var pixels = new uint[width * height];
        screen.Render(pixels);
        var rgb = new byte[pixels.Length * BytesPerPixel];
        for (int i = 0; i < pixels.Length; i++)
        {
            rgb[i * BytesPerPixel] = (byte)(pixels[i] >> 16);
            rgb[(i * BytesPerPixel) + 1] = (byte)(pixels[i] >> 8);
            rgb[(i * BytesPerPixel) + 2] = (byte)pixels[i];
        }
        new ImageWriter().WritePng(rgb, width, height, ColorComponents.RedGreenBlue, stream);
    }
}
