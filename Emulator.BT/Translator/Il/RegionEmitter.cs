using System.Reflection.Emit;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Passes;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Lowers the nodes of one region to IL. The shape of the method:
/// <code>
/// load the guest registers that the region names, the shadow tables and the budget into locals; go to the entry asked for
/// block:  budget -= its instructions
///         its instructions
///         a transfer inside the region is a branch: backwards only while the budget lasts and nothing wants attention
///         a transfer out of it goes to chain with its slot
/// cold:   slow accesses; bails: one instruction that only the interpreter can do
/// ends:   spill the written registers, then tail-call the next region or return to the dispatcher
/// </code>
/// Flags stay pending in the operands of their setter (RegionEmitter.Flags.cs) until an exit or a reader needs them.
/// </summary>
internal sealed unsafe partial class RegionEmitter
{
    private readonly IlWriter il;
    private readonly IrNode[] nodes;
    private readonly FoldPass folded;
    private readonly PlacePass places;
    private readonly RegionPlan plan;
    private readonly RegionFlow flow;
    private readonly bool isFlatCode;
    private readonly LocalBuilder?[] values;
    private readonly LocalBuilder?[] registers = new LocalBuilder?[16];
    private readonly bool[] written = new bool[16];
    private readonly Queue<Action> cold = new();
    private readonly Label[] blockLabels;
    private readonly LocalBuilder readTable, writeTable, budget;

    // The guest block and instruction that are being lowered, and where the instruction's nodes end.
    private PlannedBlock block;
    private int blockIndex;
    private Insn* insn;
    private int index;
    private int end;

    // Where the present instruction goes when only the interpreter can do it.
    private Label? bail;

    // Where control cannot come from the node before.
    private bool unreachable;

    private RegionEmitter(IlWriter il, FoldPass folded, RegionPlan plan)
    {
        this.il = il;
        this.folded = folded;
        this.plan = plan;
        nodes = folded.Nodes;
        places = PlacePass.Run(folded);
        flow = RegionFlow.Of(folded, plan);
        isFlatCode = RegionKey.IsFlatCode(plan.Key);
        values = new LocalBuilder?[nodes.Length];
        block = plan.Blocks[0];
        blockLabels = [.. plan.Blocks.Select(_ => il.Label())];
        inherited = new FlagState[plan.Blocks.Count];
        readTable = il.Local(typeof(nint));
        writeTable = il.Local(typeof(nint));
        budget = il.Local(typeof(long));
        exitRip = il.Local(typeof(ulong));
        exitSlot = il.Local(typeof(nint));
        chain = il.Label();
        chainAcross = il.Label();
        chainIndirect = il.Label();
        leave = il.Label();
        leaveBail = il.Label();
        leaveFault = il.Label();
    }

    /// <summary>The RIPs of the exits, in the order of their slots.</summary>
    public List<ulong> Exits { get; } = [];

    /// <summary>Blocks that code outside may come in at, by entry number.</summary>
    public List<int> Entries { get; } = [];

    /// <summary>Writes the whole method. <paramref name="slots"/> is where the exits' slots will lie.</summary>
    public static RegionEmitter Emit(IlWriter il, FoldPass folded, RegionPlan plan, Slot* slots)
    {
        var emitter = new RegionEmitter(il, folded, plan) { exitSlots = slots };
        emitter.FindRegisters();
        emitter.EmitEntry();
        for (int n = 0; n < plan.Blocks.Count; n++)
        {
            emitter.EmitBlock(n);
        }
        while (emitter.cold.TryDequeue(out Action? stub))
        {
            stub();
        }
        emitter.EmitEnds();
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
        EmitReload();
        EmitRecordReset();
        for (int n = 0; n < plan.Blocks.Count; n++)
        {
            if (plan.Blocks[n].IsEntry)
            {
                Entries.Add(n);
            }
        }
        if (Entries.Count > 1)
        {
            il.Slot();
            il.Int(SlotOffsets.Entry);
            il.Op(OpCodes.Add);
            il.Op(OpCodes.Ldind_I4);
            il.Switch([.. Entries.Select(e => blockLabels[e])]);
        }
        il.Branch(OpCodes.Br, blockLabels[0]);
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
        il.LoadState(StateOffsets.Budget, OpCodes.Ldind_I8);
        il.Store(budget);
    }

    // Registers and budget into the state.
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
        il.StateAddress(StateOffsets.Budget);
        il.Load(budget);
        il.Op(OpCodes.Stind_I8);
    }

    private void EmitBlock(int number)
    {
        block = plan.Blocks[number];
        blockIndex = number;
        il.Mark(blockLabels[number]);
        unreachable = false;
        flags = flow.Heads[number] switch
        {
            HeadFlags.Record => FlagState.Head,
            HeadFlags.Inherited => inherited[number],
            _ => FlagState.Memory,
        };
        EmitCharge(-block.Count);
        for (int n = flow.Starts[number] + 1; n < flow.Ends(number); n = end)
        {
            BeginInstruction(n);
            EmitNodes(n + 1);
        }
        if (!unreachable)
        {
            EmitEdge(block.NextRip);
        }
    }

    private void BeginInstruction(int n)
    {
        insn = nodes[n].Insn;
        index = (int)nodes[n].Imm;
        bail = null;
        end = n + 1;
        while (end < nodes.Length && nodes[end].Op is not (IrOp.Instruction or IrOp.Block))
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
            case IrOp.Require:
                EmitCondition(node.A);
                il.Branch(OpCodes.Brfalse, Bail());
                break;
            case IrOp.CheckTarget when !isFlatCode:
                EmitValue(node.A);
                EmitTrunc(folded.Mask[node.A], node.Width);
                il.Long(plan.CsLimit);
                il.Branch(OpCodes.Bgt_Un, Bail());
                break;
            case IrOp.CheckTarget: break;
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

    private void EmitCharge(int instructions)
    {
        if (instructions != 0)
        {
            il.Load(budget);
            il.Long((ulong)(long)instructions);
            il.Op(OpCodes.Add);
            il.Store(budget);
        }
    }

    // Where only the interpreter can go on: with the present instruction, of which nothing is done yet.
    private Label Bail()
    {
        if (bail is { } known)
        {
            return known;
        }
        Label label = il.Label();
        bail = label;
        Later(() =>
        {
            il.Mark(label);
            Materialize(flags, cold: true);
            EmitCharge(block.Count - index);
            EmitExitRip(block.Rip + insn->Offset);
            il.Branch(OpCodes.Br, leaveBail);
        });
        return label;
    }

    /// <summary>Code that is emitted after the hot path, with the flags and the instruction of now.</summary>
    private void Later(Action emit)
    {
        var then = (flags, block, blockIndex, index, end, bail, (nint)insn);
        cold.Enqueue(() =>
        {
            nint insnThen;
            (flags, block, blockIndex, index, end, bail, insnThen) = then;
            insn = (Insn*)insnThen;
            unreachable = false;
            emit();
        });
    }
}
