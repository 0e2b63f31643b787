using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.Core.Memory;

namespace Emulator.BT.Cache;

/// <summary>
/// The arena of the blocks: pieces of 64 bytes, handed out in order and from lists of free ones. A full arena ages: what hardly ran since the last time goes, what is translated
/// stays, so that a guest with much code does not lose its hot code at each turn.
/// </summary>
public sealed unsafe partial class BlockCache
{
    // A block that ran so seldom since the last ageing goes; an ageing that frees less than a quarter of the arena takes all that is not translated.
    private const int FewRuns = 4;

    // One in so many bytes of the arena that is alive is not worth a pass over it.
    private const int LittleAlive = 64;

    private static readonly int SmallestPieces = PiecesOf(1), MostPieces = PiecesOf(MaxInsns);

    // Chains of free blocks by size in pieces; what is larger than any block stands under the last.
    private readonly nint[] free = new nint[MostPieces + 1];
    private int used, freeBytes, deadBytes;

    /// <summary>Times that the arena was full and what had hardly run was dropped.</summary>
    public long Agings { get; private set; }

    private static int PiecesOf(int insns) => (sizeof(Block) + ((insns + 1) * sizeof(Insn)) + 63) / 64;

    // A new block's place in the arena, with all that it holds.
    private Block* Keep(Block* made)
    {
        int pieces = PiecesOf(made->Count);
        Block* block = Take(pieces);
        if (block == null)
        {
            Age();
            block = Take(pieces);
        }
        int taken = block->Pieces;
        *block = *made;
        block->Pieces = taken;
        block->First = (Insn*)(block + 1);
        NativeMemory.Copy(made->First, block->First, (nuint)((made->Count + 1) * sizeof(Insn)));
        return block;
    }

    private Block* Take(int pieces)
    {
        for (int size = pieces; size <= MostPieces && freeBytes > 0; size++)
        {
            var block = (Block*)free[size];
            if (block == null)
            {
                continue;
            }
            free[size] = (nint)block->HashNext;
            freeBytes -= block->Pieces * 64;
            int rest = block->Pieces - pieces;
            if (rest >= SmallestPieces)
            {
                block->Pieces = pieces;
                Release((Block*)((byte*)block + (pieces * 64)), rest);
            }
            return block;
        }
        if (used + (pieces * 64) > arenaBytes)
        {
            return null;
        }
        var next = (Block*)(arena + used);
        used += pieces * 64;
        next->Pieces = pieces;
        return next;
    }

    private void Release(Block* block, int pieces)
    {
        int list = Math.Min(pieces, MostPieces);
        block->Pieces = pieces;
        block->MachineAddress = Block.Free;
        block->HashNext = (Block*)free[list];
        free[list] = (nint)block;
        freeBytes += pieces * 64;
    }

    /// <summary>Drops the blocks that hardly ran since the last time; if those are few, all that no region is made of; if those are few too, regions with what they are made of; if all that is
    /// little, everything.</summary>
    public void Age()
    {
        if (used - freeBytes - deadBytes < arenaBytes / LittleAlive)
        {
            // A guest that writes code all the time: what is alive is sooner decoded again than a pass is through.
            Reset();
            return;
        }
        Agings++;
        Generation++;
        if (Sweep(FewRuns) >= arenaBytes / 4 || Sweep(int.MaxValue) >= arenaBytes / 8)
        {
            return;
        }
        TooManyRegions?.Invoke();
        if (Sweep(int.MaxValue) < arenaBytes / 8)
        {
            // The next pass would come too soon.
            Reset();
        }
    }

    // Lists are made anew of what stays; neighbours that are free become one. Returns the bytes that are free.
    private int Sweep(int leastRuns)
    {
        var listed = new List<ulong>();
        for (ulong page = 0; page < memory.Capacity >> 12; page++)
        {
            if (pages[page] != null)
            {
                listed.Add(page);
                pages[page] = null;
            }
        }
        NativeMemory.Clear(buckets, (nuint)((1 << HashBits) * sizeof(nint)));
        for (Block* block = FirstInArena(); block != null; block = NextInArena(block))
        {
            bool isLive = block->MachineAddress is not (Block.Dead or Block.Free);
            if (isLive && block->Users == null && (long)block->Heat - block->AgedHeat < leastRuns)
            {
                block->MachineAddress = Block.Dead;
            }
        }
        for (Block* block = FirstInArena(); block != null; block = NextInArena(block))
        {
            if (block->MachineAddress is Block.Dead or Block.Free)
            {
                continue;
            }
            block->AgedHeat = block->Heat;
            if (block->Successor1 != null && block->Successor1->MachineAddress == Block.Dead)
            {
                block->Successor1 = null;
            }
            if (block->Successor0 != null && block->Successor0->MachineAddress == Block.Dead)
            {
                block->Successor0 = null;
            }
            Enlist(block);
        }
        foreach (ulong page in listed)
        {
            memory.SetCodeGranules(page, GranulesOf(page));
        }
        return MergeFree();
    }

    private Block* FirstInArena() => used == 0 ? null : (Block*)arena;

    private Block* NextInArena(Block* block)
    {
        byte* next = (byte*)block + (block->Pieces * 64);
        return next < arena + used ? (Block*)next : null;
    }

    private ulong GranulesOf(ulong page)
    {
        ulong granules = 0;
        for (Block* block = pages[page]; block != null;)
        {
            int inFirst = BytesInFirstPage(block);
            bool isFirst = block->MachineAddress >> 12 == page;
            granules |= isFirst ? PhysicalMemory.GranuleMask(block->MachineAddress, inFirst) : PhysicalMemory.GranuleMask(block->SecondPage, block->Length - inFirst);
            block = isFirst ? block->PageNext : block->SecondPageNext;
        }
        return granules;
    }

    private int MergeFree()
    {
        Array.Clear(free);
        freeBytes = deadBytes = 0;
        Block* start = null;
        for (Block* block = FirstInArena(); block != null;)
        {
            Block* next = NextInArena(block);
            bool isFree = block->MachineAddress is Block.Dead or Block.Free;
            start = isFree && start == null ? block : start;
            if (start != null && (!isFree || next == null))
            {
                byte* end = isFree ? arena + used : (byte*)block;
                Release(start, (int)(end - (byte*)start) / 64);
                start = null;
            }
            block = next;
        }
        return freeBytes + arenaBytes - used;
    }
}
