using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.BT.Cache;

/// <summary>
/// Decoded blocks by machine address and mode, in an arena of unmanaged memory. Writes to code are reported by
/// <see cref="PhysicalMemory"/> and kill exactly the blocks whose bytes they touch: every instruction of a dead block is made to
/// leave the block before it runs, so a block may die while it runs.
/// </summary>
public sealed unsafe partial class BlockCache : IDisposable
{
    /// <summary>Most instructions in a block.</summary>
    public const int MaxInsns = 64;

    private const int HashBits = 18;
    private const ulong LeastArenaBytes = 16 << 20, MostArenaBytes = 96 << 20;
    private static readonly int MaxBlockBytes = sizeof(Block) + ((MaxInsns + 1) * sizeof(Insn));

    private readonly PhysicalMemory memory;
    private readonly InsnDecoder decoder;
    private readonly Mmu.Mmu mmu;
    private readonly Block** buckets;
    private readonly Block** pages;
    private readonly byte* arena;
    private readonly int arenaBytes;
    private readonly Block* scratch;
    private readonly Block* fresh;

    /// <summary>Makes an empty cache with so many bytes for blocks (room for a hundred at least); null: a fifth of the guest's memory, 16 to 96 MiB.</summary>
    public BlockCache(PhysicalMemory memory, Mmu.Mmu mmu, CpuModel model, int? arenaBytes = null)
    {
        this.arenaBytes = arenaBytes ?? (int)Math.Clamp(memory.Capacity / 5, LeastArenaBytes, MostArenaBytes);
        this.memory = memory;
        this.mmu = mmu;
        decoder = new InsnDecoder(model);
        // SAFETY: all five are owned here and freed in Dispose; buckets is indexed by HashBits bits, pages by machine page,
        // and the arena is handed out in pieces of at most MaxBlockBytes that are checked against its end.
        buckets = (Block**)NativeMemory.AllocZeroed(1 << HashBits, (nuint)sizeof(nint));
        pages = (Block**)NativeMemory.AllocZeroed((nuint)(memory.Capacity >> 12), (nuint)sizeof(nint));
        arena = (byte*)NativeMemory.AlignedAlloc((nuint)this.arenaBytes, 64);
        fresh = (Block*)NativeMemory.AllocZeroed((nuint)MaxBlockBytes);
        scratch = (Block*)NativeMemory.AllocZeroed((nuint)(sizeof(Block) + (2 * sizeof(Insn))));
        memory.CodeWritten = Invalidate;
    }

    /// <summary>Blocks decoded since the start.</summary>
    public long Decoded { get; private set; }

    /// <summary>Blocks killed by writes.</summary>
    public long Invalidated { get; private set; }

    /// <summary>Times that the arena was full and everything was dropped.</summary>
    public long Resets { get; private set; }

    /// <summary>Bytes of the arena in use.</summary>
    public int UsedBytes => used - freeBytes;

    /// <summary>Counts what takes blocks away other than writes to them: no pointer to a block outlives a change.</summary>
    public long Generation { get; private set; }

    /// <summary>What of translated code is patched often.</summary>
    public PatchBackOff Patches { get; } = new();

    /// <summary>Runs of a block in the interpreter after which it asks to be translated.</summary>
    public int AskAt { get; set; } = int.MaxValue;

    /// <summary>Called with each block that dies and is part of a region, and once with null when all are dropped.</summary>
    public Action<nint>? RegionLost { get; set; }

    /// <summary>Called when too many blocks stay only because regions are made of them: some have to go.</summary>
    public Action? TooManyRegions { get; set; }

    /// <summary>Called with each new block, for <c>-d in_asm</c>.</summary>
    public Action<ulong, int>? BlockDecoded { get; set; }

    /// <summary>The cached block at a machine address, or null.</summary>
    public Block* Find(ulong machineAddress, int mode)
    {
        for (Block* b = buckets[Bucket(machineAddress)]; b != null; b = b->HashNext)
        {
            if (b->MachineAddress == machineAddress && b->Mode == mode)
            {
                return b;
            }
        }
        return null;
    }

