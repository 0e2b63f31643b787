using System.Reflection.Emit;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>Values: each node as an IL expression of type int64, or as a truth value of type int32.</summary>
internal sealed unsafe partial class RegionEmitter
{
    private readonly Stack<Label> openIfs = new();

    private void EmitToLocal(int n)
    {
        EmitExpression(n);
        StoreValue(n);
    }

    // The value on the stack becomes that of the node.
    private void StoreValue(int n)
    {
        if (!places.InLocal[n])
        {
            il.Op(OpCodes.Pop);
            return;
        }
        values[n] ??= il.Local(typeof(ulong));
        il.Store(values[n]!);
    }

    private void EmitValue(int n)
    {
        if (places.InLocal[n])
        {
            il.Load(values[n]!);
        }
        else
        {
            EmitExpression(n);
        }
    }

    private void EmitExpression(int n)
    {
        ref IrNode node = ref nodes[n];
        switch (node.Op)
        {
            case IrOp.Const: il.Long(node.Imm); break;
            case IrOp.Not: EmitUnary(node.A, OpCodes.Not); break;
            case IrOp.Neg: EmitUnary(node.A, OpCodes.Neg); break;
            case IrOp.Add: EmitBinary(in node, OpCodes.Add); break;
            case IrOp.Sub: EmitBinary(in node, OpCodes.Sub); break;
            case IrOp.Mul: EmitBinary(in node, OpCodes.Mul); break;
            case IrOp.And: EmitBinary(in node, OpCodes.And); break;
            case IrOp.Or: EmitBinary(in node, OpCodes.Or); break;
            case IrOp.Xor: EmitBinary(in node, OpCodes.Xor); break;
            case IrOp.Shl: EmitShift(in node, OpCodes.Shl); break;
            case IrOp.Shr: EmitShift(in node, OpCodes.Shr_Un); break;
            case IrOp.Sar: EmitShift(in node, OpCodes.Shr); break;
            case IrOp.Equal or IrOp.LessUnsigned or IrOp.LessSigned or IrOp.Carry or IrOp.Condition:
                EmitTruth(in node);
                il.Op(OpCodes.Conv_U8);
                break;
            case IrOp.MulHigh: EmitCall(in node, Methods.MulHigh); break;
            case IrOp.MulHighSigned: EmitCall(in node, Methods.MulHighSigned); break;
            case IrOp.LowestBit: EmitCall(in node, Methods.LowestBit); break;
            case IrOp.HighestBit: EmitCall(in node, Methods.HighestBit); break;
            case IrOp.DivUnsigned: EmitBinary(in node, OpCodes.Div_Un); break;
            case IrOp.DivSigned: EmitBinary(in node, OpCodes.Div); break;
            case IrOp.Trunc:
                EmitValue(node.A);
                EmitTrunc(folded.Mask[node.A], node.Width);
                break;
            case IrOp.SignExtend:
                EmitValue(node.A);
                il.Op(node.Width switch { 8 => OpCodes.Conv_I1, 16 => OpCodes.Conv_I2, _ => OpCodes.Conv_I4 });
                il.Op(OpCodes.Conv_I8);
                break;
            case IrOp.Select: EmitSelect(in node); break;
            case IrOp.ReadRegister: EmitReadRegister(in node); break;
            case IrOp.EffectiveAddress: EmitEffectiveAddress(node.Insn); break;
            case IrOp.LowFlags:
                Materialize(flags, cold: false);
                il.Cpu();
                il.Call(Methods.LowFlags);
                break;
            case IrOp.NextRip:
                EmitRip(block.Rip + (ulong)node.Insn->NextOffset);
                break;
            default:
                throw new InvalidOperationException($"{node.Op} has no value");
        }
    }

    private void EmitUnary(int a, OpCode op)
    {
        EmitValue(a);
        il.Op(op);
    }

    private void EmitBinary(in IrNode node, OpCode op)
    {
        EmitValue(node.A);
        EmitValue(node.B);
        il.Op(op);
    }

    private void EmitShift(in IrNode node, OpCode op)
    {
        EmitValue(node.A);
        if (nodes[node.B].Op == IrOp.Const)
        {
            il.Int((int)nodes[node.B].Imm & 63);
        }
        else
        {
            EmitValue(node.B);
            il.Op(OpCodes.Conv_I4);
            il.Int(63);
            il.Op(OpCodes.And);
        }
        il.Op(op);
    }

    private void EmitCall(in IrNode node, System.Reflection.MethodInfo method)
    {
        EmitValue(node.A);
        if (node.B >= 0)
        {
            EmitValue(node.B);
        }
        il.Call(method);
    }

    private void EmitSelect(in IrNode node)
    {
        LocalBuilder chosen = il.Local(typeof(ulong));
        Label done = il.Label();
        EmitValue(node.B);
        il.Store(chosen);
        EmitCondition(node.A);
        il.Branch(OpCodes.Brtrue, done);
        EmitValue(node.C);
        il.Store(chosen);
        il.Mark(done);
        il.Load(chosen);
    }

    // Cuts the int64 on the stack to a width, unless its mask says that it is cut already.
    private void EmitTrunc(ulong mask, int width)
    {
        if (width == 64 || mask >> width == 0)
        {
            return;
        }
        il.Op(width switch { 8 => OpCodes.Conv_U1, 16 => OpCodes.Conv_U2, _ => OpCodes.Conv_U4 });
        il.Op(OpCodes.Conv_U8);
    }

