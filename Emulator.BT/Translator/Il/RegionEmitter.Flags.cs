using System.Reflection.Emit;
using Emulator.BT.Translator.Passes;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Pending flags. A setter writes nothing: its operands stay in locals, and whoever needs flags computes what it needs from
/// them. So flags that nobody looks at cost nothing, a comparison and its branch become one host comparison, and a fault still
/// leaves exact flags, computed in the cold exit. Into a block that several blocks lead to, kind and operands go by the record.
/// </summary>
internal sealed unsafe partial class RegionEmitter
{
    // The flags' record: setter kinds (0 = in the state) and operands of the result's part and of CF, and OF where it has its own.
    private LocalBuilder? recordKind, recordCarryKind, recordHasOverflow, recordOverflow;
    private readonly LocalBuilder[] recordOperands = new LocalBuilder[3], recordCarryOperands = new LocalBuilder[3];

    private readonly FlagState[] inherited;
    private FlagState flags;

    private void EmitRecordReset()
    {
        if (!flow.Heads.Contains(HeadFlags.Record))
        {
            return;
        }
        recordKind = NewKind();
        recordCarryKind = NewKind();
        recordHasOverflow = NewKind();
        recordOverflow = NewOperand();
        for (int n = 0; n < 3; n++)
        {
            recordOperands[n] = NewOperand();
            recordCarryOperands[n] = NewOperand();
        }
    }

    private LocalBuilder NewKind()
    {
        LocalBuilder kind = il.Local(typeof(int));
        StoreKind(kind, 0);
        return kind;
    }

    // Operands that a kind has no use for are passed all the same.
    private LocalBuilder NewOperand()
    {
        LocalBuilder operand = il.Local(typeof(ulong));
        il.Long(0);
        il.Store(operand);
        return operand;
    }

    // At an edge to a block that expects its flags in the record.
    private void EmitRecord()
    {
        if (flags.Carry >= 0 && (flags.Carry != flags.Result))
        {
            EmitCarryOf(flags.Carry);
            il.Op(OpCodes.Conv_U8);
            il.Store(recordCarryOperands[0]);
            StoreKind(recordCarryKind!, FlagKind.Bool);
        }
        else if (flags.Carry == FlagState.AtHead && flags.Result >= 0)
        {
            EmitKeepCarryOfRecord();
        }
        else if (flags.Carry != FlagState.AtHead)
        {
            StoreKind(recordCarryKind!, 0);
        }
        if (flags.Overflow >= 0 && flags.Overflow != flags.Result)
        {
            EmitValue(nodes[flags.Overflow].B);
            il.Store(recordOverflow!);
            StoreKind(recordHasOverflow!, 1);
        }
        else if (flags.Overflow != FlagState.AtHead)
        {
            StoreKind(recordHasOverflow!, 0);
        }
        if (flags.Result >= 0)
        {
            CopyOperands(flags.Result, recordOperands);
            StoreKind(recordKind!, Kind(flags.Result));
        }
        else if (flags.Result == FlagState.InMemory)
        {
            StoreKind(recordKind!, 0);
        }
    }

    // INC or DEC with nothing before it in the block: CF stays that of the record, which may have it in either part.
    private void EmitKeepCarryOfRecord()
    {
        Label kept = il.Label();
        il.Load(recordCarryKind!);
        il.Branch(OpCodes.Brtrue, kept);
        il.Load(recordKind!);
        il.Int(FlagKind.FirstWithoutCarry);
        il.Branch(OpCodes.Bge, kept);
        il.Load(recordKind!);
        il.Store(recordCarryKind!);
        for (int n = 0; n < 3; n++)
        {
            il.Load(recordOperands[n]);
            il.Store(recordCarryOperands[n]);
        }
        il.Mark(kept);
    }

    private void StoreKind(LocalBuilder local, int kind)
    {
        il.Int(kind);
        il.Store(local);
    }

    private int Kind(int setter) => FlagKind.Of(nodes[setter].Op, nodes[setter].Width);

    private void CopyOperands(int setter, LocalBuilder[] to)
    {
        ref IrNode node = ref nodes[setter];
        ReadOnlySpan<int> operands = [node.A, node.B, node.C];
        for (int n = 0; n < 3; n++)
        {
            if (operands[n] >= 0)
            {
                EmitValue(operands[n]);
                il.Store(to[n]);
            }
        }
    }

    private bool SetsFlags(int start)
    {
        for (int n = start; n < EndOf(start); n++)
        {
            if (PlacePass.ChangesFlags(nodes[n].Op))
            {
                return true;
            }
        }
        return false;
    }

    private int EndOf(int start)
    {
        int n = start;
        while (nodes[n].Op != IrOp.EndIf)
        {
            n++;
        }
        return n;
    }

    private void EmitFlagChange(int n)
    {
        ref IrNode node = ref nodes[n];
        if (PlacePass.IsFlagSetter(node.Op))
        {
            flags = flags.After(n, node.Op);
            return;
        }
        Materialize(flags, cold: false);
        flags = FlagState.Memory;
        il.Cpu();
        EmitValue(node.A);
        il.Call(Methods.SetLowFlags);
    }

