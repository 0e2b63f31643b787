using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Where computed transfers (returns, indirect jumps and calls) find the region of their target: a direct-mapped table of
/// (RIP | key &lt;&lt; 32, entry slot), 16 bytes each, which translated code reads itself.
/// </summary>
internal sealed unsafe class JumpCache : IDisposable
{
    /// <summary>Entries.</summary>
    public const int Size = 4096;

    /// <summary>The index is (RIP xor (RIP >> Shift)) mod Size.</summary>
    public const int Shift = 12;

    /// <summary>Makes an empty table.</summary>
    public JumpCache()
    {
        // SAFETY: owned here, freed in Dispose; indexed by 12 bits only.
        Table = (JumpEntry*)NativeMemory.AlignedAlloc((nuint)(Size * sizeof(JumpEntry)), 64);
        Clear();
    }

    /// <summary>The table.</summary>
    public JumpEntry* Table { get; }

    /// <summary>Enters an entry slot.</summary>
    public void Add(Slot* entry) => *At(entry->Rip) = new JumpEntry { Tag = Tag(entry), Slot = entry };

    /// <summary>Takes an entry slot out.</summary>
    public void Remove(Slot* entry)
    {
        JumpEntry* at = At(entry->Rip);
        if (at->Slot == entry)
        {
            *at = default;
        }
    }

    /// <summary>Takes everything out.</summary>
    public void Clear() => NativeMemory.Clear(Table, (nuint)(Size * sizeof(JumpEntry)));

    /// <inheritdoc/>
    public void Dispose() => NativeMemory.AlignedFree(Table);

    private static ulong Tag(Slot* entry) => entry->Rip | ((ulong)(uint)entry->Key << 32);

    private JumpEntry* At(ulong rip) => Table + ((rip ^ (rip >> Shift)) & (Size - 1));
}

/// <summary>An entry of the jump cache; a key is never 0, so an empty one matches nothing.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct JumpEntry
{
    public ulong Tag;

    public Slot* Slot;
}
