using System.Text;

namespace Emulator.Remote.Display;

/// <summary>A way to send pixels to a terminal.</summary>
internal interface ITerminalPixelFormat
{
    /// <summary>Only whole rows of cells are replaced, one at a time; else any rectangle.</summary>
    bool HasWholeRows { get; }

    /// <summary>What takes all pictures off the screen, before the cells are cleared.</summary>
    string Clear { get; }

    /// <summary>Draws at the cursor.</summary>
    /// <param name="to">Gets the control sequence.</param>
    /// <param name="row">The row of cells that the picture begins in.</param>
    /// <param name="pixels">0xRRGGBB, row by row.</param>
    /// <param name="width">Pixels of a line.</param>
    void Append(StringBuilder to, int row, ReadOnlySpan<uint> pixels, int width);
}
