using System.Reflection.Emit;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Regions;

namespace Emulator.BT.Translator.Il;

/// <summary>Transfers: inside the region, to other regions through slots and the jump cache, and back to the dispatcher.</summary>
internal sealed unsafe partial class RegionEmitter
{
    private const int MostReturnSites = 6;

    private readonly LocalBuilder exitRip, exitSlot;
    private readonly Label chain, chainAcross, chainIndirect, leave, leaveBail, leaveFault;
    private Slot* exitSlots;

    private void EmitBranch(ref IrNode node)
    {
        ref IrNode condition = ref nodes[node.A];
        bool always = condition.Op == IrOp.Const && condition.Imm != 0;
        int width = node.Width;
        Action branch = isFlatCode && width == 16 ? EmitLeaveCut : () => EmitEdge(block.BranchRip(width));
        if (always)
        {
            branch();
        }
        else
        {
            Label next = il.Label();
            EmitCondition(node.A);
            il.Branch(OpCodes.Brfalse, next);
            branch();
            il.Mark(next);
            EmitEdge(block.Rip + (ulong)node.Insn->NextOffset);
        }
        unreachable = true;
    }

    // Where 32-bit code cuts its target to 16 bits, that depends on where the code lies.
    private void EmitLeaveCut()
    {
        Materialize(flags, cold: true);
        EmitRip(block.BranchRip(32));
        il.Op(OpCodes.Conv_U2);
        il.Op(OpCodes.Conv_U8);
        il.Store(exitRip);
        il.Branch(OpCodes.Br, leave);
    }

    // From the end of the present block to a known RIP.
    private void EmitEdge(ulong rip)
    {
        int to = plan.IndexOf(rip);
        if (to < 0)
        {
            EmitExit(rip);
            return;
        }
        if (IsOtherPage(rip))
        {
            Label moved = il.Label();
            EmitTableEntry(rip);
            il.Pointer(plan.Blocks[to].Delta);
            il.Branch(OpCodes.Bne_Un, moved);
            Later(() =>
            {
                il.Mark(moved);
                EmitLeaveAt(rip);
            });
        }
        if (to <= blockIndex || plan.ExactBudget)
        {
            EmitStopCheck(rip, plan.ExactBudget ? plan.Blocks[to].Count : 1);
        }
        if (flow.Heads[to] == HeadFlags.Record)
        {
            EmitRecord();
        }
        else if (flow.Heads[to] == HeadFlags.Inherited)
        {
            inherited[to] = flags;
        }
        il.Branch(OpCodes.Br, blockLabels[to]);
    }

    // As the dispatcher between two blocks: attention, then the budget.
    private void EmitStopCheck(ulong rip, int least)
    {
        Label stop = il.Label();
        il.LoadState(StateOffsets.AttentionFlags, OpCodes.Ldind_I4);
        il.Branch(OpCodes.Brtrue, stop);
        il.Load(budget);
        il.Long((ulong)least);
        il.Branch(OpCodes.Blt, stop);
        Later(() =>
        {
            il.Mark(stop);
            EmitLeaveAt(rip);
        });
    }

