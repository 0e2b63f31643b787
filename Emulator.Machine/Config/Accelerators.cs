namespace Emulator.Machine.Config;

/// <summary>The execution tiers that <c>-accel</c> knows.</summary>
public static class Accelerators
{
    /// <summary>The tier when nothing is said.</summary>
    public const string Default = "translate";

    /// <summary>The tier that only interprets.</summary>
    public const string Interpreter = "interp";

    /// <summary>QEMU's name of a translator, which stands for the default tier.</summary>
    public const string Tcg = "tcg";

    /// <summary>Name and description of every tier of this build, the default one first.</summary>
    public static IReadOnlyList<(string Name, string Description)> All { get; } =
    [
        (Default, "interpreter for cold code, regions compiled to host code for hot code (default)"),
        (Interpreter, "interpreter over cached decoded blocks"),
    ];
}
