namespace Emulator.Mmu;

/// <summary>
/// The windows of both privileges and one in which nothing ever is. They follow the shadow tables: what those lose is noted, and taken
/// out before host code runs again (<see cref="Sync"/>), for host code is the only one that looks here.
/// </summary>
internal sealed unsafe class HostWindows : IDisposable
{
    // Beyond so many pages at once everything goes, by one call.
    private const int MostSingly = 32;

    private readonly HostWindow supervisor, user, nothing;
    private readonly List<uint> stale = [];

    private readonly int* isStale;

    private HostWindows(HostWindow supervisor, HostWindow user, HostWindow nothing, int* isStale)
    {
        this.isStale = isStale;
        this.supervisor = supervisor;
        this.user = user;
        this.nothing = nothing;
    }

    /// <summary>True when <see cref="Sync"/> has something to do.</summary>
    public bool AreStale => stale.Count > 0;

    /// <summary>Pages that it has to look at.</summary>
    public int StaleCount => stale.Count;

    /// <summary>Pages mapped in both.</summary>
    public int Count => supervisor.Count + user.Count;

    /// <summary>Mappings of the host's that both have.</summary>
    public int Mappings => supervisor.Mappings + user.Mappings;

    /// <summary>Windows that the host would not change any more: <see cref="Start"/> is that of the empty one instead.</summary>
    public int Lost => (supervisor.IsLost ? 1 : 0) + (user.IsLost ? 1 : 0);

    /// <summary>Makes windows onto machine memory.</summary>
    /// <param name="file">The file behind it.</param>
    /// <param name="host">Where it is.</param>
    /// <param name="budget">Mappings that it may make.</param>
    /// <param name="isStale">Becomes 1 when <see cref="Sync"/> has something to do; lives as long as the windows.</param>
    /// <returns>Null when the host has not the address space.</returns>
    public static HostWindows? TryMake(int file, byte* host, MappingBudget budget, int* isStale)
    {
        HostWindow? supervisor = HostWindow.TryMake(file, host, budget), user = HostWindow.TryMake(file, host, budget), nothing = HostWindow.TryMake(file, host, budget);
        if (supervisor is not null && user is not null && nothing is not null)
        {
            return new HostWindows(supervisor, user, nothing, isStale);
        }
        supervisor?.Dispose();
        user?.Dispose();
        nothing?.Dispose();
        return null;
    }

    /// <summary>Host address of linear address 0 for a privilege.</summary>
    public nint Start(bool isUser) => (nint)((isUser ? user : supervisor) is { IsLost: false } window ? window : nothing).Start;

    /// <summary>The same where every access has to be looked at.</summary>
    public nint Nothing => (nint)nothing.Start;

    /// <summary>The tables' entry of a page changed otherwise than from nothing.</summary>
    public void Changed(uint page)
    {
        if (supervisor.NoteStale(page) | user.NoteStale(page))
        {
            stale.Add(page);
            *isStale = 1;
        }
    }

    /// <summary>Maps a page that the tables know.</summary>
    /// <returns>False when it cannot be, or is already.</returns>
    public bool TryMap(uint page, bool write, bool isUser, ShadowTables tables)
    {
        HostWindow window = isUser ? user : supervisor;
        return !window.IsMapped(page, write)
            && (isUser ? window.TryMap(page, write, tables.ReadUser, tables.WriteUser) : window.TryMap(page, write, tables.ReadSupervisor, tables.WriteSupervisor));
    }

    /// <summary>Brings the windows in line with the tables.</summary>
    public void Sync(ShadowTables tables)
    {
        int taken = 0;
        foreach (uint page in stale)
        {
            taken += supervisor.Check(page, tables.ReadSupervisor, tables.WriteSupervisor) ? 1 : 0;
            taken += user.Check(page, tables.ReadUser, tables.WriteUser) ? 1 : 0;
            if (taken > MostSingly)
            {
                DropAll();
                break;
            }
        }
        stale.Clear();
        *isStale = 0;
    }

    /// <summary>Takes every page out.</summary>
    public void DropAll()
    {
        supervisor.DropAll();
        user.DropAll();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        supervisor.Dispose();
        user.Dispose();
        nothing.Dispose();
    }
}
