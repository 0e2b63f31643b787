using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>Installed host code with what it refers to. Disposed only when it cannot be running.</summary>
internal sealed unsafe class Region : IDisposable
{
    private readonly CompiledRegion compiled;

    /// <summary>Takes over a plan and its code.</summary>
    public Region(RegionPlan plan, CompiledRegion compiled, int number, nint unlinked)
    {
        Plan = plan;
        Number = number;
        this.compiled = compiled;
        ExitCount = compiled.Exits.Count;
        Exits = compiled.ExitSlots;
        Bytes = compiled.Bytes;
        for (int n = 0; n < ExitCount; n++)
        {
            nint jump = compiled.ExitJumps.Count == 0 ? 0 : compiled.ExitJumps[n];
            Exits[n] = new Slot { Code = unlinked, Rip = compiled.Exits[n], Region = number, Entry = -1, Jump = jump, JumpToSlot = jump == 0 ? 0 : *(int*)jump };
        }
        EntryCount = compiled.Entries.Count;
        // SAFETY: owned here, freed in Dispose; block and jump cache forget the entries before that.
        Entries = (Slot*)NativeMemory.AllocZeroed((nuint)EntryCount, (nuint)sizeof(Slot));
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
            };
        }
    }

    /// <summary>Number in its table.</summary>
    public int Number { get; }

    /// <summary>What it was made of.</summary>
    public RegionPlan Plan { get; }

    /// <summary>Slices that ended in it.</summary>
    public int Samples { get; set; }

    /// <summary>Of a region that uses the window: the host's faults that it may still take.</summary>
    public int Credit { get; set; } = 100;

    /// <summary>Where its code starts; 0 for the IL back end.</summary>
    public nint Start => compiled.Start;

    /// <summary>Bytes of code.</summary>
    public int Bytes { get; }

    /// <summary>Number of exits.</summary>
    public int ExitCount { get; }

    /// <summary>The exits.</summary>
    public Slot* Exits { get; private set; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; }

    /// <summary>The entries.</summary>
    public Slot* Entries { get; private set; }

    /// <summary>Index in the plan of the block of an entry.</summary>
    public PlannedBlock EntryBlock(int entry) => Plan.Blocks[compiled.Entries[entry]];

    /// <inheritdoc/>
    public void Dispose()
    {
        compiled.Dispose();
        NativeMemory.Free(Entries);
        Exits = Entries = null;
        Plan.Dispose();
    }
}
