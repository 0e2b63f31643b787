namespace Emulator.Remote.Display;

/// <summary>How many colours a terminal has.</summary>
public enum TerminalColours
{
    /// <summary>The 16 ANSI colours.</summary>
    Ansi16,

    /// <summary>xterm's 256: the 16, a 6x6x6 cube, 24 greys.</summary>
    Indexed256,

    /// <summary>Any 24-bit colour.</summary>
    TrueColour,
}