    /// <summary>
    /// Decodes the block at RIP, which lies at a machine address in memory. May drop the whole cache, so that no other block
    /// pointer survives the call.
    /// </summary>
    /// <returns>Null when the guest takes a page fault on the second page of the first instruction.</returns>
    public Block* Decode(CpuState* cpu, ulong machineAddress, int mode)
    {
        Block* block = fresh;
        *block = new Block { MachineAddress = machineAddress, Mode = mode, First = (Insn*)(block + 1), MayLink = true };
        byte* code = memory.Host + machineAddress;
        int room = 0x1000 - (int)(machineAddress & 0xFFF);
        ulong toLimit = cpu->Segments[Seg.CS].Limit - cpu->Rip + 1;
        room = (int)Math.Min((ulong)room, toLimit == 0 ? ulong.MaxValue : toLimit);
        int most = (mode & Block.SingleStep) != 0 ? 1 : MaxInsns;
        BlockEnd ends = BlockEnd.No;
        while (block->Count < most && ends == BlockEnd.No)
        {
            DecodeResult result = decoder.Decode(
                code + block->Length, room - block->Length, mode & 3, cpu->Rip + (ulong)block->Length, block->Length, out Insn i, out ends);
            if (result == DecodeResult.NeedsMore)
            {
                if (block->Count == 0)
                {
                    return DecodeAcross(cpu, block, code, room);
                }
                ends = BlockEnd.No;
                break;
            }
            block->First[block->Count++] = i;
            block->Length += i.Length;
        }
        if (ends != BlockEnd.Branch && ends != BlockEnd.No)
        {
            block->MayLink = false;
        }
        block->Flow = ends == BlockEnd.No ? BlockFlow.Next : decoder.LastFlow;
        return Enter(block);
    }

    /// <summary>
    /// Decodes one instruction that is not in memory (code in a device or a hole) or whose bytes end at the limit of CS; the result
    /// is valid until the next call.
    /// </summary>
    /// <returns>Null when the guest takes a fault.</returns>
    public Block* DecodeUncached(CpuState* cpu, ulong linear, int mode)
    {
        byte* bytes = stackalloc byte[15];
        ulong toLimit = cpu->Segments[Seg.CS].Limit - cpu->Rip;
        int limit = (int)Math.Min(15, toLimit + 1), got = 0;
        while (got < limit)
        {
            if (!mmu.Translate((uint)(linear + (ulong)got), write: false, cpu->Cpl == 3, out ulong pa))
            {
                break;
            }
            bytes[got++] = (byte)memory.ReadValue(pa, 1);
        }
        int pending = cpu->FaultVector;
        cpu->FaultVector = -1;
        *scratch = new Block { MachineAddress = Block.Dead, Mode = mode, AskAt = int.MaxValue, First = (Insn*)(scratch + 1), Count = 1 };
        if (decoder.Decode(bytes, got, mode & 3, cpu->Rip, 0, out Insn i, out _) == DecodeResult.NeedsMore)
        {
            cpu->FaultVector = pending >= 0 ? pending : Vector.GP;
            cpu->FaultErrorCode = pending >= 0 ? cpu->FaultErrorCode : 0;
            return null;
        }
        scratch->First[0] = i;
        scratch->Length = i.Length;
        Terminate(scratch);
        return scratch;
    }

    /// <summary>Drops every block.</summary>
    public void Reset()
    {
        Resets++;
        Generation++;
        RegionLost?.Invoke(0);
        NativeMemory.Clear(buckets, (nuint)((1 << HashBits) * sizeof(nint)));
        for (ulong page = 0; page < memory.Capacity >> 12; page++)
        {
            if (pages[page] != null)
            {
                pages[page] = null;
                memory.SetCodeGranules(page, 0);
            }
        }
        used = freeBytes = deadBytes = 0;
        Array.Clear(free);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(buckets);
        NativeMemory.Free(pages);
        NativeMemory.AlignedFree(arena);
        NativeMemory.Free(scratch);
        NativeMemory.Free(fresh);
    }

    private static int Bucket(ulong machineAddress) => (int)((machineAddress * 0x9E37_79B9_7F4A_7C15) >> (64 - HashBits));

    private Block* DecodeAcross(CpuState* cpu, Block* block, byte* code, int room)
    {
        ulong second = (uint)(cpu->Segments[Seg.CS].Base + cpu->Rip + (ulong)room);
        if ((second & 0xFFF) != 0 || !mmu.TranslateFetch(second, out ulong secondAddress, out bool inMemory) || !inMemory)
        {
            // The limit of CS, a page fault or a device: exact handling, one instruction, not kept.
            return cpu->FaultVector >= 0 ? null : DecodeUncached(cpu, cpu->Segments[Seg.CS].Base + cpu->Rip, block->Mode);
        }
        byte* bytes = stackalloc byte[16];
        Buffer.MemoryCopy(code, bytes, 16, room);
        ulong toLimit = cpu->Segments[Seg.CS].Limit - cpu->Rip;
        int more = (int)Math.Min((ulong)(15 - room), toLimit + 1 - (ulong)room);
        Buffer.MemoryCopy(memory.Host + secondAddress, bytes + room, 16 - room, more);
        if (decoder.Decode(bytes, room + more, block->Mode & 3, cpu->Rip, 0, out Insn i, out BlockEnd ends) == DecodeResult.NeedsMore)
        {
            return DecodeUncached(cpu, cpu->Segments[Seg.CS].Base + cpu->Rip, block->Mode);
        }
        block->First[0] = i;
        block->Flow = ends == BlockEnd.No ? BlockFlow.Next : decoder.LastFlow;
        block->Count = 1;
        block->Length = i.Length;
        block->MayLink = false;
        block->SecondPage = secondAddress;
        return Enter(block);
    }

