using System.Runtime.InteropServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// What a region is to be made of: copies of decoded blocks and of their bytes, so that it can be compiled on another thread while
/// the guest runs on. Owns the copies; a region that is made of it takes them over.
/// </summary>
public sealed unsafe class RegionPlan : IDisposable
{
    private readonly Dictionary<ulong, int> byRip = [];

    /// <summary>The key that it is compiled for.</summary>
    public int Key { get; init; }

    /// <summary>Base of CS.</summary>
    public ulong CsBase { get; init; }

    /// <summary>Limit of CS.</summary>
    public uint CsLimit { get; init; }

    /// <summary>True when every transfer checks that the budget covers the next block: the counted clock's exact slices.</summary>
    public bool ExactBudget { get; init; }

    /// <summary>True when it holds blocks that are in other regions too, for the sake of speed.</summary>
    public bool Overlaps { get; init; }

    /// <summary>True when memory is reached through the window that the host's MMU keeps.</summary>
    public bool UsesWindow { get; init; }

    /// <summary>Value of <c>BlockCache.Generation</c> when the blocks were looked at.</summary>
    public long Generation { get; init; }

    /// <summary>The blocks in the order in which they are emitted; the first is the head.</summary>
    public List<PlannedBlock> Blocks { get; } = [];

    /// <summary>Guest instructions.</summary>
    public int Count { get; private set; }

    /// <summary>RIP of the head.</summary>
    public ulong Rip => Blocks[0].Rip;

    /// <summary>A cell that becomes 1 when the guest's code changes under the region, which takes it over.</summary>
    public int* DeadCell { get; private set; } = (int*)NativeMemory.AllocZeroed(sizeof(int));

    /// <summary>Leaves <see cref="DeadCell"/> to the caller.</summary>
    public int* TakeDeadCell()
    {
        int* cell = DeadCell;
        DeadCell = null;
        return cell;
    }

    /// <summary>Index of the block at a RIP, or -1.</summary>
    public int IndexOf(ulong rip) => byRip.TryGetValue(rip, out int index) ? index : -1;

    /// <summary>Copies a block into the plan.</summary>
    public void Add(Block* block, ulong rip, byte* bytes, nint delta, byte* secondBytes = null, nint secondDelta = 0)
    {
        byRip.Add(rip, Blocks.Count);
        Blocks.Add(new PlannedBlock(block, rip, bytes, delta, secondBytes, secondDelta));
        Count += block->Count;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Blocks.ForEach(b => b.Dispose());
        NativeMemory.Free(DeadCell);
        DeadCell = null;
    }
}

/// <summary>One block of a plan.</summary>
public sealed unsafe class PlannedBlock : IDisposable
{
    internal PlannedBlock(Block* block, ulong rip, byte* bytes, nint delta, byte* secondBytes, nint secondDelta)
    {
        Source = block;
        MachineAddress = block->MachineAddress;
        Rip = rip;
        Count = block->Count;
        Length = block->Length;
        Flow = block->Flow;
        Delta = delta;
        SecondDelta = secondDelta;
        Heat = block->Heat;
        if (block->Flow is BlockFlow.IndirectCall or BlockFlow.IndirectJump)
        {
            Observe(block->Successor0, block->Delta0);
            Observe(block->Successor1, block->Delta1);
        }
        // SAFETY: owned here, freed in Dispose; block->Count instructions and block->Length bytes are valid at the sources.
        Insns = (Insn*)NativeMemory.Alloc((nuint)block->Count, (nuint)sizeof(Insn));
        NativeMemory.Copy(block->First, Insns, (nuint)(block->Count * sizeof(Insn)));
        Bytes = (byte*)NativeMemory.Alloc((nuint)block->Length);
        int inFirst = secondDelta == 0 ? block->Length : 0x1000 - (int)(block->MachineAddress & 0xFFF);
        NativeMemory.Copy(bytes, Bytes, (nuint)inFirst);
        NativeMemory.Copy(secondBytes, Bytes + inFirst, (nuint)(block->Length - inFirst));
    }

    /// <summary>The interpreter's block. Only the processor's thread looks behind it.</summary>
    public Block* Source { get; }

    /// <summary>Machine address of the first byte.</summary>
    public ulong MachineAddress { get; }

    /// <summary>Offset in CS of the first instruction.</summary>
    public ulong Rip { get; }

    /// <summary>Guest instructions.</summary>
    public int Count { get; }

    /// <summary>Guest bytes.</summary>
    public int Length { get; }

    /// <summary>How the last instruction goes on.</summary>
    public BlockFlow Flow { get; }

    /// <summary>Host minus linear address of its page.</summary>
    public nint Delta { get; }

    /// <summary>The same of the second page of an instruction across two; else 0.</summary>
    public nint SecondDelta { get; }

    /// <summary>Copies of the instructions.</summary>
    public Insn* Insns { get; private set; }

    /// <summary>Copies of the bytes.</summary>
    public byte* Bytes { get; private set; }

    /// <summary>Runs in the interpreter until the plan was made.</summary>
    public int Heat { get; }

    /// <summary>Where a computed transfer at its end went before.</summary>
    public List<ulong> Observed { get; } = [];

    /// <summary>True when a call of the region comes back here.</summary>
    public bool IsReturnSite { get; set; }

    /// <summary>True when code outside may come in here.</summary>
    public bool IsEntry { get; set; }

    /// <summary>RIP after the block.</summary>
    public ulong NextRip => Rip + (ulong)Length;

    /// <summary>RIP that a direct transfer at the end goes to.</summary>
    public ulong BranchRip(int width) => (Rip + (ulong)Insns[Count - 1].Imm) & (~0ul >> (64 - width));

    private void Observe(Block* successor, long delta)
    {
        if (successor != null && !Observed.Contains(Rip + (ulong)delta))
        {
            Observed.Add(Rip + (ulong)delta);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(Insns);
        NativeMemory.Free(Bytes);
        Insns = null;
        Bytes = null;
    }
}
