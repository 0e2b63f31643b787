namespace Emulator.Remote.Display;

/// <summary>A character cell of a terminal.</summary>
/// <param name="Glyph">What it shows.</param>
/// <param name="Foreground">0xRRGGBB.</param>
/// <param name="Background">0xRRGGBB.</param>
/// <param name="Blink">The glyph blinks.</param>
public readonly record struct TerminalCell(char Glyph, uint Foreground, uint Background, bool Blink);
