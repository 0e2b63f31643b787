using Emulator.BT.Cache;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Chooses what goes into a region: from a hot block along direct transfers, calls and the returns from them, to blocks that ran
/// often as well. A callee that fits is part of the region, so that a loop with calls of small functions stays in one method.
/// </summary>
/// <param name="cache">Decoded blocks.</param>
/// <param name="memory">Where their bytes are.</param>
/// <param name="takesCrossing">True when the back end takes blocks of one instruction across two pages.</param>
internal sealed unsafe class RegionFormer(BlockCache cache, PhysicalMemory memory, bool takesCrossing)
{
    /// <summary>Most guest instructions in a region: RyuJIT's time grows more than linearly beyond.</summary>
    public const int MaxInsns = 200;

    /// <summary>Most blocks in a region.</summary>
    public const int MaxBlocks = 48;

    /// <summary>A block belongs to the region when it ran at least once for so many runs of the head.</summary>
    private const int ColdRatio = 32;

    private readonly Dictionary<ulong, nint> chosen = [];
    private readonly PriorityQueue<(ulong Rip, int Depth), long> candidates = new();
    private readonly List<ulong> order = [];

    /// <summary>
    /// Plans the region of a hot block at the present RIP. Where it may not <paramref name="overlaps"/>, it ends where others begin: code is then compiled once and joined by links,
    /// which costs little but in loops that call.
    /// </summary>
    /// <returns>Null when the head is not one for the translator: across two pages, beyond the limit, or not in memory.</returns>
    public RegionPlan? Form(CpuState* cpu, Block* head, ulong rip, bool exactBudget, WindowUse window, bool overlaps)
    {
        chosen.Clear();
        candidates.Clear();
        order.Clear();
        if (Find(cpu, rip) != head)
        {
            return null;
        }
        int key = RegionKey.Of(cpu), count = 0, least = Math.Max(1, head->Heat / ColdRatio);
        candidates.Enqueue((rip, 0), long.MinValue);
        while (candidates.TryDequeue(out (ulong Rip, int Depth) at, out _) && chosen.Count < MaxBlocks)
        {
            Block* block = chosen.ContainsKey(at.Rip) ? null : Find(cpu, at.Rip);
            if (block == null || (block != head && (block->Heat < least || (!overlaps && HasEntry(block, key)))) || count + block->Count > MaxInsns)
            {
                continue;
            }
            chosen.Add(at.Rip, (nint)block);
            count += block->Count;
            Follow(block, at.Rip, at.Depth, least);
        }
        Arrange(rip);
        return Plan(cpu, exactBudget, window, overlaps);
    }

    /// <summary>Plans the region at an offset in CS for people to read, however hot.</summary>
    public RegionPlan? Show(CpuState* cpu, ulong rip, WindowUse window)
    {
        Block* head = Find(cpu, rip);
        return head == null ? null : Form(cpu, head, rip, exactBudget: false, window, overlaps: true);
    }

    private static bool HasEntry(Block* block, int key)
    {
        Slot* entry = block->Entry;
        while (entry != null && entry->Key != key)
        {
            entry = entry->Sibling;
        }
        return entry != null;
    }

    private static int BranchWidth(Insn* last) => (last->Extra & InsnFlags.Operand32) != 0 ? 32 : 16;

    private static ulong Target(Block* block, ulong rip)
    {
        Insn* last = block->First + block->Count - 1;
        return (rip + (ulong)last->Imm) & (~0ul >> (64 - BranchWidth(last)));
    }

    private void Follow(Block* block, ulong rip, int depth, int heat)
    {
        ulong next = rip + (ulong)block->Length;
        switch (block->Flow)
        {
            case BlockFlow.Next or BlockFlow.String:
                Candidate(next, depth, heat);
                break;
            case BlockFlow.Conditional:
                Candidate(next, depth, heat);
                Candidate(Target(block, rip), depth, heat);
                break;
            case BlockFlow.Jump:
                Candidate(Target(block, rip), depth, heat);
                break;
            case BlockFlow.Call:
                Candidate(next, depth, heat);
                Candidate(Target(block, rip), depth + 1, heat);
                break;
            case BlockFlow.IndirectCall:
                Candidate(next, depth, heat);
                Observed(block, rip, depth + 1);
                break;
            case BlockFlow.IndirectJump:
                Observed(block, rip, depth);
                break;
            default:
                break;
        }
    }

    private void Observed(Block* block, ulong rip, int depth)
    {
        if (block->Successor0 != null)
        {
            Candidate(rip + (ulong)block->Delta0, depth, 0);
        }
        if (block->Successor1 != null)
        {
            Candidate(rip + (ulong)block->Delta1, depth, 0);
        }
    }

