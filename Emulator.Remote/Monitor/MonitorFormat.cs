namespace Emulator.Remote.Monitor;

/// <summary>The <c>/fmt</c> of <c>x</c>, <c>xp</c>, <c>print</c>, <c>i</c> and <c>o</c>.</summary>
/// <param name="Count">How many items.</param>
/// <param name="Letter">o octal, d signed, u unsigned, x hexadecimal, c characters, i instructions, s strings.</param>
/// <param name="Size">Bytes of an item: 1 (b), 2 (h), 4 (w) or 8 (g).</param>
public readonly record struct MonitorFormat(int Count, char Letter, int Size)
{
    /// <summary>What applies until something else was given: words in hexadecimal.</summary>
    public static MonitorFormat Default => new(1, 'x', 4);
}
