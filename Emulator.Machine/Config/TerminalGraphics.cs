namespace Emulator.Machine.Config;

/// <summary>How a terminal shows graphics modes, <c>-display term,graphics=NAME</c>.</summary>
public enum TerminalGraphics
{
    /// <summary>The best of the others that the terminal says it has.</summary>
    Auto,

    /// <summary>Half-block characters: two pixels a cell.</summary>
    Blocks,

    /// <summary>DEC's sixels.</summary>
    Sixel,

    /// <summary>The kitty terminal's graphics protocol.</summary>
    Kitty,
}
