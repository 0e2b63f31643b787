using System.Runtime.InteropServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Installed code with what it refers to. Disposed only when it cannot be running. There are tens of thousands of them: of the plan nothing stays but what code of the IL back end names.
/// </summary>
internal sealed unsafe class Region : IDisposable
{
    private readonly CompiledRegion compiled;
    private readonly RegionPlan? copies;
    private int* dead;

    /// <summary>Takes over a plan and its code.</summary>
    public Region(RegionPlan plan, CompiledRegion compiled, int number, nint unlinked)
    {
        Number = number;
        Count = plan.Count;
        UsesWindow = plan.UsesWindow;
        Overlaps = plan.Overlaps;
        this.compiled = compiled;
        dead = plan.TakeDeadCell();
        ExitCount = compiled.Exits.Count;
        for (int n = 0; n < ExitCount; n++)
        {
            nint jump = compiled.ExitJumps.Count == 0 ? 0 : compiled.ExitJumps[n];
            Exits[n] = new Slot { Code = unlinked, Rip = compiled.Exits[n], Region = number, Entry = -1, Jump = jump, JumpToSlot = jump == 0 ? 0 : *(int*)jump };
        }
        EntryCount = compiled.Entries.Count;
        BlockCount = plan.Blocks.Count;
        // SAFETY: owned here, freed in Dispose; block and jump cache forget the entries before that, and the blocks their users.
        Entries = (Slot*)NativeMemory.AllocZeroed((nuint)((EntryCount * sizeof(Slot)) + (BlockCount * sizeof(BlockUser))));
        Users = (BlockUser*)(Entries + EntryCount);
        for (int n = 0; n < BlockCount; n++)
        {
            Users[n] = new BlockUser { Block = plan.Blocks[n].Source, Region = number };
        }
        for (int n = 0; n < EntryCount; n++)
        {
            PlannedBlock block = plan.Blocks[compiled.Entries[n]];
            Entries[n] = new Slot
            {
                Code = compiled.EntryCodes[n],
                Delta = block.Delta,
                Rip = block.Rip,
                Entry = n,
                Key = plan.Key,
                CsBase = plan.CsBase,
                CsLimit = plan.CsLimit,
                Region = number,
                Block = block.Source,
            };
        }
        if (compiled.Start == 0)
        {
            copies = plan;
        }
        else
        {
            plan.Dispose();
        }
    }

    /// <summary>Number in its table.</summary>
    public int Number { get; }

    /// <summary>Guest instructions.</summary>
    public int Count { get; }

    /// <summary>True when memory is reached through the window that the host's MMU keeps.</summary>
    public bool UsesWindow { get; }

    /// <summary>True when it holds blocks that are in other regions too.</summary>
    public bool Overlaps { get; }

    /// <summary>Slices that ended in it.</summary>
    public int Samples { get; set; }

    /// <summary>Of a region that uses the window: the host's faults that it may still take.</summary>
    public int Credit { get; set; } = 100;

    /// <summary>Where its code starts; 0 for the IL back end.</summary>
    public nint Start => compiled.Start;

    /// <summary>Bytes of code.</summary>
    public int Bytes => compiled.Bytes;

    /// <summary>Number of exits.</summary>
    public int ExitCount { get; }

    /// <summary>The exits.</summary>
    public Slot* Exits => compiled.ExitSlots;

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; }

    /// <summary>The entries.</summary>
    public Slot* Entries { get; private set; }

    /// <summary>Number of blocks.</summary>
    public int BlockCount { get; }

    /// <summary>Its blocks, each with the other regions that have it.</summary>
    public BlockUser* Users { get; private set; }

    /// <summary>Tells the code that the guest's code has changed under it.</summary>
    public void MarkDead() => *dead = 1;

    /// <inheritdoc/>
    public void Dispose()
    {
        compiled.Dispose();
        NativeMemory.Free(Entries);
        NativeMemory.Free(dead);
        Entries = null;
        Users = null;
        dead = null;
        copies?.Dispose();
    }
}
