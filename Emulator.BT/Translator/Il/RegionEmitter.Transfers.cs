using System.Reflection.Emit;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>Near transfers and the loop back to the region's start.</summary>
internal sealed unsafe partial class RegionEmitter
{
    private int loopWidth;

    // Looks for a branch back to the start and decides in which form flags cross it.
    private void PlanLoop()
    {
        for (int n = 0; n < nodes.Length; n++)
        {
            ref IrNode node = ref nodes[n];
            if (node.Op == IrOp.Branch && IsBackEdge(in node))
            {
                Loops = true;
                loopWidth = node.Width;
            }
        }
        if (Loops)
        {
            PlanFlagsAcrossLoop();
        }
    }

    private static bool IsBackEdge(in IrNode node) => node.Insn->Imm == 0;

    private void EmitJump(ref IrNode node)
    {
        LocalBuilder target = il.Local(typeof(ulong));
        EmitValue(node.A);
        EmitTrunc(folded.Mask[node.A], node.Width);
        il.Store(target);
        EmitTransfer(target);
        unreachable = true;
    }

    // Goes to a computed RIP, or takes #GP beyond the limit of CS.
    private void EmitTransfer(LocalBuilder target)
    {
        Label beyond = il.Label();
        il.Load(target);
        il.LoadState(StateOffsets.Segment(Seg.CS, StateOffsets.SegmentLimit), OpCodes.Ldind_U4);
        il.Op(OpCodes.Conv_U8);
        il.Branch(OpCodes.Bgt_Un, beyond);
        Later(() =>
        {
            il.Mark(beyond);
            il.Cpu();
            il.Call(Methods.FaultGeneralProtection);
            EmitFault();
        });
        Materialize(flags, cold: true);
        il.StateAddress(StateOffsets.Rip);
        il.Load(target);
        il.Op(OpCodes.Stind_I8);
        il.Branch(OpCodes.Br, spillLeft);
    }

    private void EmitBranch(ref IrNode node)
    {
        ref IrNode condition = ref nodes[node.A];
        bool always = condition.Op == IrOp.Const && condition.Imm != 0;
        Label next = il.Label();
        if (!always)
        {
            EmitCondition(node.A);
            il.Branch(OpCodes.Brfalse, next);
        }
        if (IsBackEdge(in node) && !leaving)
        {
            EmitBackEdge();
        }
        else
        {
            LocalBuilder target = il.Local(typeof(ulong));
            il.LoadState(StateOffsets.BlockRip, OpCodes.Ldind_I8);
            il.Long((ulong)node.Insn->Imm);
            il.Op(OpCodes.Add);
            EmitTrunc(~0ul, node.Width);
            il.Store(target);
            EmitTransfer(target);
        }
        il.Mark(next);
        if (!always)
        {
            EmitLeave(node.Insn->NextOffset, 0);
        }
        unreachable = true;
    }

    // As the dispatcher between two blocks: attention first, then the budget.
    private void EmitBackEdge()
    {
        Label stop = il.Label();
        FlagState atEnd = flags;
        SaveFlagsForHead();
        il.LoadState(StateOffsets.AttentionFlags, OpCodes.Ldind_I4);
        il.Branch(OpCodes.Brtrue, stop);
        il.LoadState(StateOffsets.Budget, OpCodes.Ldind_I8);
        il.Long(0);
        il.Branch(OpCodes.Bgt, head);
        il.Mark(stop);
        EmitLeave(0, 0);
        flags = atEnd;
    }
}
