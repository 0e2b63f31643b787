using System.Runtime.InteropServices;
using Emulator.Core.Memory;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Where computed transfers (returns, indirect jumps and calls) find the region of their target: a direct-mapped table which translated code reads itself, with all that it needs in
/// half a line of the host's cache. One entry slot may stand in several places: code is found wherever its pages are mapped.
/// </summary>
internal sealed unsafe class JumpCache : IDisposable
{
    /// <summary>Entries.</summary>
    public const int Size = 65536;

    /// <summary>The index is (RIP xor (RIP >> Shift)) mod Size.</summary>
    public const int Shift = 12;

    /// <summary>An entry has 1 &lt;&lt; EntryShift bytes.</summary>
    public const int EntryShift = 5;

    private readonly bool ofHostCode;
    private readonly Slot*[] slots = new Slot*[Size];

    // Of each place the next one of the same slot, plus 1; Slot.Jumps is the first.
    private readonly int[] next = new int[Size];

    /// <summary>Makes an empty table; of host code, or of the slots of IL.</summary>
    public JumpCache(bool ofHostCode)
    {
        this.ofHostCode = ofHostCode;
        // SAFETY: owned here, freed in Dispose; indexed below Size only.
        Table = (JumpEntry*)NativeMemory.AlignedAlloc((nuint)(Size * sizeof(JumpEntry)), HugePages.Size);
        HugePages.Ask((byte*)Table, (ulong)(Size * sizeof(JumpEntry)));
        NativeMemory.Clear(Table, (nuint)(Size * sizeof(JumpEntry)));
    }

    /// <summary>The table.</summary>
    public JumpEntry* Table { get; }

    /// <summary>Enters an entry slot at the RIP where its code lies now.</summary>
    public void Add(Slot* entry, ulong rip)
    {
        int at = (int)((rip ^ (rip >> Shift)) & (Size - 1));
        if (Table[at].Tag != 0)
        {
            Unlist(at);
        }
        bool isFlat = RegionKey.IsFlatCode(entry->Key);
        long slide = isFlat ? (long)(rip - entry->Rip) : 0;
        slots[at] = entry;
        Table[at] = new JumpEntry
        {
            Tag = rip | ((ulong)(uint)entry->Key << 32),
            Target = ofHostCode ? entry->Code : (nint)entry,
            Slide = isFlat ? slide : (long)(entry->CsBase | ((ulong)entry->CsLimit << 32)),
            Delta = entry->Delta - (nint)slide,
        };
        next[at] = entry->Jumps;
        entry->Jumps = at + 1;
    }

    /// <summary>Takes an entry slot out, wherever it stands.</summary>
    public void Remove(Slot* entry)
    {
        for (; entry->Jumps != 0; entry->Jumps = next[entry->Jumps - 1])
        {
            Table[entry->Jumps - 1] = default;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(Table);

    private void Unlist(int at)
    {
        ref int link = ref slots[at]->Jumps;
        while (link != at + 1)
        {
            link = ref next[link - 1];
        }
        link = next[at];
    }
}

/// <summary>An entry of the jump cache; a key is never 0, so an empty one matches nothing.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct JumpEntry
{
    /// <summary>RIP, and the key from bit 32 on.</summary>
    public ulong Tag;

    /// <summary>Host code; with the IL back end the entry's <see cref="Slot"/>.</summary>
    public nint Target;

    /// <summary>Of flat code: <c>CpuState.CodeSlide</c> there. Else base of CS, and its limit from bit 32 on.</summary>
    public long Slide;

    /// <summary>What the shadow read table must hold for RIP's page.</summary>
    public nint Delta;
}
