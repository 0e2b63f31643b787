namespace Emulator.Mmu;

/// <summary>
/// How many mappings of the host's the windows of one processor may make together. A process that has as many as the host allows cannot get memory any more, and the
/// runtime dies of that; so the windows keep to a part of what is free when they are opened.
/// </summary>
/// <param name="limit">Most mappings.</param>
internal sealed class MappingBudget(int limit)
{
    // Linux' default, where it does not tell.
    private const int UsualLimit = 65530;

    // A mapping costs the host 200 bytes; more than this the shadow tables' entries would hardly fill.
    private const int Most = 1 << 16;

    /// <summary>Mappings that one change of a window can add: a piece in the middle of another.</summary>
    public const int MostByOne = 2;

    /// <summary>Most mappings.</summary>
    public int Limit => limit;

    /// <summary>Mappings made: what the windows have beyond one each.</summary>
    public int Used { get; private set; }

    /// <summary>True when one more change is within it.</summary>
    public bool HasRoom => Used + MostByOne <= limit;

    /// <summary>Half of what the process may still map now (<c>vm.max_map_count</c>): the other half is the runtime's.</summary>
    public static MappingBudget OfHost()
    {
        int most = UsualLimit, present = 0;
        try
        {
            most = int.TryParse(File.ReadAllText("/proc/sys/vm/max_map_count"), out int told) ? told : UsualLimit;
            present = File.ReadLines("/proc/self/maps").Count();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A host without /proc has the usual limit.
        }
        return new MappingBudget(Math.Clamp((most - present) / 2, 0, Most));
    }

    /// <summary>Windows have more mappings by so many, or fewer.</summary>
    public void Add(int mappings) => Used += mappings;
}
