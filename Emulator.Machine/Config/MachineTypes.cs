namespace Emulator.Machine.Config;

/// <summary>The boards that <c>-M</c> knows.</summary>
public static class MachineTypes
{
    /// <summary>The board when nothing is said.</summary>
    public const string Default = "pc";

    /// <summary>The board without PCI, and so without power management and ACPI.</summary>
    public const string IsaPc = "isapc";

    /// <summary>Name and description of every board, the default one first.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Default, "Standard PC (i440FX + PIIX, 1996) (default)"),
        (IsaPc, "ISA-only PC"),
    ];
}