    private Block* Enter(Block* block)
    {
        Terminate(block);
        block = Keep(block);
        Decoded++;
        ulong ma = block->MachineAddress;
        block->Heat = Patches.StartOf(ma);
        block->AgedHeat = block->Heat;
        block->AskAt = (block->Mode & Block.SingleStep) != 0 ? int.MaxValue : AskAt;
        int inFirst = BytesInFirstPage(block);
        Enlist(block);
        Mark(ma, inFirst);
        if (block->SecondPage != 0)
        {
            Mark(block->SecondPage, block->Length - inFirst);
        }
        BlockDecoded?.Invoke(ma, block->Length);
        return block;
    }

    // Of the hash table and of its pages.
    private void Enlist(Block* block)
    {
        ulong page = block->MachineAddress >> 12;
        block->PageNext = pages[page];
        pages[page] = block;
        if (block->SecondPage != 0)
        {
            ulong second = block->SecondPage >> 12;
            block->SecondPageNext = pages[second];
            pages[second] = block;
        }
        int bucket = Bucket(block->MachineAddress);
        block->HashNext = buckets[bucket];
        buckets[bucket] = block;
    }

    private static int BytesInFirstPage(Block* block) => Math.Min(block->Length, 0x1000 - (int)(block->MachineAddress & 0xFFF));

    private void Mark(ulong ma, int length)
    {
        if (memory.MarkCode(ma, length))
        {
            mmu.ProtectMachinePage(ma >> 12);
        }
    }

    // After the last instruction: go on at the next one, unless that one already left.
    private static void Terminate(Block* block) =>
        block->First[block->Count] = new Insn { Handler = &Fallthrough, Offset = (ushort)block->Length };

    private static bool Fallthrough(CpuState* cpu, Insn* i)
    {
        cpu->Rip = cpu->BlockRip + i->Offset;
        return false;
    }

    // What every instruction of a dead block does: leave before it runs, and give back what did not run. Only the terminator has
    // no length. The rest of the record stays: the instruction that killed its own block may still read it (a CALL's target).
    private static bool Stale(CpuState* cpu, Insn* i)
    {
        cpu->Rip = cpu->BlockRip + i->Offset;
        for (; i->Length != 0; i++)
        {
            cpu->Budget++;
        }
        return false;
    }

    private void Invalidate(ulong ma, int length)
    {
        ulong page = ma >> 12, granules = 0;
        Block** link = &pages[page];
        while (*link != null)
        {
            Block* block = *link;
            bool firstPage = block->MachineAddress >> 12 == page && block->MachineAddress != Block.Dead;
            int inFirst = Math.Min(block->Length, 0x1000 - (int)(block->MachineAddress & 0xFFF));
            ulong start = firstPage ? block->MachineAddress : block->SecondPage;
            int bytes = firstPage ? inFirst : block->Length - inFirst;
            Block** next = firstPage ? &block->PageNext : &block->SecondPageNext;
            bool dead = block->MachineAddress == Block.Dead;
            if (dead || (start < ma + (ulong)length && ma < start + (ulong)bytes))
            {
                *link = *next;
                if (!dead)
                {
                    Kill(block);
                }
            }
            else
            {
                granules |= PhysicalMemory.GranuleMask(start, bytes);
                link = next;
            }
        }
        memory.SetCodeGranules(page, granules);
    }

    private void Kill(Block* block)
    {
        Invalidated++;
        if (block->Users != null)
        {
            Patches.Note(block->MachineAddress);
            RegionLost?.Invoke((nint)block);
        }
        Block** link = &buckets[Bucket(block->MachineAddress)];
        while (*link != block)
        {
            link = &(*link)->HashNext;
        }
        *link = block->HashNext;
        if (block->SecondPage == 0)
        {
            block->MachineAddress = Block.Dead;
        }
        else
        {
            // Still listed by its other page: found and dropped there when that page is next written.
            KillCrossing(block);
        }
        deadBytes += block->Pieces * 64;
        block->Successor0 = block->Successor1 = null;
        block->MayLink = false;
        for (int n = 0; n < block->Count; n++)
        {
            block->First[n].Handler = &Stale;
        }
    }

    private void KillCrossing(Block* block)
    {
        ulong first = block->MachineAddress >> 12, second = block->SecondPage >> 12;
        Unlist(first, block, isFirst: true);
        Unlist(second, block, isFirst: false);
        block->MachineAddress = Block.Dead;
    }

    private void Unlist(ulong page, Block* block, bool isFirst)
    {
        Block** link = &pages[page];
        while (*link != null && *link != block)
        {
            Block* b = *link;
            link = b->MachineAddress >> 12 == page ? &b->PageNext : &b->SecondPageNext;
        }
        if (*link == block)
        {
            *link = isFirst ? block->PageNext : block->SecondPageNext;
        }
    }
}
