namespace Emulator.Machine.Config;

/// <summary>Where the screen is shown.</summary>
public enum DisplayKind
{
    /// <summary>Nowhere; the monitor's <c>screendump</c> and <c>screentext</c> still see it.</summary>
    None,

    /// <summary>In the terminal the program was started from.</summary>
    Term,
}
