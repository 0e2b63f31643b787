using System.Reflection.Emit;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.Il;

/// <summary>Instructions that both tiers call a helper for.</summary>
internal sealed unsafe partial class RegionEmitter
{
    private void EmitHelper()
    {
        if (insn->IsEscape && !SetsFlagsOrRegisters(insn))
        {
            EmitEscape();
            return;
        }
        Materialize(flags, cold: true);
        flags = FlagState.Memory;
        EmitCall();
        Label ended = il.Label(), other = il.Label(), holds = il.Label();
        il.Branch(OpCodes.Brfalse, ended);
        EmitDeadCheck();
        Later(() =>
        {
            il.Mark(ended);
            if (block.Flow == BlockFlow.String && index == block.Count - 1)
            {
                EmitAfterString();
            }
            EmitAfterHelper();
        });
        il.LoadState(StateOffsets.RegionKey, OpCodes.Ldind_I4);
        il.Int(plan.Key);
        il.Branch(OpCodes.Bne_Un, other);
        Later(() =>
        {
            // A segment register was loaded. If that made other assumptions wrong, the dispatcher goes on.
            il.Mark(other);
            il.Cpu();
            il.Int(plan.Key);
            il.Call(Methods.KeyHolds);
            il.Branch(OpCodes.Brtrue, holds);
            EmitLeaveAfter();
        });
        il.Mark(holds);
        EmitReload();
        if (index == block.Count - 1)
        {
            // What ends a block may have changed the world, or the block ended for its length: the dispatcher looks.
            if (block.Flow == BlockFlow.Next)
            {
                return;
            }
            EmitLeaveAt(block.NextRip);
            unreachable = true;
        }
    }

    // x87 without effect on general registers and flags: these stay where they are.
    private void EmitEscape()
    {
        EmitCall();
        Label ended = il.Label();
        il.Branch(OpCodes.Brfalse, ended);
        EmitDeadCheck();
        Later(() =>
        {
            il.Mark(ended);
            Materialize(flags, cold: true);
            EmitAfterHelper();
        });
    }

    // FNSTSW AX, FCMOVcc, FCOMI and their like.
    private static bool SetsFlagsOrRegisters(Insn* i)
    {
        int escape = (int)(i->Imm >> 8) & 7, modRm = (int)i->Imm & 0xFF;
        return modRm >= 0xC0 && escape is 2 or 3 or 7 && !(escape == 2 && modRm == 0xE9);
    }

    private void EmitCall()
    {
        EmitSpill();
        il.StateAddress(StateOffsets.BlockRip);
        EmitRip(block.Rip);
        il.Op(OpCodes.Stind_I8);
        il.Cpu();
        il.Pointer((nint)insn);
        il.Pointer((nint)insn->Handler);
        il.CallHandler();
    }

    // The helper may have written to the region's own code.
    private void EmitDeadCheck()
    {
        Label dead = il.Label();
        il.Pointer((nint)plan.DeadCell);
        il.Op(OpCodes.Ldind_I4);
        il.Branch(OpCodes.Brtrue, dead);
        Later(() =>
        {
            il.Mark(dead);
            Materialize(flags, cold: true);
            EmitLeaveAfter();
        });
    }

    // Budget and registers are in the state already, and the flags.
    private void EmitLeaveAfter()
    {
        il.Cpu();
        EmitRip(block.Rip + (ulong)insn->NextOffset);
        il.Int(block.Count - index - 1);
        il.Call(Methods.LeaveAfter);
        il.Op(OpCodes.Ret);
    }

    private void EmitAfterHelper()
    {
        il.Cpu();
        EmitRip(block.Rip + insn->Offset);
        il.Int(block.Count - index);
        il.Call(Methods.AfterHelper);
        il.Op(OpCodes.Ret);
    }

    // Done with the string: go on inside the region or to the next one. Else (a fault, or the same instruction again) fall through.
    private void EmitAfterString()
    {
        Label notDone = il.Label();
        il.Cpu();
        EmitRip(block.NextRip);
        il.Pointer((nint)plan.DeadCell);
        il.Call(Methods.StringDone);
        il.Branch(OpCodes.Brfalse, notDone);
        EmitReload();
        EmitEdge(block.NextRip);
        il.Mark(notDone);
    }
}
