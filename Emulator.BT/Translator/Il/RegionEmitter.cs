using System.Reflection.Emit;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Passes;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Lowers the nodes of one region to IL. The shape of the method:
/// <code>
/// refuse unless the state is what RegionShape says
/// load the guest registers that the region names into locals
/// head:  Budget -= instructions
///        the instructions; a branch back to the block's start goes to head unless Budget or AttentionFlags forbid
/// cold:  slow accesses, faults; then spill the written registers and return
/// </code>
/// Flags stay pending in the operands of their setter (RegionEmitter.Flags.cs) until an exit or a reader needs them.
/// </summary>
internal sealed unsafe partial class RegionEmitter
{
    private readonly IlWriter il;
    private readonly IrNode[] nodes;
    private readonly FoldPass folded;
    private readonly PlacePass places;
    private readonly RegionShape shape;
    private readonly LocalBuilder?[] values;
    private readonly LocalBuilder?[] registers = new LocalBuilder?[16];
    private readonly bool[] written = new bool[16];
    private readonly Queue<Action> cold = new();
    private readonly Label spillLeft, spillFault, refuse, head;
    private readonly LocalBuilder readTable, writeTable, slowValue;

    // The guest instruction that is being lowered, and where its nodes end.
    private Insn* insn;
    private int index;
    private int end;

    // True while the rest of an instruction is lowered again after a slow access: the block ends with it.
    private bool leaving;

    // Where control cannot come from the node before.
    private bool unreachable;

    private RegionEmitter(IlWriter il, FoldPass folded, in RegionShape shape)
    {
        this.il = il;
        this.folded = folded;
        this.shape = shape;
        nodes = folded.Nodes;
        places = PlacePass.Run(folded);
        values = new LocalBuilder?[nodes.Length];
        spillLeft = il.Label();
        spillFault = il.Label();
        refuse = il.Label();
        head = il.Label();
        readTable = il.Local(typeof(nint));
        writeTable = il.Local(typeof(nint));
        slowValue = il.Local(typeof(ulong));
    }

    /// <summary>True when the region branches back to its own start.</summary>
    public bool Loops { get; private set; }

    /// <summary>Writes the whole method.</summary>
    public static RegionEmitter Emit(IlWriter il, FoldPass folded, in RegionShape shape)
    {
        var emitter = new RegionEmitter(il, folded, in shape);
        emitter.FindRegisters();
        emitter.PlanLoop();
        emitter.EmitEntry();
        emitter.EmitBody();
        while (emitter.cold.TryDequeue(out Action? stub))
        {
            stub();
        }
        emitter.EmitExits();
        return emitter;
    }

    private void FindRegisters()
    {
        for (int n = 0; n < nodes.Length; n++)
        {
            ref IrNode node = ref nodes[n];
            if (folded.Removed[n])
            {
                continue;
            }
            if (node.Op is IrOp.ReadRegister or IrOp.WriteRegister)
            {
                UseRegister((int)node.Imm >> 3);
                written[(int)node.Imm >> 3] |= node.Op == IrOp.WriteRegister;
            }
            else if (node.Op == IrOp.EffectiveAddress)
            {
                UseRegister(node.Insn->Base >> 3);
                UseRegister(node.Insn->Index >> 3);
            }
        }
    }

    private void UseRegister(int number)
    {
        if (number < 16)
        {
            registers[number] ??= il.Local(typeof(ulong));
        }
    }

    private void EmitEntry()
    {
        EmitGuards(0, refuse);
        EmitReload();
        if (flagHead.Iterated is { } iterated)
        {
            il.Int(0);
            il.Store(iterated);
        }
        il.Mark(head);
        il.StateAddress(StateOffsets.Budget);
        il.LoadState(StateOffsets.Budget, OpCodes.Ldind_I8);
        il.Long((ulong)shape.Count);
        il.Op(OpCodes.Sub);
        il.Op(OpCodes.Stind_I8);
    }

