using System.IO.Compression;
using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>Screenshots as PNG, 8-bit RGB.</summary>
public static class Png
{
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
        stream.Write(PngChunks.Signature);
        PngChunks.Write(stream, "IHDR"u8, PngChunks.Header(width, height));
        PngChunks.Write(stream, "IDAT"u8, PngChunks.Pack(pixels, width, new PixelArea(0, 0, width, height), CompressionLevel.Optimal));
        PngChunks.Write(stream, "IEND"u8, []);
    }
}
