namespace Emulator.Remote.Display;

/// <summary>Pictures in another size: smaller by the mean of the pixels that a new one covers, larger by repeating.</summary>
internal static class PictureScaler
{
    /// <summary>The largest size of the same shape within a space: smaller by any factor, larger by whole ones.</summary>
    public static (int Width, int Height) Fit(int width, int height, int mostWidth, int mostHeight, bool enlarge)
    {
        double scale = Math.Min((double)mostWidth / width, (double)mostHeight / height);
        scale = scale < 1 ? scale : enlarge ? Math.Floor(scale) : 1;
        return (Math.Max((int)(width * scale), 1), Math.Max((int)(height * scale), 1));
    }

    /// <summary>Scales <paramref name="from"/> (0xRRGGBB, higher bits ignored) to <paramref name="across"/> by <paramref name="down"/>.</summary>
    public static void Scale(ReadOnlySpan<uint> from, int width, int height, Span<uint> to, int across, int down)
    {
        if ((across, down) == (width, height))
        {
            for (int i = 0; i < across * down; i++)
            {
                to[i] = from[i] & 0xFFFFFF;
            }
            return;
        }
        for (int y = 0; y < down; y++)
        {
            int upper = (int)((long)y * height / down), lower = Math.Max((int)((long)(y + 1) * height / down), upper + 1);
            for (int x = 0; x < across; x++)
            {
                int left = (int)((long)x * width / across), right = Math.Max((int)((long)(x + 1) * width / across), left + 1);
                to[(y * across) + x] = Mean(from, width, left, right, upper, lower);
            }
        }
    }

    private static uint Mean(ReadOnlySpan<uint> from, int width, int left, int right, int upper, int lower)
    {
        uint red = 0, green = 0, blue = 0;
        for (int row = upper; row < lower; row++)
        {
            foreach (uint pixel in from.Slice((row * width) + left, right - left))
            {
                red += (pixel >> 16) & 0xFF;
                green += (pixel >> 8) & 0xFF;
                blue += pixel & 0xFF;
            }
        }
        uint count = (uint)((right - left) * (lower - upper));
        return (red / count << 16) | (green / count << 8) | (blue / count);
    }
}