    // Everything in RegionShape that a guest can change and the nodes from 'first' on use.
    private void EmitGuards(int first, Label otherwise)
    {
        int reads = 0, writes = 0;
        foreach (ref IrNode node in nodes.AsSpan(first))
        {
            int bit = node.Op is IrOp.Load or IrOp.Store or IrOp.BeginModify ? 1 << (int)node.Imm : 0;
            reads |= node.Op == IrOp.Load ? bit & shape.FlatReads : 0;
            writes |= node.Op == IrOp.Load ? 0 : bit & shape.FlatWrites;
        }
        for (int segment = 0; segment < 6; segment++)
        {
            bool read = (reads & (1 << segment)) != 0, write = (writes & (1 << segment)) != 0;
            if (read || write)
            {
                il.LoadState(StateOffsets.Segment(segment, StateOffsets.SegmentBase), OpCodes.Ldind_I8);
                il.Branch(OpCodes.Brtrue, otherwise);
            }
            EmitLimitGuard(read, StateOffsets.Segment(segment, StateOffsets.SegmentReadLimit), otherwise);
            EmitLimitGuard(write, StateOffsets.Segment(segment, StateOffsets.SegmentWriteLimit), otherwise);
        }
        il.LoadState(StateOffsets.StackMask, OpCodes.Ldind_I8);
        il.Long(shape.StackMask);
        il.Branch(OpCodes.Bne_Un, otherwise);
        if (Loops && loopWidth == 16)
        {
            il.LoadState(StateOffsets.Rip, OpCodes.Ldind_I8);
            il.Long(0xFFFF);
            il.Branch(OpCodes.Bgt_Un, otherwise);
        }
    }

    private void EmitLimitGuard(bool needed, int offset, Label otherwise)
    {
        if (needed)
        {
            il.LoadState(offset, OpCodes.Ldind_I8);
            il.Long(uint.MaxValue);
            il.Branch(OpCodes.Bne_Un, otherwise);
        }
    }

    private void EmitReload()
    {
        for (int n = 0; n < 16; n++)
        {
            if (registers[n] is { } local)
            {
                il.LoadState(n * 8, OpCodes.Ldind_I8);
                il.Store(local);
            }
        }
        il.LoadState(StateOffsets.ReadTable, OpCodes.Ldind_I);
        il.Store(readTable);
        il.LoadState(StateOffsets.WriteTable, OpCodes.Ldind_I);
        il.Store(writeTable);
    }

    private void EmitSpill()
    {
        for (int n = 0; n < 16; n++)
        {
            if (written[n])
            {
                il.StateAddress(n * 8);
                il.Load(registers[n]!);
                il.Op(OpCodes.Stind_I8);
            }
        }
    }

    private void EmitBody()
    {
        flags = flagHead.Lazy ? FlagState.Head : FlagState.Memory;
        for (int n = 0; n < nodes.Length; n = end)
        {
            BeginInstruction(n);
            EmitNodes(n + 1);
            joins.ForEach(il.Mark);
            joins.Clear();
        }
        if (!unreachable)
        {
            EmitLeave(shape.Length, 0);
        }
    }

    private void BeginInstruction(int n)
    {
        insn = nodes[n].Insn;
        index = (int)nodes[n].Imm;
        end = n + 1;
        while (end < nodes.Length && nodes[end].Op != IrOp.Instruction)
        {
            end++;
        }
    }

    // The nodes from n to the end of the instruction.
    private void EmitNodes(int n)
    {
        for (int stop = end; n < stop; n++)
        {
            if (!folded.Removed[n])
            {
                EmitNode(n);
            }
        }
    }

    private void EmitNode(int n)
    {
        ref IrNode node = ref nodes[n];
        switch (node.Op)
        {
            case IrOp.WriteRegister: EmitWriteRegister(ref node); break;
            case IrOp.Load: EmitLoad(n); break;
            case IrOp.Store: EmitStore(n); break;
            case IrOp.BeginModify: EmitBeginModify(n); break;
            case IrOp.EndModify: EmitEndModify(ref node); break;
            case IrOp.If: EmitIf(n); break;
            case IrOp.EndIf: EmitEndIf(n); break;
            case IrOp.Jump: EmitJump(ref node); break;
            case IrOp.Branch: EmitBranch(ref node); break;
            case IrOp.Helper: EmitHelper(); break;
            case >= IrOp.FlagsAdd and <= IrOp.SetLowFlags and not (IrOp.Carry or IrOp.Condition or IrOp.LowFlags): EmitFlagChange(n); break;
            case IrOp.SetDirection:
                il.Cpu();
                il.Int((int)node.Imm);
                il.Call(Methods.SetDirection);
                break;
            default:
                if (places.InLocal[n])
                {
                    EmitToLocal(n);
                }
                break;
        }
    }

