using Emulator.BT.Cache;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// The installed regions of one processor and the links between them. Everything here runs on the processor's thread. A region dies
/// when one of its blocks does: its entries and the links to it are taken away at once, its memory is freed when the
/// dispatcher is next at a point where no region runs.
/// </summary>
internal sealed unsafe class RegionTable : IDisposable
{
    // Entries of one block for different states.
    private const int MostStates = 4;

    private readonly CpuState* cpu;
    private readonly BlockCache cache;
    private readonly nint unlinked, slide, toWritable;
    private readonly Dictionary<int, Region> regions = [];
    private readonly SortedList<nint, Region> byCode = [];
    private readonly List<Region> dead = [];
    private int numbers;

    /// <summary>
    /// Makes an empty table over a block cache; exits that are not linked lead to <paramref name="unlinked"/>, those to a region that was made at another
    /// address to <paramref name="slide"/> first (0: IL, which adds what it slides by itself). Host code is written at <paramref name="toWritable"/> from where it runs.
    /// </summary>
    public RegionTable(CpuState* cpu, BlockCache cache, nint unlinked, nint slide, nint toWritable)
    {
        this.toWritable = toWritable;
        this.cpu = cpu;
        Jumps = new JumpCache(ofHostCode: slide != 0);
        this.cache = cache;
        this.unlinked = unlinked;
        this.slide = slide;
        cache.RegionLost = Lose;
        cache.TooManyRegions = () => DropOldest(Bytes / 4 * 3);
    }

    /// <summary>Where computed transfers look.</summary>
    public JumpCache Jumps { get; }

    /// <summary>Live regions.</summary>
    public int Count => regions.Count;

    /// <summary>Bytes of code of the live regions.</summary>
    public long Bytes { get; private set; }

    /// <summary>Guest instructions of the live regions.</summary>
    public long Instructions { get; private set; }

    /// <summary>Regions that died of writes to their code, or of a full cache.</summary>
    public long Invalidated { get; private set; }

    /// <summary>Regions that made room for newer ones.</summary>
    public long Evicted { get; private set; }

    /// <summary>Exits linked.</summary>
    public long Linked { get; private set; }

    /// <summary>Installs compiled code, if the guest's code is still what it was compiled from.</summary>
    /// <returns>False when it came too late; the plan and the code are then disposed.</returns>
    public bool Install(RegionPlan plan, CompiledRegion compiled)
    {
        if (plan.Generation != cache.Generation || plan.Blocks.Exists(b => b.Source->MachineAddress != b.MachineAddress))
        {
            plan.Dispose();
            compiled.Dispose();
            return false;
        }
        var region = new Region(plan, compiled, ++numbers, unlinked);
        regions.Add(numbers, region);
        if (region.UsesWindow)
        {
            byCode.Add(region.Start, region);
        }
        Bytes += region.Bytes;
        Instructions += region.Count;
        for (int n = 0; n < region.BlockCount; n++)
        {
            BlockUser* user = region.Users + n;
            user->Next = user->Block->Users;
            user->Block->Users = user;
        }
        for (int n = 0; n < region.EntryCount; n++)
        {
            Enter(region.Entries[n].Block, region.Entries + n, isHead: n == 0);
        }
        return true;
    }

    /// <summary>Live regions that use the window.</summary>
    public int Windows => byCode.Count;

    /// <summary>A live region by number.</summary>
    public Region? Find(int number) => regions.GetValueOrDefault(number);

