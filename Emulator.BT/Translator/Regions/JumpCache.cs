using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Where computed transfers (returns, indirect jumps and calls) find the region of their target: a direct-mapped table of
/// (RIP | key &lt;&lt; 32, entry slot), 16 bytes each, which translated code reads itself. One entry slot may stand in several places: code is found wherever its pages are mapped.
/// </summary>
internal sealed unsafe class JumpCache : IDisposable
{
    /// <summary>Entries.</summary>
    public const int Size = 65536;

    /// <summary>The index is (RIP xor (RIP >> Shift)) mod Size.</summary>
    public const int Shift = 12;

    // Of each place the next one of the same slot, plus 1; Slot.Jumps is the first.
    private readonly int[] next = new int[Size];

    /// <summary>Makes an empty table.</summary>
    public JumpCache()
    {
        // SAFETY: owned here, freed in Dispose; indexed below Size only.
        Table = (JumpEntry*)NativeMemory.AlignedAlloc((nuint)(Size * sizeof(JumpEntry)), 64);
        NativeMemory.Clear(Table, (nuint)(Size * sizeof(JumpEntry)));
    }

    /// <summary>The table.</summary>
    public JumpEntry* Table { get; }

    /// <summary>Enters an entry slot at the RIP where its code lies now.</summary>
    public void Add(Slot* entry, ulong rip)
    {
        int at = (int)((rip ^ (rip >> Shift)) & (Size - 1));
        if (Table[at].Slot != null)
        {
            Unlist(at);
        }
        Table[at] = new JumpEntry { Tag = rip | ((ulong)(uint)entry->Key << 32), Slot = entry };
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
        ref int link = ref Table[at].Slot->Jumps;
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
    public ulong Tag;

    public Slot* Slot;
}