    private void EmitIf(int n)
    {
        Label endIf = il.Label();
        openIfs.Push(endIf);
        if (SetsFlags(n))
        {
            Materialize(flags, cold: false);
            EmitCondition(nodes[n].A);
            flags = FlagState.Memory;
        }
        else
        {
            EmitCondition(nodes[n].A);
        }
        il.Branch(OpCodes.Brfalse, endIf);
    }

    private void EmitEndIf(int n)
    {
        if (IfSetsFlags(n))
        {
            Materialize(flags, cold: false);
            flags = FlagState.Memory;
        }
        il.Mark(openIfs.Pop());
    }

    private bool IfSetsFlags(int endIf)
    {
        int n = endIf;
        while (nodes[n].Op != IrOp.If)
        {
            n--;
        }
        return SetsFlags(n);
    }

    /// <summary>Brings flags into the state; <paramref name="cold"/> by calls, else inlined. Leaves <see cref="flags"/> alone.</summary>
    private void Materialize(FlagState state, bool cold)
    {
        if (state.NeedsRecord)
        {
            EmitApplyRecord();
        }
        if (state.Result >= 0)
        {
            EmitSetter(state.Result, cold);
        }
        if (state.Overflow >= 0 && state.Overflow != state.Result)
        {
            il.Cpu();
            EmitCarryOf(state.Carry);
            il.Op(OpCodes.Conv_U8);
            EmitValue(nodes[state.Overflow].B);
            il.Call(Methods.FlagsCarryOverflow);
        }
        else if (state.Carry >= 0 && state.Carry != state.Result)
        {
            il.Cpu();
            EmitCarryOf(state.Carry);
            il.Op(OpCodes.Conv_U8);
            il.Call(Methods.SetCarry);
        }
    }

    private void EmitApplyRecord()
    {
        il.Cpu();
        il.Load(recordKind!);
        il.Load(recordCarryKind!);
        for (int n = 0; n < 3; n++)
        {
            il.Load(recordOperands[n]);
        }
        for (int n = 0; n < 3; n++)
        {
            il.Load(recordCarryOperands[n]);
        }
        il.Load(recordHasOverflow!);
        il.Load(recordOverflow!);
        il.Call(Methods.ApplyRecord);
    }

    private void EmitSetter(int setter, bool cold)
    {
        ref IrNode node = ref nodes[setter];
        il.Cpu();
        ReadOnlySpan<int> ids = [node.A, node.B, node.C];
        for (int n = 0; n < 3; n++)
        {
            if (ids[n] >= 0)
            {
                EmitValue(ids[n]);
            }
        }
        il.Call(Methods.FlagSetter(node.Op, node.Width, cold));
    }

    /// <summary>Condition code <paramref name="code"/> as int32 0 or 1.</summary>
    private void EmitConditionCode(int code)
    {
        if (!IsHere(code >> 1))
        {
            Materialize(flags, cold: false);
            il.Cpu();
            il.Int(code);
            il.Call(Methods.Condition);
            return;
        }
        ref IrNode setter = ref nodes[Math.Max(flags.Result, 0)];
        switch (code >> 1)
        {
            case 0: EmitOverflow(in nodes[flags.Overflow]); break;
            case 1: EmitCarryOf(flags.Carry); break;
            case 2: EmitZero(in setter); break;
            case 3: EmitBelowOrEqual(in setter); break;
            case 4: EmitSign(in setter); break;
            case 5:
                EmitValue(ResultOf(in setter));
                il.Call(Methods.EvenParity);
                break;
            default: EmitLess(in setter, orEqual: code >> 1 == 7); break;
        }
        if ((code & 1) != 0)
        {
            EmitNot();
        }
    }

    // True when the parts that a pair of conditions looks at are pending.
    private bool IsHere(int pair) => pair switch
    {
        0 => flags.Overflow >= 0,
        1 => flags.Carry >= 0,
        3 => flags.Carry >= 0 && flags.Result >= 0,
        6 or 7 => flags.Overflow >= 0 && flags.Result >= 0,
        _ => flags.Result >= 0,
    };

    private static int ResultOf(in IrNode setter) => setter.Op is IrOp.FlagsAdd or IrOp.FlagsSub ? setter.C : setter.A;

    // r is a - b and nothing else: conditions compare a and b.
    private bool IsPlainSub(in IrNode setter)
    {
        if (setter.Op != IrOp.FlagsSub)
        {
            return false;
        }
        ref IrNode r = ref nodes[setter.C];
        ref IrNode inner = ref nodes[r.Op == IrOp.Trunc ? r.A : setter.C];
        return inner.Op == IrOp.Sub && inner.A == setter.A && inner.B == setter.B;
    }

    private bool IsPlainAdd(in IrNode setter)
    {
        if (setter.Op != IrOp.FlagsAdd)
        {
            return false;
        }
        ref IrNode r = ref nodes[setter.C];
        ref IrNode inner = ref nodes[r.Op == IrOp.Trunc ? r.A : setter.C];
        return inner.Op == IrOp.Add && inner.A == setter.A && inner.B == setter.B;
    }

