namespace Emulator.Core.Backends;

/// <summary>A display adapter as those who show it see it (terminal, screenshot, VNC): pulled on the machine thread.</summary>
public interface IScreen
{
    /// <summary>Visible size in pixels of the present mode.</summary>
    (int Width, int Height) Size { get; }

    /// <summary>Draws the present picture, row by row, 0xAARRGGBB with AA = FF.</summary>
    /// <param name="pixels">At least Width * Height elements.</param>
    void Render(Span<uint> pixels);

    /// <summary>The character cells when the adapter is in a text mode, else null.</summary>
    TextScreen? ReadText();
}

/// <summary>A text mode's contents.</summary>
/// <param name="Columns">Cells in a row.</param>
/// <param name="Rows">Rows.</param>
/// <param name="Cells">Row by row: the character code (code page 437) in the low byte, the attribute in the high byte.</param>
/// <param name="CursorColumn">Column of the cursor, or -1 when it is hidden or off the screen.</param>
/// <param name="CursorRow">Row of the cursor, or -1.</param>
/// <param name="Palette">The 16 colours in effect, 0xAARRGGBB.</param>
/// <param name="Blink">Bit 7 of an attribute blinks the character; else it is the background's intensity.</param>
public sealed record TextScreen(
    int Columns, int Rows, ushort[] Cells, int CursorColumn, int CursorRow, uint[] Palette, bool Blink = false);
