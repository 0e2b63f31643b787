using System.Globalization;

namespace Emulator.Remote.Display;

/// <summary>
/// The bytes that a terminal in raw mode sends, as key chords: characters by the US layout, control characters, and the escape sequences
/// of xterm, VT220 and the Linux console for the keys that have no character. ESC before a character means Alt.
/// Answers to questions that the terminal was asked come the same way and go elsewhere.
/// A lone ESC can only be told from the start of a sequence by silence: call <see cref="Flush"/> when about 50 ms passed without a byte.
/// </summary>
public sealed class TerminalKeyDecoder(Action<KeyChord> sink, TerminalAnswers? answers = null)
{
    private const byte Escape = 0x1B;
    private const int LongestSequence = 32, LongestAnswer = 1024;

    // CSI 1;m X, CSI X and SS3 X by final character.
    private static readonly Dictionary<char, string> FinalKeys = new()
    {
        ['A'] = "up", ['B'] = "down", ['C'] = "right", ['D'] = "left", ['H'] = "home", ['F'] = "end",
        ['P'] = "f1", ['Q'] = "f2", ['R'] = "f3", ['S'] = "f4",
    };

    // CSI n ~ by number.
    private static readonly Dictionary<int, string> NumberedKeys = new()
    {
        [1] = "home", [2] = "insert", [3] = "delete", [4] = "end", [5] = "pgup", [6] = "pgdn", [7] = "home", [8] = "end",
        [11] = "f1", [12] = "f2", [13] = "f3", [14] = "f4", [15] = "f5", [17] = "f6", [18] = "f7", [19] = "f8",
        [20] = "f9", [21] = "f10", [23] = "f11", [24] = "f12",
    };

    private readonly List<byte> pending = [];

    /// <summary>True while an unfinished sequence waits for more bytes or for <see cref="Flush"/>.</summary>
    public bool IsPending => pending.Count > 0;

    /// <summary>Decodes more bytes; finished chords go to the sink at once.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes)
        {
            Feed(value);
        }
    }

    /// <summary>No more bytes came: what waits was the Escape key, then plain characters.</summary>
    public void Flush()
    {
        byte[] waiting = [.. pending];
        pending.Clear();
        if (waiting.Length == 0 || (waiting.Length > 2 && waiting[1] == '_'))
        {
            return;
        }
        if (waiting.Length == 2)
        {
            // ESC [ or ESC O alone is what Alt with that character sends.
            Emit(Character(waiting[1])?.With("alt"));
            return;
        }
        foreach (byte value in waiting)
        {
            Emit(Character(value));
        }
    }

    private void Feed(byte value)
    {
        if (pending.Count == 0)
        {
            if (value == Escape)
            {
                pending.Add(value);
            }
            else
            {
                Emit(Character(value));
            }
            return;
        }
        if (pending.Count == 1)
        {
            StartSequence(value);
            return;
        }
        if (pending.Count == 2 && pending[1] == '_' && value != 'G')
        {
            pending.Clear();
            Emit(Character((byte)'_')?.With("alt"));
            Feed(value);
            return;
        }
        pending.Add(value);
        if (IsFinal(value))
        {
            char[] sequence = [.. pending.Skip(1).Select(b => (char)b)];
            pending.Clear();
            if (sequence[0] == '_')
            {
                answers?.Take(sequence.AsSpan(0, sequence.Length - 2));
            }
            else if (answers is null || !answers.Take(sequence))
            {
                Emit(Sequence(sequence));
            }
        }
        else if (pending.Count > (pending[1] == '_' ? LongestAnswer : LongestSequence))
        {
            pending.Clear();
        }
    }

    private void StartSequence(byte value)
    {
        if (value is (byte)'[' or (byte)'O' or (byte)'_')
        {
            pending.Add(value);
        }
        else if (value == Escape)
        {
            // The first was the key; the second may start a sequence.
            Emit(new KeyChord("esc"));
        }
        else
        {
            pending.Clear();
            Emit(Character(value)?.With("alt"));
        }
    }

    // APC, which only answers come in, ends at ESC \.
    // CSI ends at the first byte from 40 to 7E, but the Linux console's F1-F5 are CSI [ A-E. SS3 takes one byte.
    private bool IsFinal(byte value) =>
        pending[1] == (byte)'_'
            ? value == (byte)'\\' && pending[^2] == Escape
        : pending[1] == (byte)'O'
            ? value is < (byte)'0' or > (byte)';'
            : value is >= 0x40 and <= 0x7E && !(value == (byte)'[' && pending.Count == 3);

    private static KeyChord? Sequence(ReadOnlySpan<char> sequence)
    {
        char final = sequence[^1];
        ReadOnlySpan<char> parameters = sequence[1..^1];
        if (parameters is "[")
        {
            return final is >= 'A' and <= 'E' ? new KeyChord($"f{final - 'A' + 1}") : null;
        }
        if (final == 'Z')
        {
            return new KeyChord("shift", "tab");
        }
        int semicolon = parameters.IndexOf(';');
        ReadOnlySpan<char> first = semicolon < 0 ? parameters : parameters[..semicolon];
        int number = Number(first, 1);
        int modifiers = semicolon < 0 ? 1 : Number(parameters[(semicolon + 1)..], 1);
        string? key = final == '~' ? NumberedKeys.GetValueOrDefault(number) : FinalKeys.GetValueOrDefault(final);
        return key is null ? null : WithModifiers(new KeyChord(key), modifiers - 1);
    }

    private static int Number(ReadOnlySpan<char> digits, int otherwise) =>
        int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    // xterm's modifier parameter less one: 1 shift, 2 Alt, 4 Ctrl.
    private static KeyChord WithModifiers(KeyChord chord, int modifiers)
    {
        chord = (modifiers & 1) != 0 ? chord.With("shift") : chord;
        chord = (modifiers & 2) != 0 ? chord.With("alt") : chord;
        return (modifiers & 4) != 0 ? chord.With("ctrl") : chord;
    }

    private static KeyChord? Character(byte value) => value switch
    {
        0x7F or 0x08 => new KeyChord("backspace"),
        0x09 => new KeyChord("tab"),
        0x0A or 0x0D => new KeyChord("ret"),
        Escape => new KeyChord("esc"),
        0x00 => new KeyChord("ctrl", "spc"),
        >= 0x01 and <= 0x1A => new KeyChord("ctrl", ((char)('a' + value - 1)).ToString()),
        0x1C => new KeyChord("ctrl", "backslash"),
        0x1D => new KeyChord("ctrl", "bracket_right"),
        0x1E => new KeyChord("ctrl", "shift", "6"),
        0x1F => new KeyChord("ctrl", "shift", "minus"),
        < 0x80 => KeyText.Chord((char)value),
        _ => null,
    };

    private void Emit(KeyChord? chord)
    {
        if (chord is not null)
        {
            sink(chord);
        }
    }
}
