namespace Emulator.Devices.Input;

/// <summary>How a key behaves in scan code set 3 until the host changes it.</summary>
public enum KeyAction
{
    /// <summary>Repeats while held; no break code.</summary>
    Typematic,

    /// <summary>Make and break, no repeat.</summary>
    MakeBreak,

    /// <summary>Make only.</summary>
    MakeOnly,

    /// <summary>Repeats while held, and a break code; no key's own choice, but command FA's.</summary>
    TypematicMakeBreak,
}

/// <summary>One key: its QEMU name and its codes.</summary>
/// <param name="Name">Name as in QEMU's <c>sendkey</c>.</param>
/// <param name="Set2">Make code in set 2; E0xx for an extended key.</param>
/// <param name="Set3">Make code in set 3, 0 when the key has none.</param>
/// <param name="Action">Behaviour in set 3 after reset.</param>
public sealed record Key(string Name, int Set2, byte Set3 = 0, KeyAction Action = KeyAction.MakeOnly)
{
    /// <summary>True when the key's code has the E0 prefix in sets 1 and 2.</summary>
    public bool IsExtended => Set2 >> 8 == ScanCodes.Extended;

    /// <summary>Make code in set 1, without prefix.</summary>
    public byte Set1 => ScanCodes.ToSet1[Set2 & 0xFF];
}