    /// <summary>CF as int32 0 or 1.</summary>
    private void EmitCarry()
    {
        if (flags.Carry >= 0)
        {
            EmitCarryOf(flags.Carry);
            return;
        }
        if (flags.Carry == FlagState.AtHead)
        {
            Materialize(flags, cold: false);
        }
        il.LoadState(StateOffsets.FlagsAux, OpCodes.Ldind_I8);
        il.Long(0);
        il.Op(OpCodes.Clt);
    }

    private void EmitCarryOf(int node)
    {
        ref IrNode setter = ref nodes[node];
        switch (setter.Op)
        {
            case IrOp.FlagsCarryOverflow or IrOp.SetCarry: EmitBool(setter.A); break;
            case IrOp.FlagsLogic: il.Int(0); break;
            case IrOp.FlagsResult: EmitBool(setter.B); break;
            case IrOp.FlagsSub when IsPlainSub(in setter): EmitCompare(setter.A, setter.B, setter.Width, OpCodes.Clt_Un, signed: false); break;
            case IrOp.FlagsAdd when IsPlainAdd(in setter): EmitCompare(setter.C, setter.A, setter.Width, OpCodes.Clt_Un, signed: false); break;
            default: EmitCarryVector(in setter); break;
        }
    }

    // Top bit of the carries out of each bit: (a & b) | ((a | b) & ~r), for a subtraction with ~a and r.
    private void EmitCarryVector(in IrNode setter)
    {
        bool sub = setter.Op == IrOp.FlagsSub;
        EmitVectorA(setter.A, sub);
        EmitValue(setter.B);
        il.Op(OpCodes.And);
        EmitVectorA(setter.A, sub);
        EmitValue(setter.B);
        il.Op(OpCodes.Or);
        EmitVectorA(setter.C, !sub);
        il.Op(OpCodes.And);
        il.Op(OpCodes.Or);
        EmitTopBit(setter.Width);
    }

    private void EmitVectorA(int node, bool inverted)
    {
        EmitValue(node);
        if (inverted)
        {
            il.Op(OpCodes.Not);
        }
    }

    private void EmitTopBit(int width)
    {
        il.Int(width - 1);
        il.Op(OpCodes.Shr_Un);
        il.Op(OpCodes.Conv_I4);
        il.Int(1);
        il.Op(OpCodes.And);
    }

    private void EmitOverflow(in IrNode setter)
    {
        int r = ResultOf(in setter);
        switch (setter.Op)
        {
            case IrOp.FlagsLogic: il.Int(0); break;
            case IrOp.FlagsCarryOverflow: EmitBool(setter.B); break;
            case IrOp.FlagsResult: EmitBool(setter.C); break;
            case IrOp.FlagsInc or IrOp.FlagsDec:
                EmitValue(r);
                il.Long(setter.Op == IrOp.FlagsInc ? 1ul << (setter.Width - 1) : (1ul << (setter.Width - 1)) - 1);
                il.Op(OpCodes.Ceq);
                break;
            default:
                // add: (a ^ r) & (b ^ r); sub: (a ^ b) & (a ^ r)
                EmitValue(setter.A);
                EmitValue(setter.C);
                il.Op(OpCodes.Xor);
                EmitValue(setter.B);
                EmitValue(setter.Op == IrOp.FlagsAdd ? setter.C : setter.A);
                il.Op(OpCodes.Xor);
                il.Op(OpCodes.And);
                EmitTopBit(setter.Width);
                break;
        }
    }

    private void EmitZero(in IrNode setter)
    {
        if (IsPlainSub(in setter) && values[setter.C] == null)
        {
            EmitCompare(setter.A, setter.B, setter.Width, OpCodes.Ceq, signed: false);
            return;
        }
        EmitValue(ResultOf(in setter));
        il.Long(0);
        il.Op(OpCodes.Ceq);
    }

    private void EmitBelowOrEqual(in IrNode setter)
    {
        if (flags.Carry == flags.Result && IsPlainSub(in setter))
        {
            EmitCompare(setter.A, setter.B, setter.Width, OpCodes.Cgt_Un, signed: false);
            EmitNot();
            return;
        }
        EmitCarryOf(flags.Carry);
        EmitZero(in setter);
        il.Op(OpCodes.Or);
    }

    private void EmitSign(in IrNode setter)
    {
        EmitNarrow(ResultOf(in setter), setter.Width, signed: true);
        EmitZeroOf(setter.Width);
        il.Op(OpCodes.Clt);
    }

    private void EmitLess(in IrNode setter, bool orEqual)
    {
        if (flags.Overflow == flags.Result && IsPlainSub(in setter))
        {
            EmitCompare(setter.A, setter.B, setter.Width, orEqual ? OpCodes.Cgt : OpCodes.Clt, signed: true);
            if (orEqual)
            {
                EmitNot();
            }
            return;
        }
        EmitSign(in setter);
        EmitOverflow(in nodes[flags.Overflow]);
        il.Op(OpCodes.Xor);
        if (orEqual)
        {
            EmitZero(in setter);
            il.Op(OpCodes.Or);
        }
    }
}
