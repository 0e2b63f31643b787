using Emulator.Core.Backends;

namespace Emulator.Tests.Video;

/// <summary>A picture, or a text screen when <see cref="Text"/> is set.</summary>
internal sealed class StubScreen(int width, int height, Func<int, int, uint> pixel) : IScreen
{
    public TextScreen? Text { get; set; }

    public (int Width, int Height) Size => (width, height);

    public static StubScreen OfText(TextScreen text) => new(1, 1, (_, _) => 0) { Text = text };

    public static TextScreen Blank(int columns, int rows, bool blink = false) =>
        new(columns, rows, Enumerable.Repeat((ushort)0x0720, columns * rows).ToArray(), -1, -1, StandardPalette(), blink);

    public void Render(Span<uint> pixels)
    {
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                pixels[(y * width) + x] = 0xFF000000 | pixel(x, y);
            }
        }
    }

    public TextScreen? ReadText() => Text;

    private static uint[] StandardPalette() =>
    [
        0xFF000000, 0xFF0000AA, 0xFF00AA00, 0xFF00AAAA, 0xFFAA0000, 0xFFAA00AA, 0xFFAA5500, 0xFFAAAAAA,
        0xFF555555, 0xFF5555FF, 0xFF55FF55, 0xFF55FFFF, 0xFFFF5555, 0xFFFF55FF, 0xFFFFFF55, 0xFFFFFFFF,
    ];
}
