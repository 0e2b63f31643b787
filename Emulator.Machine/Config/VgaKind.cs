namespace Emulator.Machine.Config;

/// <summary>Display adapters.</summary>
public enum VgaKind
{
    /// <summary>No display adapter.</summary>
    None,

    /// <summary>VGA with Bochs VBE extensions (PCI 1234:1111).</summary>
    Std,
}
