using System.Globalization;
using System.Text;
using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>A screenshot in a file.</summary>
internal static class PictureFile
{
    private static readonly (string Name, PictureFormat Format)[] Formats =
    [
        ("png", PictureFormat.Png), ("ppm", PictureFormat.Ppm), ("jpeg", PictureFormat.Jpeg), ("jpg", PictureFormat.Jpeg),
        ("webp", PictureFormat.Webp), ("gif", PictureFormat.Gif), ("bmp", PictureFormat.Bmp),
    ];

    /// <summary>The names of formats, as a sentence lists them.</summary>
    public static string Names => "png, ppm, jpeg, webp, gif or bmp";

    /// <summary>The format of a name such as <c>png</c>; null when there is none of that name.</summary>
    public static PictureFormat? FormatOf(string name) => Formats.Where(f => f.Name == name).Select(f => (PictureFormat?)f.Format).FirstOrDefault();

    /// <summary>The format that a file's name asks for by its ending; PPM where it asks for none.</summary>
    public static PictureFormat FormatOfFile(string path) => FormatOf(Path.GetExtension(path).TrimStart('.').ToLowerInvariant()) ?? PictureFormat.Ppm;

    /// <summary>Writes the present picture.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(Stream to, IScreen screen, PictureFormat format)
    {
        (int width, int height) = screen.Size;
        var pixels = new uint[width * height];
        screen.Render(pixels);
        byte[] rgb = PixelBytes.Rgb(pixels);
        if (format == PictureFormat.Ppm)
        {
            // P6, width, height, the largest value, then RGB.
            to.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"P6\n{width} {height}\n255\n")));
            to.Write(rgb);
        }
        else
        {
            PictureEncoder.Write(to, rgb, width, height, format);
        }
    }
}
