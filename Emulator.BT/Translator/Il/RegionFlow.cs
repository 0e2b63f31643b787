using Emulator.BT.Decode;
using Emulator.BT.Translator.Passes;
using Emulator.BT.Translator.Regions;

namespace Emulator.BT.Translator.Il;

/// <summary>Where a block's flags are when it starts.</summary>
internal enum HeadFlags
{
    /// <summary>In the state, or nobody asks for them.</summary>
    Memory,

    /// <summary>Still pending in the operands of the only block before it.</summary>
    Inherited,

    /// <summary>In the record: the locals that several blocks before it fill.</summary>
    Record,
}

/// <summary>
/// The edges between the blocks of a region, and from them how flags cross each: a pass over the folded nodes before anything is
/// emitted. Flags that a block overwrites before it can leave the region are dead at its head.
/// </summary>
internal sealed unsafe class RegionFlow
{
    private readonly IrNode[] nodes;
    private readonly bool[] removed;
    private readonly RegionPlan plan;
    private readonly List<int>[] successors;

    private RegionFlow(FoldPass folded, RegionPlan plan)
    {
        nodes = folded.Nodes;
        removed = folded.Removed;
        this.plan = plan;
        int count = plan.Blocks.Count;
        Starts = new int[count];
        Heads = new HeadFlags[count];
        successors = new List<int>[count];
        for (int n = 0; n < nodes.Length; n++)
        {
            if (nodes[n].Op == IrOp.Block)
            {
                Starts[(int)nodes[n].Imm] = n;
            }
        }
    }

    /// <summary>Index of each block's first node.</summary>
    public int[] Starts { get; }

    /// <summary>By block: where its flags are at its head.</summary>
    public HeadFlags[] Heads { get; }

    /// <summary>Index after a block's last node.</summary>
    public int Ends(int block) => block + 1 < Starts.Length ? Starts[block + 1] : nodes.Length;

    /// <summary>Analyses a region.</summary>
    public static RegionFlow Of(FoldPass folded, RegionPlan plan)
    {
        var flow = new RegionFlow(folded, plan);
        flow.FindEdges();
        flow.ChooseHeads(flow.FindLive());
        return flow;
    }

    /// <summary>Blocks of the region that a computed transfer at the end of a block may well go to, the hottest first.</summary>
    public IEnumerable<int> IndirectTargets(int block)
    {
        PlannedBlock from = plan.Blocks[block];
        if (!RegionKey.IsFlatCode(plan.Key))
        {
            return [];
        }
        if (from.Flow == BlockFlow.Return)
        {
            return Enumerable.Range(0, plan.Blocks.Count).Where(n => plan.Blocks[n].IsReturnSite).OrderByDescending(n => plan.Blocks[n].Heat);
        }
        return from.Observed.Select(plan.IndexOf).Where(n => n >= 0);
    }

    private void FindEdges()
    {
        for (int n = 0; n < successors.Length; n++)
        {
            successors[n] = [];
            PlannedBlock block = plan.Blocks[n];
            bool ended = false;
            for (int node = Starts[n]; node < Ends(n); node++)
            {
                if (nodes[node].Op == IrOp.Jump)
                {
                    successors[n].AddRange(IndirectTargets(n));
                    ended = true;
                }
                else if (nodes[node].Op == IrOp.Branch)
                {
                    AddEdge(n, block.BranchRip(nodes[node].Width));
                    ref IrNode condition = ref nodes[nodes[node].A];
                    ended = condition.Op == IrOp.Const && condition.Imm != 0;
                }
            }
            if (!ended && block.Flow != BlockFlow.Helper)
            {
                AddEdge(n, block.NextRip);
            }
        }
    }

    private void AddEdge(int from, ulong rip)
    {
        int to = plan.IndexOf(rip);
        if (to >= 0)
        {
            successors[from].Add(to);
        }
    }

    // By block: true when somebody may look at the flags that it starts with.
    private bool[] FindLive() => [.. Enumerable.Range(0, successors.Length).Select(IsLive)];

    // A block that reaches its end without setting all of them passes them on: they count as live.
    private bool IsLive(int block)
    {
        for (int n = Starts[block]; n < Ends(block); n++)
        {
            if (removed[n])
            {
                continue;
            }
            switch (nodes[n].Op)
            {
                case IrOp.Load or IrOp.Store or IrOp.BeginModify or IrOp.CheckTarget or IrOp.Require or IrOp.Helper or IrOp.Carry or IrOp.Condition or IrOp.LowFlags or IrOp.If
                    or IrOp.FlagsInc or IrOp.FlagsDec or IrOp.FlagsCarryOverflow or IrOp.SetCarry or IrOp.SetLowFlags or IrOp.Jump:
                    return true;
                case IrOp.FlagsAdd or IrOp.FlagsSub or IrOp.FlagsLogic or IrOp.FlagsResult:
                    return false;
                default:
                    break;
            }
        }
        return true;
    }

    private void ChooseHeads(bool[] live)
    {
        var before = new List<int>[successors.Length];
        for (int n = 0; n < before.Length; n++)
        {
            before[n] = [];
        }
        for (int n = 0; n < successors.Length; n++)
        {
            successors[n].ForEach(s => before[s].Add(n));
        }
        for (int n = 0; n < before.Length; n++)
        {
            if (before[n].Count == 0)
            {
                Heads[n] = HeadFlags.Memory;
            }
            else if (before[n].Count == 1 && before[n][0] < n && !plan.Blocks[n].IsEntry)
            {
                Heads[n] = HeadFlags.Inherited;
            }
            else
            {
                Heads[n] = live[n] ? HeadFlags.Record : HeadFlags.Memory;
            }
        }
    }
}
