using System.Runtime.InteropServices;
using Emulator.BT.Translator.Il;

namespace Emulator.BT.Translator.Regions;

/// <summary>Installed host code with what it refers to. Disposed only when it cannot be running.</summary>
internal sealed unsafe class Region : IDisposable
{
    private CompiledRegion? compiled;

    /// <summary>Takes over a plan and its code.</summary>
    public Region(RegionPlan plan, CompiledRegion compiled, int number)
    {
        Plan = plan;
        this.compiled = compiled;
        ExitCount = compiled.Exits.Count;
        Exits = compiled.ExitSlots;
        IlBytes = compiled.IlBytes;
        for (int n = 0; n < ExitCount; n++)
        {
            Exits[n] = new Slot { Code = Unlinked, Rip = compiled.Exits[n], Region = number, Entry = -1 };
        }
        EntryCount = compiled.Entries.Count;
        // SAFETY: owned here, freed in Dispose; block and jump cache forget the entries before that.
        Entries = (Slot*)NativeMemory.AllocZeroed((nuint)EntryCount, (nuint)sizeof(Slot));
        for (int n = 0; n < EntryCount; n++)
        {
            PlannedBlock block = plan.Blocks[compiled.Entries[n]];
            Entries[n] = new Slot
            {
                Code = compiled.Code,
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

    /// <summary>Where exits lead that are not linked.</summary>
    public static nint Unlinked => (nint)(delegate*<Core.Cpu.CpuState*, Slot*, int>)&RegionRuntime.Unlinked;

    /// <summary>What it was made of.</summary>
    public RegionPlan Plan { get; }

    /// <summary>Bytes of IL that it was compiled from.</summary>
    public int IlBytes { get; }

    /// <summary>Number of exits.</summary>
    public int ExitCount { get; }

    /// <summary>The exits.</summary>
    public Slot* Exits { get; private set; }

    /// <summary>Number of entries.</summary>
    public int EntryCount { get; }

    /// <summary>The entries.</summary>
    public Slot* Entries { get; private set; }

    /// <summary>Index in the plan of the block of an entry.</summary>
    public PlannedBlock EntryBlock(int entry) => Plan.Blocks[compiled!.Entries[entry]];

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Exits);
        NativeMemory.Free(Entries);
        Exits = Entries = null;
        Plan.Dispose();
        compiled = null;
    }
}
