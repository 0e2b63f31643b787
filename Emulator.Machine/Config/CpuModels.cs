namespace Emulator.Machine.Config;

/// <summary>A processor that <c>-cpu</c> knows.</summary>
/// <param name="Name">Canonical name.</param>
/// <param name="Aliases">Other names it answers to.</param>
/// <param name="Description">One line for <c>-cpu help</c>.</param>
public sealed record CpuModel(string Name, IReadOnlyList<string> Aliases, string Description);

/// <summary>The processors that <c>-cpu</c> knows.</summary>
public static class CpuModels
{
    /// <summary>The model when nothing is said.</summary>
    public const string Default = "pentium2";

    /// <summary>Every model, the default one first.</summary>
    public static IReadOnlyList<CpuModel> All { get; } =
    [
        new(Default, ["qemu32", "max"], "Pentium II: i686 with x87, PAE and large pages"),
        new("pentium", [], "Pentium: i586 with x87 and 4 MiB pages"),
        new("486", [], "80486DX: i486 with x87"),
    ];

    /// <summary>The model of that name or alias, or null.</summary>
    public static CpuModel? Find(string name) => All.FirstOrDefault(m => m.Name == name || m.Aliases.Contains(name));
}
