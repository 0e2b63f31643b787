namespace Emulator.BT.Cache;

/// <summary>
/// How often translated code at an address was lost because somebody wrote to it: the oftener, the hotter it has to be before it is translated again. Code that a guest patches
/// all the time so stays with the interpreter, for which a patch costs a decoding; and since regions are made of what is hot, the code around it is translated without it.
/// </summary>
public sealed class PatchBackOff
{
    private const int Entries = 4096, MostDoublings = 10;

    // Patches anywhere after which every count is halved: what was patched long ago may be tried again.
    private const int Age = 20_000;

    private readonly (ulong Address, int Count)[] entries = new (ulong, int)[Entries];
    private int patches;

    /// <summary>Executions that make a block hot enough, unless it was lost before; 0: every block is translated at once, always.</summary>
    public int Threshold { get; set; }

    /// <summary>Translated code at a machine address was lost to a write.</summary>
    public void Note(ulong address)
    {
        ref (ulong Address, int Count) entry = ref EntryOf(address);
        entry = entry.Address == address ? (address, entry.Count + 1) : (address, 1);
        if (++patches == Age)
        {
            patches = 0;
            foreach (ref (ulong Address, int Count) e in entries.AsSpan())
            {
                e.Count /= 2;
            }
        }
    }

    /// <summary>The heat with which a block at a machine address begins: 0, or below.</summary>
    public int StartOf(ulong address)
    {
        ref (ulong Address, int Count) entry = ref EntryOf(address);
        // The first time is what loading a program over another looks like.
        return entry.Address != address || entry.Count < 2 ? 0 : Threshold - (Threshold << Math.Min(entry.Count - 1, MostDoublings));
    }

    private ref (ulong Address, int Count) EntryOf(ulong address) => ref entries[(address * 0x9E37_79B9_7F4A_7C15) >> 52];
}