    /// <summary>The live region that uses the window and has a host address in its code.</summary>
    public Region? FindByCode(nint address)
    {
        IList<nint> starts = byCode.Keys;
        int low = 0, high = starts.Count;
        while (low < high)
        {
            int middle = (low + high) >> 1;
            (low, high) = starts[middle] <= address ? (middle + 1, high) : (low, middle);
        }
        Region? region = low == 0 ? null : byCode.Values[low - 1];
        return region != null && address < region.Start + region.Bytes ? region : null;
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
        exit->SlideBy = (long)(exit->Rip - entry->Rip);
        exit->Behind = entry->Code;
        exit->Code = exit->SlideBy == 0 || slide == 0 ? entry->Code : slide;
        if (exit->Jump != 0 && exit->SlideBy == 0)
        {
            *(int*)(exit->Jump + toWritable) = (int)(entry->Code - exit->Jump - sizeof(int));
        }
        exit->Entry = entry->Entry;
        exit->Delta = entry->Delta - (nint)exit->SlideBy;
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

    /// <summary>Drops the regions whose code starts in a part of the host's memory.</summary>
    public void DropWithin(nint start, nint end)
    {
        int[] old = [.. regions.Values.Where(r => r.Start >= start && r.Start < end).Select(r => r.Number)];
        foreach (int number in old)
        {
            Kill(number);
        }
        Evicted += old.Length;
    }

    /// <summary>Drops the oldest regions until the code of the others has so many bytes at most.</summary>
    public void DropOldest(long bytes)
    {
        foreach (int number in regions.Keys.Order().ToArray())
        {
            if (Bytes <= bytes)
            {
                break;
            }
            Kill(number);
            Evicted++;
        }
    }

    /// <summary>Frees what died. Only where no region runs.</summary>
    public void Bury()
    {
        if (dead.Count > 0)
        {
            // A region that died while it ran went on, and its calls were noted.
            cpu->ForgetReturns();
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

    // An entry in the middle does not replace a region that was made for this block. States under which one block runs hot are few; of many the last ones stay.
    private static void Enter(Block* block, Slot* entry, bool isHead)
    {
        int others = 0;
        for (Slot** link = &block->Entry; *link != null;)
        {
            Slot* old = *link;
            if (IsForSameState(old, entry) && !isHead)
            {
                return;
            }
            if (IsForSameState(old, entry) || ++others == MostStates)
            {
                *link = old->Sibling;
                old->Sibling = null;
                continue;
            }
            link = &old->Sibling;
        }
        entry->Sibling = block->Entry;
        block->Entry = entry;
    }

    private static bool IsForSameState(Slot* a, Slot* b) => a->Key == b->Key && a->CsBase == b->CsBase && a->CsLimit == b->CsLimit && (a->Rip == b->Rip || RegionKey.IsFlatCode(a->Key));

    // True when it was one of the block's.
    private static bool Leave(Block* block, Slot* entry)
    {
        for (Slot** link = &block->Entry; *link != null; link = &(*link)->Sibling)
        {
            if (*link == entry)
            {
                *link = entry->Sibling;
                return true;
            }
        }
        return false;
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
        exit->SlideBy = 0;
        if (exit->Jump != 0)
        {
            *(int*)(exit->Jump + toWritable) = exit->JumpToSlot;
        }
        exit->Entry = -1;
        exit->Delta = 0;
    }

    private void Lose(nint block)
    {
        if (block == 0)
        {
            Clear();
        }
        else
        {
            while (((Block*)block)->Users != null)
            {
                Kill(((Block*)block)->Users->Region);
            }
        }
    }

    private void Kill(int number)
    {
        Region region = regions[number];
        regions.Remove(number);
        if (region.UsesWindow)
        {
            byCode.Remove(region.Start);
        }
        Invalidated++;
        Bytes -= region.Bytes;
        Instructions -= region.Count;
        region.MarkDead();
        cpu->ForgetReturns();
        for (int n = 0; n < region.BlockCount; n++)
        {
            BlockUser* user = region.Users + n;
            BlockUser** link = &user->Block->Users;
            while (*link != user)
            {
                link = &(*link)->Next;
            }
            *link = user->Next;
        }
        for (int n = 0; n < region.EntryCount; n++)
        {
            Slot* entry = region.Entries + n;
            Block* block = entry->Block;
            if (Leave(block, entry))
            {
                block->Heat = 0;
                block->AskAt = cache.AskAt;
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
