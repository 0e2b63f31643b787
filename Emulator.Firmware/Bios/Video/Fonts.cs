using System.Reflection;

namespace Emulator.Firmware.Bios.Video;

/// <summary>The fonts of code page 437, from the text files in Fonts/ (made by tools/make-fonts).</summary>
internal static class Fonts
{
    /// <summary>256 characters of 8 by <paramref name="height"/> (8, 14, 16) pixels: rows from the top, the left pixel in bit 7.</summary>
    public static byte[] Load(int height)
    {
        Assembly assembly = typeof(Fonts).Assembly;
        using Stream stream = assembly.GetManifestResourceStream($"8x{height}.txt")
            ?? throw new InvalidOperationException($"font 8x{height} is not in the program");
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').SelectMany(Convert.FromHexString)];
    }
}
