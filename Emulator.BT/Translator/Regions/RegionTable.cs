using Emulator.BT.Cache;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// The installed regions of one processor and the links between them. Everything here runs on the processor's thread. A region dies
/// when one of its blocks does: its entries and the links to it are taken away at once, its memory is freed when the
/// dispatcher is next at a point where no region runs.
/// </summary>
internal sealed unsafe class RegionTable : IDisposable
{
    private readonly BlockCache cache;
    private readonly nint unlinked;
    private readonly Dictionary<int, Region> regions = [];
    private readonly Dictionary<nint, List<int>> byBlock = [];
    private readonly List<Region> windows = [];
    private readonly List<Region> dead = [];
    private int numbers;

    /// <summary>Makes an empty table over a block cache; exits that are not linked lead to <paramref name="unlinked"/>.</summary>
    public RegionTable(BlockCache cache, nint unlinked)
    {
        this.cache = cache;
        this.unlinked = unlinked;
        cache.RegionLost = Lose;
    }

    /// <summary>Where computed transfers look.</summary>
    public JumpCache Jumps { get; } = new();

    /// <summary>Live regions.</summary>
    public int Count => regions.Count;

    /// <summary>Bytes of code of the live regions.</summary>
    public long Bytes { get; private set; }

    /// <summary>Guest instructions of the live regions.</summary>
    public long Instructions { get; private set; }

    /// <summary>Regions that died of writes to their code, or of a full cache.</summary>
    public long Invalidated { get; private set; }

    /// <summary>Exits linked.</summary>
    public long Linked { get; private set; }

    /// <summary>Installs compiled code, if the guest's code is still what it was compiled from.</summary>
    /// <returns>False when it came too late; the plan and the code are then disposed.</returns>
    public bool Install(RegionPlan plan, CompiledRegion compiled)
    {
        var region = new Region(plan, compiled, ++numbers, unlinked);
        if (plan.Generation != cache.Resets || plan.Blocks.Exists(b => b.Source->MachineAddress != b.MachineAddress))
        {
            region.Dispose();
            return false;
        }
        regions.Add(numbers, region);
        if (plan.UsesWindow)
        {
            windows.Add(region);
        }
        Bytes += region.Bytes;
        Instructions += plan.Count;
        foreach (PlannedBlock block in plan.Blocks)
        {
            block.Source->InRegion = true;
            if (!byBlock.TryGetValue((nint)block.Source, out List<int>? list))
            {
                byBlock.Add((nint)block.Source, list = []);
            }
            list.Add(numbers);
        }
        for (int n = 0; n < region.EntryCount; n++)
        {
            Block* block = region.EntryBlock(n).Source;
            // An entry in the middle does not replace a region that was made for this block.
            if (n == 0 || block->Entry == null)
            {
                block->Entry = region.Entries + n;
            }
        }
        return true;
    }

    /// <summary>Live regions that use the window.</summary>
    public int Windows => windows.Count;

    /// <summary>A live region by number.</summary>
    public Region? Find(int number) => regions.GetValueOrDefault(number);

    /// <summary>The live region that uses the window and has a host address in its code.</summary>
    public Region? FindByCode(nint address)
    {
        foreach (Region region in windows)
        {
            if (address >= region.Start && address < region.Start + region.Bytes)
            {
                return region;
            }
        }
        return null;
    }

    /// <summary>Drops one region.</summary>
    public void Drop(Region region) => Kill(region.Number);

    /// <summary>Links an exit to the entry behind it, where both agree on the state.</summary>
    public void Link(Slot* exit, Slot* entry)
    {
        if (exit->Entry >= 0 && exit->Target == null)
        {
            // Not an exit: the jump cache's slot of an entry whose page moved.
            return;
        }
        if (!regions.ContainsKey(exit->Region))
        {
            // Of a region that died while it ran: its slots are freed soon.
            return;
        }
        Unlink(exit);
        Linked++;
        exit->Code = entry->Code;
        exit->Entry = entry->Entry;
        exit->Delta = entry->Delta;
        exit->Target = entry;
        exit->Next = entry->Next;
        entry->Next = exit;
    }

    /// <summary>Drops every region.</summary>
    public void Clear()
    {
        foreach (int number in regions.Keys.ToArray())
        {
            Kill(number);
        }
    }

    /// <summary>Frees what died. Only where no region runs.</summary>
    public void Bury()
    {
        if (dead.Count > 0)
        {
            dead.ForEach(r => r.Dispose());
            dead.Clear();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        Bury();
        Jumps.Dispose();
    }

    private void Unlink(Slot* exit)
    {
        if (exit->Target == null)
        {
            return;
        }
        Slot** link = &exit->Target->Next;
        while (*link != exit)
        {
            link = &(*link)->Next;
        }
        *link = exit->Next;
        exit->Target = exit->Next = null;
        exit->Code = unlinked;
        exit->Entry = -1;
        exit->Delta = 0;
    }

    private void Lose(nint block)
    {
        if (block == 0)
        {
            Clear();
        }
        else if (byBlock.TryGetValue(block, out List<int>? list))
        {
            foreach (int number in list.ToArray())
            {
                Kill(number);
            }
        }
    }

    private void Kill(int number)
    {
        Region region = regions[number];
        regions.Remove(number);
        windows.Remove(region);
        Invalidated++;
        Bytes -= region.Bytes;
        Instructions -= region.Plan.Count;
        *region.Plan.DeadCell = 1;
        foreach (PlannedBlock block in region.Plan.Blocks)
        {
            List<int> list = byBlock[(nint)block.Source];
            list.Remove(number);
            if (list.Count == 0)
            {
                byBlock.Remove((nint)block.Source);
                block.Source->InRegion = false;
            }
        }
        for (int n = 0; n < region.EntryCount; n++)
        {
            Slot* entry = region.Entries + n;
            Block* block = region.EntryBlock(n).Source;
            if (block->Entry == entry)
            {
                block->Entry = null;
                block->Heat = 0;
            }
            Jumps.Remove(entry);
            while (entry->Next != null)
            {
                Unlink(entry->Next);
            }
        }
        for (int n = 0; n < region.ExitCount; n++)
        {
            Unlink(region.Exits + n);
        }
        dead.Add(region);
    }
}