    private void EmitReadRegister(in IrNode node)
    {
        int offset = (int)node.Imm;
        il.Load(registers[offset >> 3]!);
        if ((offset & 7) != 0)
        {
            il.Int((offset & 7) * 8);
            il.Op(OpCodes.Shr_Un);
        }
        EmitTrunc(RegionKey.CodeMode(plan.Key) == CodeMode.Bits64 || (offset & 7) != 0 ? ~0ul : uint.MaxValue, node.Width);
    }

    private void EmitWriteRegister(ref IrNode node)
    {
        int number = (int)node.Imm >> 3, shift = ((int)node.Imm & 7) * 8;
        LocalBuilder local = registers[number]!;
        ulong mask = folded.Mask[node.A];
        if (node.Width >= 32)
        {
            EmitValue(node.A);
            EmitTrunc(mask, node.Width);
            il.Store(local);
            return;
        }
        ulong part = ((1ul << node.Width) - 1) << shift;
        il.Load(local);
        il.Long(~part);
        il.Op(OpCodes.And);
        EmitValue(node.A);
        EmitTrunc(mask, node.Width);
        if (shift != 0)
        {
            il.Int(shift);
            il.Op(OpCodes.Shl);
        }
        il.Op(OpCodes.Or);
        il.Store(local);
    }

    // ((base + (index << scale) + disp)) cut to the address size; absent parts are not added.
    private void EmitEffectiveAddress(Insn* i)
    {
        bool any = false;
        if (i->Base != CpuState.ZeroOffset)
        {
            il.Load(registers[i->Base >> 3]!);
            any = true;
        }
        if (i->Index != CpuState.ZeroOffset)
        {
            il.Load(registers[i->Index >> 3]!);
            if (i->Scale != 0)
            {
                il.Int(i->Scale);
                il.Op(OpCodes.Shl);
            }
            if (any)
            {
                il.Op(OpCodes.Add);
            }
            any = true;
        }
        if (!any)
        {
            il.Long((ulong)(long)i->Disp & (~0ul >> i->AddressShift));
            return;
        }
        if (i->Disp != 0)
        {
            il.Long((ulong)(long)i->Disp);
            il.Op(OpCodes.Add);
        }
        bool isCut = i->Disp == 0 && i->AddressShift == 32 && (i->Index == CpuState.ZeroOffset || (i->Base == CpuState.ZeroOffset && i->Scale == 0))
            && RegionKey.CodeMode(plan.Key) != CodeMode.Bits64;
        EmitTrunc(isCut ? uint.MaxValue : ~0ul, 64 - i->AddressShift);
    }

    /// <summary>"Not 0" of a value as int32.</summary>
    private void EmitCondition(int n)
    {
        if (folded.Mask[n] == 1)
        {
            EmitBool(n);
            return;
        }
        EmitValue(n);
        il.Long(0);
        il.Op(OpCodes.Cgt_Un);
    }

    /// <summary>A value that is 0 or 1 as int32.</summary>
    private void EmitBool(int n)
    {
        ref IrNode node = ref nodes[n];
        if (!places.InLocal[n])
        {
            switch (node.Op)
            {
                case IrOp.Equal or IrOp.LessUnsigned or IrOp.LessSigned or IrOp.Carry or IrOp.Condition:
                    EmitTruth(in node);
                    return;
                case IrOp.Xor when folded.Mask[node.A] == 1 && nodes[node.B].Op == IrOp.Const:
                    EmitBool(node.A);
                    EmitNot();
                    return;
                case IrOp.And when folded.Mask[node.A] == 1 && folded.Mask[node.B] == 1:
                    EmitBool(node.A);
                    EmitBool(node.B);
                    il.Op(OpCodes.And);
                    return;
                default:
                    break;
            }
        }
        EmitValue(n);
        il.Op(OpCodes.Conv_I4);
    }

    private void EmitTruth(in IrNode node)
    {
        switch (node.Op)
        {
            case IrOp.Equal: EmitBinary(in node, OpCodes.Ceq); break;
            case IrOp.LessUnsigned: EmitBinary(in node, OpCodes.Clt_Un); break;
            case IrOp.LessSigned: EmitBinary(in node, OpCodes.Clt); break;
            case IrOp.Carry: EmitCarry(); break;
            default: EmitConditionCode((int)node.Imm); break;
        }
    }

    private void EmitNot()
    {
        il.Int(0);
        il.Op(OpCodes.Ceq);
    }

    // Compares two values of a width in the narrowest type that holds them.
    private void EmitCompare(int a, int b, int width, OpCode op, bool signed)
    {
        EmitNarrow(a, width, signed);
        EmitNarrow(b, width, signed);
        il.Op(op);
    }

    // A value of a width as int32, or int64 for 64 bits.
    private void EmitNarrow(int n, int width, bool signed)
    {
        EmitValue(n);
        if (width < 64)
        {
            il.Op(!signed || width == 32 ? OpCodes.Conv_I4 : width == 16 ? OpCodes.Conv_I2 : OpCodes.Conv_I1);
        }
    }

    private void EmitZeroOf(int width)
    {
        il.Int(0);
        if (width == 64)
        {
            il.Op(OpCodes.Conv_I8);
        }
    }
}