    // What the table has for the page of a RIP, as if the code lay where it was made.
    private void EmitTableEntry(ulong rip)
    {
        il.Load(readTable);
        if (isFlatCode)
        {
            EmitRip(rip);
            EmitPageOffset();
            il.Op(OpCodes.Add);
            il.Op(OpCodes.Ldind_I);
            EmitSlide();
            il.Op(OpCodes.Add);
            return;
        }
        il.Long((ulong)((uint)(plan.CsBase + rip) >> 12) * 8);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Ldind_I);
    }

    // From a linear address to the offset of its page's entry in a table.
    private void EmitPageOffset()
    {
        il.Int(12);
        il.Op(OpCodes.Shr_Un);
        il.Int(3);
        il.Op(OpCodes.Shl);
        il.Op(OpCodes.Conv_I);
    }

    private void EmitSlide()
    {
        il.LoadState(StateOffsets.CodeSlide, OpCodes.Ldind_I8);
        il.Op(OpCodes.Conv_I);
    }

    // A RIP that was known when the region was made, as it is where its pages lie now.
    private void EmitRip(ulong rip)
    {
        if (!isFlatCode)
        {
            il.Long(rip);
            return;
        }
        il.LoadState(StateOffsets.CodeSlide, OpCodes.Ldind_I4);
        il.Int((int)(uint)rip);
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Conv_U8);
    }

    private bool IsOtherPage(ulong rip) => (uint)(plan.CsBase + rip) >> 12 != (uint)(plan.CsBase + block.Rip) >> 12;

    // Back to the dispatcher, which looks at RIP.
    private void EmitLeaveAt(ulong rip)
    {
        Materialize(flags, cold: true);
        EmitExitRip(rip);
        il.Branch(OpCodes.Br, leave);
    }

    private void EmitExitRip(ulong rip)
    {
        EmitRip(rip);
        il.Store(exitRip);
    }

    // Out of the region to a known RIP: by the slot's link when there is one.
    private void EmitExit(ulong rip)
    {
        if (plan.ExactBudget || (!isFlatCode && (rip > plan.CsLimit || IsOtherPage(rip))))
        {
            EmitLeaveAt(rip);
            return;
        }
        Materialize(flags, cold: false);
        int number = Exits.IndexOf(rip);
        if (number < 0)
        {
            number = Exits.Count;
            Exits.Add(rip);
        }
        il.Pointer((nint)(exitSlots + number));
        il.Store(exitSlot);
        il.Branch(OpCodes.Br, IsOtherPage(rip) ? chainAcross : chain);
    }

    private void EmitJump(ref IrNode node)
    {
        LocalBuilder target = il.Local(typeof(ulong));
        EmitValue(node.A);
        EmitTrunc(folded.Mask[node.A], node.Width);
        il.Store(target);
        if (isFlatCode)
        {
            foreach (int site in flow.IndirectTargets(blockIndex).Take(MostReturnSites))
            {
                Label other = il.Label();
                il.Load(target);
                EmitRip(plan.Blocks[site].Rip);
                il.Branch(OpCodes.Bne_Un, other);
                EmitEdge(plan.Blocks[site].Rip);
                il.Mark(other);
            }
        }
        else
        {
            Label beyond = il.Label();
            il.Load(target);
            il.Long(plan.CsLimit);
            il.Branch(OpCodes.Bgt_Un, beyond);
            Later(() =>
            {
                il.Mark(beyond);
                il.Cpu();
                il.Call(Methods.FaultGeneralProtection);
                Materialize(flags, cold: true);
                EmitCharge(block.Count - index);
                EmitExitRip(block.Rip + insn->Offset);
                il.Branch(OpCodes.Br, leaveFault);
            });
        }
        bool chains = isFlatCode && !plan.ExactBudget;
        Materialize(flags, cold: !chains);
        il.Load(target);
        il.Store(exitRip);
        il.Branch(OpCodes.Br, chains ? chainIndirect : leave);
        unreachable = true;
    }

    private void EmitEnds()
    {
        il.Mark(chainIndirect);
        EmitFindIndirect();
        il.Mark(chainAcross);
        // exitSlot: is its page still the one that it was linked for?
        Label moved = il.Label();
        il.Load(readTable);
        EmitSlotRip();
        EmitPageOffset();
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Ldind_I);
        if (isFlatCode)
        {
            EmitSlide();
            il.Op(OpCodes.Add);
        }
        EmitSlotField(SlotOffsets.Delta, OpCodes.Ldind_I);
        il.Branch(OpCodes.Bne_Un, moved);
        il.Mark(chain);
        EmitSpill();
        Label stop = il.Label();
        il.Load(budget);
        il.Long(0);
        il.Branch(OpCodes.Ble, stop);
        il.LoadState(StateOffsets.AttentionFlags, OpCodes.Ldind_I4);
        il.Branch(OpCodes.Brtrue, stop);
        if (isFlatCode)
        {
            il.StateAddress(StateOffsets.CodeSlide);
            il.LoadState(StateOffsets.CodeSlide, OpCodes.Ldind_I8);
            EmitSlotField(SlotOffsets.SlideBy, OpCodes.Ldind_I8);
            il.Op(OpCodes.Add);
            il.Op(OpCodes.Stind_I8);
        }
        il.Cpu();
        il.Load(exitSlot);
        EmitSlotField(SlotOffsets.Code, OpCodes.Ldind_I);
        il.TailCallRegion();
        il.Mark(moved);
        EmitSpill();
        il.Cpu();
        il.Load(exitSlot);
        il.Call(Methods.Unlinked);
        il.Op(OpCodes.Ret);
        il.Mark(stop);
        il.StateAddress(StateOffsets.Rip);
        EmitSlotRip();
        il.Op(OpCodes.Stind_I8);
        il.Int((int)RegionExit.Left);
        il.Op(OpCodes.Ret);
        EmitEnd(leave, RegionExit.Left);
        EmitEnd(leaveBail, RegionExit.Bail);
        EmitEnd(leaveFault, RegionExit.Ended);
    }

    // exitRip to exitSlot by the jump cache, or back to the dispatcher.
    private void EmitFindIndirect()
    {
        LocalBuilder entry = il.Local(typeof(nint));
        Label found = il.Label();
        il.LoadState(StateOffsets.JumpCache, OpCodes.Ldind_I);
        il.Load(exitRip);
        il.Load(exitRip);
        il.Int(JumpCache.Shift);
        il.Op(OpCodes.Shr_Un);
        il.Op(OpCodes.Xor);
        il.Int(JumpCache.Size - 1);
        il.Op(OpCodes.Conv_I8);
        il.Op(OpCodes.And);
        il.Int(JumpCache.EntryShift);
        il.Op(OpCodes.Shl);
        il.Op(OpCodes.Conv_I);
        il.Op(OpCodes.Add);
        il.Store(entry);
        Label miss = il.Label();
        EmitJumpField(entry, nameof(JumpEntry.Tag), OpCodes.Ldind_I8);
        il.Load(exitRip);
        il.Long((ulong)plan.Key << 32);
        il.Op(OpCodes.Or);
        il.Branch(OpCodes.Bne_Un, miss);
        il.Load(readTable);
        il.Load(exitRip);
        EmitPageOffset();
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Ldind_I);
        EmitJumpField(entry, nameof(JumpEntry.Delta), OpCodes.Ldind_I);
        il.Branch(OpCodes.Bne_Un, miss);
        EmitJumpField(entry, nameof(JumpEntry.Target), OpCodes.Ldind_I);
        il.Store(exitSlot);
        il.StateAddress(StateOffsets.CodeSlide);
        EmitJumpField(entry, nameof(JumpEntry.Slide), OpCodes.Ldind_I8);
        il.Op(OpCodes.Stind_I8);
        il.Branch(OpCodes.Br, chain);
        il.Mark(miss);
        EmitEndNow(RegionExit.Indirect);
    }

    private void EmitJumpField(LocalBuilder entry, string field, OpCode load)
    {
        il.Load(entry);
        il.Int((int)System.Runtime.InteropServices.Marshal.OffsetOf<JumpEntry>(field));
        il.Op(OpCodes.Add);
        il.Op(load);
    }

    // The RIP that exitSlot leads to, as its page lies now.
    private void EmitSlotRip()
    {
        EmitSlotField(SlotOffsets.Rip, OpCodes.Ldind_I8);
        if (isFlatCode)
        {
            il.LoadState(StateOffsets.CodeSlide, OpCodes.Ldind_I8);
            il.Op(OpCodes.Add);
            il.Op(OpCodes.Conv_U4);
            il.Op(OpCodes.Conv_U8);
        }
    }

    private void EmitEnd(Label label, RegionExit exit)
    {
        il.Mark(label);
        EmitEndNow(exit);
    }

    private void EmitEndNow(RegionExit exit)
    {
        EmitSpill();
        il.StateAddress(StateOffsets.Rip);
        il.Load(exitRip);
        il.Op(OpCodes.Stind_I8);
        il.Int((int)exit);
        il.Op(OpCodes.Ret);
    }

    private void EmitSlotField(int offset, OpCode load)
    {
        il.Load(exitSlot);
        il.Int(offset);
        il.Op(OpCodes.Add);
        il.Op(load);
    }
}
