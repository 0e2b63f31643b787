namespace Emulator.Remote.Display;

/// <summary>The keys of a US keyboard that type a character, in QEMU's <c>sendkey</c> names.</summary>
public static class KeyText
{
    // The character without shift, with shift, and the key.
    private static readonly (char Plain, char Shifted, string Key)[] Symbols =
    [
        ('1', '!', "1"), ('2', '@', "2"), ('3', '#', "3"), ('4', '$', "4"), ('5', '%', "5"),
        ('6', '^', "6"), ('7', '&', "7"), ('8', '*', "8"), ('9', '(', "9"), ('0', ')', "0"),
        ('-', '_', "minus"), ('=', '+', "equal"), ('[', '{', "bracket_left"), (']', '}', "bracket_right"),
        (';', ':', "semicolon"), ('\'', '"', "apostrophe"), ('`', '~', "grave_accent"), ('\\', '|', "backslash"),
        (',', '<', "comma"), ('.', '>', "dot"), ('/', '?', "slash"),
    ];

    private static readonly Dictionary<char, KeyChord> Chords = Build();

    /// <summary>The chord that types <paramref name="character"/>; null when a US keyboard has no such character.</summary>
    public static KeyChord? Chord(char character) => Chords.GetValueOrDefault(character);

    /// <summary>
    /// The chords that type <paramref name="text"/>; characters that the keyboard has not are left out. CR LF is one Enter.
    /// </summary>
    public static IEnumerable<KeyChord> Type(string text)
    {
        foreach (char character in text.Replace("\r\n", "\n", StringComparison.Ordinal))
        {
            if (Chord(character) is { } chord)
            {
                yield return chord;
            }
        }
    }

    private static Dictionary<char, KeyChord> Build()
    {
        var chords = new Dictionary<char, KeyChord>
        {
            [' '] = new("spc"), ['\n'] = new("ret"), ['\r'] = new("ret"), ['\t'] = new("tab"),
            ['\b'] = new("backspace"), ['\x1b'] = new("esc"),
        };
        for (char letter = 'a'; letter <= 'z'; letter++)
        {
            chords[letter] = new KeyChord(letter.ToString());
            chords[char.ToUpperInvariant(letter)] = new KeyChord("shift", letter.ToString());
        }
        foreach ((char plain, char shifted, string key) in Symbols)
        {
            chords[plain] = new KeyChord(key);
            chords[shifted] = new KeyChord("shift", key);
        }
        return chords;
    }
}