    // RIP := start of the block + offset, budget for what did not run, all of the state exact, return.
    private void EmitLeave(int offset, int notRun)
    {
        Materialize(flags, cold: true);
        EmitRip(offset);
        if (notRun != 0)
        {
            il.StateAddress(StateOffsets.Budget);
            il.LoadState(StateOffsets.Budget, OpCodes.Ldind_I8);
            il.Long((ulong)notRun);
            il.Op(OpCodes.Add);
            il.Op(OpCodes.Stind_I8);
        }
        il.Branch(OpCodes.Br, spillLeft);
    }

    private void EmitRip(int offset)
    {
        il.StateAddress(StateOffsets.Rip);
        il.LoadState(StateOffsets.BlockRip, OpCodes.Ldind_I8);
        il.Long((ulong)offset);
        il.Op(OpCodes.Add);
        il.Op(OpCodes.Stind_I8);
    }

    // A fault of the present instruction is recorded: leave with the state as it is now.
    private void EmitFault()
    {
        Materialize(flags, cold: true);
        il.Cpu();
        il.Int(insn->Offset);
        il.Int(shape.Count - index);
        il.Call(Methods.LeaveAt);
        il.Branch(OpCodes.Br, spillFault);
    }

    // After the present instruction, because its block died.
    private void EmitLeaveDead()
    {
        Materialize(flags, cold: true);
        il.Cpu();
        il.Int(insn->NextOffset);
        il.Int(shape.Count - index - 1);
        il.Call(Methods.LeaveAt);
        il.Branch(OpCodes.Br, spillLeft);
    }

    /// <summary>Code that is emitted after the hot path, with the flags and the instruction of now.</summary>
    private void Later(Action emit)
    {
        FlagState flagsThen = flags;
        (int indexThen, int endThen, bool leavingThen) = (index, end, leaving);
        var insnThen = (nint)insn;
        cold.Enqueue(() =>
        {
            insn = (Insn*)insnThen;
            (flags, index, end, leaving, unreachable) = (flagsThen, indexThen, endThen, leavingThen, false);
            emit();
        });
    }

    private void EmitHelper()
    {
        EmitSpill();
        Materialize(flags, cold: true);
        flags = FlagState.Memory;
        il.Cpu();
        il.Pointer((nint)insn);
        il.Pointer(shape.Block);
        il.Call(Methods.Helper);
        LocalBuilder status = il.Local(typeof(int));
        Label goOn = il.Label(), ended = il.Label(), dead = il.Label();
        il.Store(status);
        il.Load(status);
        il.Int(RegionRuntime.Done);
        il.Branch(OpCodes.Beq, goOn);
        il.Load(status);
        il.Branch(OpCodes.Brfalse, ended);
        il.Mark(dead);
        il.Cpu();
        il.Int(insn->NextOffset);
        il.Int(shape.Count - index - 1);
        il.Call(Methods.LeaveAt);
        il.Int((int)RegionExit.Left);
        il.Op(OpCodes.Ret);
        il.Mark(ended);
        il.Cpu();
        il.Int(insn->Offset);
        il.Int(shape.Count - index);
        il.Call(Methods.LeaveAfterHelper);
        il.Op(OpCodes.Ret);
        il.Mark(goOn);
        // A segment load may have made other assumptions wrong: then the interpreter goes on.
        EmitGuards(Loops ? 0 : end, dead);
        EmitReload();
    }

    private void EmitExits()
    {
        il.Mark(spillLeft);
        EmitSpill();
        il.Int((int)RegionExit.Left);
        il.Op(OpCodes.Ret);
        il.Mark(spillFault);
        EmitSpill();
        il.Int((int)RegionExit.Fault);
        il.Op(OpCodes.Ret);
        il.Mark(refuse);
        il.Int((int)RegionExit.Refused);
        il.Op(OpCodes.Ret);
    }
}
