namespace Emulator.Core.Backends;

/// <summary>Where key presses go. Keys have QEMU's <c>sendkey</c> names (<c>a</c>, <c>ret</c>, <c>ctrl</c>, <c>f1</c> ...).</summary>
public interface IKeyboardSink
{
    /// <summary>True when <paramref name="name"/> is a key of this keyboard.</summary>
    bool Knows(string name);

    /// <summary>Presses or releases the key; unknown names are ignored.</summary>
    void Key(string name, bool down);
}

/// <summary>Where mouse movement goes.</summary>
public interface IMouseSink
{
    /// <summary>Moves by mickeys (x right, y down), turns the wheel (down is positive), sets buttons (bit 0 left, 1 right, 2 middle).</summary>
    void Mouse(int dx, int dy, int wheel, int buttons);
}
