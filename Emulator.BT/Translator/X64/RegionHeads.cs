using Emulator.BT.Decode;
using Emulator.BT.Translator.Regions;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Where the guest's flags are when a block starts.</summary>
internal enum HeadFlags
{
    /// <summary>Nowhere: the block sets all of them before anybody can look.</summary>
    Dead,

    /// <summary>In the state's image.</summary>
    Image,

    /// <summary>In the host's flags.</summary>
    Host,
}

/// <summary>Who looks at flags: a pass over the analysed blocks before anything is emitted.</summary>
internal sealed unsafe class RegionHeads
{
    private readonly RegionPlan plan;
    private readonly GuestInsn[][] blocks;

    /// <summary>Analyses a region.</summary>
    public RegionHeads(RegionPlan plan, GuestInsn[][] blocks)
    {
        this.plan = plan;
        this.blocks = blocks;
        Heads = new HeadFlags[blocks.Length];
        for (int b = 0; b < blocks.Length; b++)
        {
            Heads[b] = Head(b);
        }
    }

    /// <summary>By block.</summary>
    public HeadFlags[] Heads { get; }

    /// <summary>
    /// True when a head that finds the flags in the image could as well find them in operands, in these guest registers: it sets them anew
    /// before anybody but a fault can see them.
    /// </summary>
    public bool TakesOperands(int block, int registers)
    {
        if (Heads[block] != HeadFlags.Image || plan.Blocks[block].SecondDelta != 0)
        {
            return false;
        }
        bool holds = true;
        for (int n = 0; n < blocks[block].Length; n++)
        {
            ref GuestInsn i = ref blocks[block][n];
            if ((!holds && i.Observes) || i.IsOpaque || i.FlagsRead != 0)
            {
                return false;
            }
            if (i.SetsAll)
            {
                return true;
            }
            if (i.SetsSome)
            {
                // INC leaves CF, which matters only if somebody looks before it is set.
                return !AreObserved(block, n + 1, out RflagsBits read) && (i.CountInCl ? read : read & ~i.FlagsWritten) == 0;
            }
            holds &= (i.Writes & registers) == 0;
        }
        return false;
    }

    /// <summary>
    /// What becomes of the flags as they are before instruction <paramref name="from"/> of a block.
    /// </summary>
    /// <returns>True when all may be seen; else <paramref name="read"/> says which are read.</returns>
    public bool AreObserved(int block, int from, out RflagsBits read)
    {
        read = 0;
        GuestInsn[] insns = blocks[block];
        for (int q = from; q < insns.Length; q++)
        {
            if (insns[q].Observes)
            {
                return true;
            }
            read |= insns[q].FlagsRead;
            if (insns[q].SetsAll)
            {
                return false;
            }
        }
        return EdgesObserve(block, ref read);
    }

    /// <summary>True when any of the flags before an instruction matters.</summary>
    public bool AreNeeded(int block, int from) => AreObserved(block, from, out RflagsBits read) || read != 0;

    /// <summary>True when leaving a block by one of its edges shows the flags as they are at its end.</summary>
    public bool EdgesObserve(int block, ref RflagsBits read)
    {
        PlannedBlock planned = plan.Blocks[block];
        switch (planned.Flow)
        {
            case BlockFlow.Next:
                return EdgeObserves(block, planned.NextRip, ref read);
            case BlockFlow.Conditional or BlockFlow.Jump when blocks[block][^1].Kind is HostKind.Jcc or HostKind.Jump or HostKind.Loop:
                int width = (planned.Insns[planned.Count - 1].Extra & InsnFlags.Operand32) != 0 ? 32 : 16;
                bool observed = EdgeObserves(block, planned.BranchRip(width), ref read);
                return observed || (planned.Flow == BlockFlow.Conditional && EdgeObserves(block, planned.NextRip, ref read));
            default:
                return true;
        }
    }

    private bool EdgeObserves(int block, ulong rip, ref RflagsBits read)
    {
        int to = plan.IndexOf(rip);
        if (to <= block || plan.ExactBudget || Heads[to] == HeadFlags.Image || (plan.CsBase + rip) >> 12 != (plan.CsBase + plan.Blocks[block].Rip) >> 12)
        {
            return true;
        }
        read |= Heads[to] == HeadFlags.Host ? GuestInsn.Arithmetic : 0;
        return false;
    }

    private HeadFlags Head(int block)
    {
        if (plan.Blocks[block].SecondDelta != 0)
        {
            return HeadFlags.Image;
        }
        foreach (ref GuestInsn i in blocks[block].AsSpan())
        {
            if (i.Observes)
            {
                return HeadFlags.Image;
            }
            if (i.FlagsRead != 0 || i.SetsSome)
            {
                return HeadFlags.Host;
            }
            if (i.SetsAll)
            {
                return HeadFlags.Dead;
            }
        }
        return HeadFlags.Image;
    }
}
