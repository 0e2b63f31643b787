using Emulator.Core.Backends;

namespace Emulator.Remote.Display;

/// <summary>Keys that are pressed in order and released in reverse, in QEMU's <c>sendkey</c> names.</summary>
public sealed class KeyChord(params string[] keys) : IEquatable<KeyChord>
{
    /// <summary>The keys in the order of pressing: modifiers first.</summary>
    public IReadOnlyList<string> Keys { get; } = keys;

    /// <summary>The same chord with <paramref name="modifier"/> held too; itself when it already is.</summary>
    public KeyChord With(string modifier) => Keys.Contains(modifier) ? this : new KeyChord([modifier, .. Keys]);

    /// <summary>Presses and releases the keys.</summary>
    public void Strike(IKeyboardSink keyboard)
    {
        foreach (string key in Keys)
        {
            keyboard.Key(key, true);
        }
        foreach (string key in Keys.Reverse())
        {
            keyboard.Key(key, false);
        }
    }

    /// <inheritdoc/>
    public bool Equals(KeyChord? other) => other is not null && Keys.SequenceEqual(other.Keys);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as KeyChord);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>As <c>sendkey</c> takes it: <c>ctrl-alt-delete</c>.</summary>
    public override string ToString() => string.Join('-', Keys);
}
