namespace Emulator.Remote.Display;

/// <summary>A rectangle of pixels.</summary>
/// <param name="Left">First column.</param>
/// <param name="Top">First row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
internal readonly record struct PixelArea(int Left, int Top, int Width, int Height)
{
    /// <summary>The smallest rectangle outside which two pictures of <paramref name="width"/> pixels a row are equal; null when they are equal.</summary>
    public static PixelArea? Difference(ReadOnlySpan<uint> a, ReadOnlySpan<uint> b, int width)
    {
        int height = a.Length / width, top = 0, bottom = height;
        while (top < height && Row(a, top, width).SequenceEqual(Row(b, top, width)))
        {
            top++;
        }
        if (top == height)
        {
            return null;
        }
        while (Row(a, bottom - 1, width).SequenceEqual(Row(b, bottom - 1, width)))
        {
            bottom--;
        }
        (int left, int right) = (width, 0);
        for (int y = top; y < bottom; y++)
        {
            ReadOnlySpan<uint> before = Row(a, y, width), now = Row(b, y, width);
            int same = before.CommonPrefixLength(now);
            if (same == width)
            {
                continue;
            }
            int end = width;
            while (before[end - 1] == now[end - 1])
            {
                end--;
            }
            (left, right) = (Math.Min(left, same), Math.Max(right, end));
        }
        return new PixelArea(left, top, right - left, bottom - top);
    }

    private static ReadOnlySpan<uint> Row(ReadOnlySpan<uint> pixels, int y, int width) => pixels.Slice(y * width, width);
}