    // Callers' blocks before callees', near ones in the order in which they were met.
    private void Candidate(ulong rip, int depth, int heat) => candidates.Enqueue((rip, depth), ((long)depth << 32) + candidates.Count + (heat == 0 ? 1 << 20 : 0));

    private Block* Find(CpuState* cpu, ulong rip)
    {
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        ulong linear = (uint)(cs.Base + rip);
        nint delta = cpu->ReadTable[linear >> 12];
        if (delta == 0)
        {
            return null;
        }
        Block* block = cache.Find((ulong)((nint)linear + delta - (nint)memory.Host), cpu->CodeMode);
        bool usable = block != null && (block->SecondPage == 0 || SecondDelta(cpu, block, linear) != 0) && rip + (ulong)block->Length - 1 <= cs.Limit;
        // A direct transfer beyond the limit faults after what it did before: the interpreter has that exact.
        return usable && !(block->Flow is BlockFlow.Conditional or BlockFlow.Jump or BlockFlow.Call && Target(block, rip) > cs.Limit) ? block : null;
    }

    // Of a block across two pages: host minus linear address of the second one, or 0 where it is not there.
    private nint SecondDelta(CpuState* cpu, Block* block, ulong linear)
    {
        ulong second = (uint)(linear | 0xFFF) + 1;
        nint delta = takesCrossing && second <= uint.MaxValue ? cpu->ReadTable[second >> 12] : 0;
        return (nint)second + delta == (nint)memory.Host + (nint)block->SecondPage ? delta : 0;
    }

    // What falls through follows directly; then targets, nearest first.
    private void Arrange(ulong head)
    {
        var open = new Stack<ulong>();
        open.Push(head);
        var placed = new HashSet<ulong>();
        while (open.TryPop(out ulong rip))
        {
            while (chosen.TryGetValue(rip, out nint pointer) && placed.Add(rip))
            {
                var block = (Block*)pointer;
                order.Add(rip);
                ulong next = rip + (ulong)block->Length;
                bool direct = block->Flow is BlockFlow.Conditional or BlockFlow.Jump or BlockFlow.Call;
                if (block->Flow is BlockFlow.Jump)
                {
                    next = Target(block, rip);
                }
                else if (direct)
                {
                    open.Push(Target(block, rip));
                }
                rip = next;
            }
        }
        foreach (ulong rip in chosen.Keys)
        {
            if (placed.Add(rip))
            {
                order.Add(rip);
            }
        }
    }

    private RegionPlan Plan(CpuState* cpu, bool exactBudget, WindowUse window, bool overlaps)
    {
        bool wanted = window == WindowUse.On, never = false;
        foreach (ulong rip in order)
        {
            var block = (Block*)chosen[rip];
            wanted |= block->Window == Block.WindowWanted;
            never |= block->Window == Block.WindowNever;
        }
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        var plan = new RegionPlan
        {
            Key = RegionKey.Of(cpu),
            CsBase = cs.Base,
            CsLimit = cs.Limit,
            ExactBudget = exactBudget,
            Overlaps = overlaps,
            UsesWindow = wanted && (window == WindowUse.On || (window == WindowUse.Auto && !never)),
            Generation = cache.Generation,
        };
        foreach (ulong rip in order)
        {
            var block = (Block*)chosen[rip];
            ulong linear = (uint)(cs.Base + rip);
            nint second = block->SecondPage == 0 ? 0 : SecondDelta(cpu, block, linear);
            plan.Add(block, rip, memory.Host + block->MachineAddress, cpu->ReadTable[linear >> 12], memory.Host + block->SecondPage, second);
        }
        MarkEntries(plan);
        return plan;
    }

    // The head, the heads of loops, and where callees come back to.
    private static void MarkEntries(RegionPlan plan)
    {
        plan.Blocks[0].IsEntry = true;
        for (int n = 0; n < plan.Blocks.Count; n++)
        {
            PlannedBlock block = plan.Blocks[n];
            if (block.Flow is BlockFlow.Call or BlockFlow.IndirectCall or BlockFlow.String)
            {
                MarkEntry(plan, block.NextRip, int.MaxValue);
                MarkReturnSite(plan, block);
            }
            if (block.Flow is BlockFlow.Conditional or BlockFlow.Jump)
            {
                MarkEntry(plan, block.BranchRip(BranchWidth(block.Insns + block.Count - 1)), n);
            }
        }
    }

    private static void MarkReturnSite(RegionPlan plan, PlannedBlock block)
    {
        int index = plan.IndexOf(block.NextRip);
        if (index >= 0)
        {
            plan.Blocks[index].IsReturnSite |= block.Flow != BlockFlow.String;
        }
    }

    private static void MarkEntry(RegionPlan plan, ulong rip, int last)
    {
        int index = plan.IndexOf(rip);
        if (index >= 0 && index <= last)
        {
            plan.Blocks[index].IsEntry = true;
        }
    }
}
