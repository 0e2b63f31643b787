namespace Emulator.Machine.Config;

/// <summary>The execution tiers that <c>-accel</c> knows.</summary>
public static class Accelerators
{
    /// <summary>The tier when nothing is said.</summary>
    public const string Default = "interp";

    /// <summary>Name and description of every tier of this build, the default one first.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Default, "interpreter over cached decoded blocks (default)"),
    ];
}
