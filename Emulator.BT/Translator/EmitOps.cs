using Emulator.BT.Decode;
using Emulator.BT.Semantics;

namespace Emulator.BT.Translator;

/// <summary>The recording value domain: the same semantics that run in the interpreter append nodes here.</summary>
public readonly unsafe struct EmitOps(IrBuilder builder) : IOps<Value>
{
    /// <inheritdoc/>
    public Value Const(ulong value) => builder.Append(IrOp.Const, imm: value);

    /// <inheritdoc/>
    public Value Add(Value a, Value b) => builder.Append(IrOp.Add, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Sub(Value a, Value b) => builder.Append(IrOp.Sub, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Mul(Value a, Value b) => builder.Append(IrOp.Mul, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value And(Value a, Value b) => builder.Append(IrOp.And, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Or(Value a, Value b) => builder.Append(IrOp.Or, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Xor(Value a, Value b) => builder.Append(IrOp.Xor, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Shl(Value a, Value count) => builder.Append(IrOp.Shl, a: a.Id, b: count.Id);

    /// <inheritdoc/>
    public Value Shr(Value a, Value count) => builder.Append(IrOp.Shr, a: a.Id, b: count.Id);

    /// <inheritdoc/>
    public Value Sar(Value a, Value count) => builder.Append(IrOp.Sar, a: a.Id, b: count.Id);

    /// <inheritdoc/>
    public Value Equal(Value a, Value b) => builder.Append(IrOp.Equal, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value LessUnsigned(Value a, Value b) => builder.Append(IrOp.LessUnsigned, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value LessSigned(Value a, Value b) => builder.Append(IrOp.LessSigned, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value MulHigh(Value a, Value b) => builder.Append(IrOp.MulHigh, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value MulHighSigned(Value a, Value b) => builder.Append(IrOp.MulHighSigned, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value Not(Value a) => builder.Append(IrOp.Not, a: a.Id);

    /// <inheritdoc/>
    public Value Neg(Value a) => builder.Append(IrOp.Neg, a: a.Id);

    /// <inheritdoc/>
    public Value LowestBit(Value a) => builder.Append(IrOp.LowestBit, a: a.Id);

    /// <inheritdoc/>
    public Value HighestBit(Value a) => builder.Append(IrOp.HighestBit, a: a.Id);

    /// <inheritdoc/>
    public Value Trunc<W>(Value a)
        where W : struct, IWidth => builder.Append(IrOp.Trunc, W.Bits, a.Id);

    /// <inheritdoc/>
    public Value SignExtend<W>(Value a)
        where W : struct, IWidth => builder.Append(IrOp.SignExtend, W.Bits, a.Id);

    /// <inheritdoc/>
    public Value Select(Value condition, Value a, Value b) => builder.Append(IrOp.Select, a: condition.Id, b: a.Id, c: b.Id);

    /// <inheritdoc/>
    public bool If(Value condition)
    {
        builder.Append(IrOp.If, a: condition.Id);
        return true;
    }

    /// <inheritdoc/>
    public void EndIf() => builder.Append(IrOp.EndIf);

    /// <inheritdoc/>
    public Value Register<W>(int offset)
        where W : struct, IWidth => builder.Append(IrOp.ReadRegister, W.Bits, imm: (ulong)offset);

    /// <inheritdoc/>
    public void SetRegister<W>(int offset, Value value)
        where W : struct, IWidth => builder.Append(IrOp.WriteRegister, W.Bits, value.Id, imm: (ulong)offset);

    /// <inheritdoc/>
    public Value EffectiveAddress(in Insn i) => builder.Append(IrOp.EffectiveAddress, insn: Pointer(in i));

    /// <inheritdoc/>
    public bool Load<W>(int segment, Value address, out Value value)
        where W : struct, IWidth
    {
        value = builder.Append(IrOp.Load, W.Bits, address.Id, imm: (ulong)segment);
        return true;
    }

    /// <inheritdoc/>
    public bool Store<W>(int segment, Value address, Value value)
        where W : struct, IWidth
    {
        builder.Append(IrOp.Store, W.Bits, address.Id, value.Id, imm: (ulong)segment);
        return true;
    }

    /// <inheritdoc/>
    public bool BeginModify<W>(int segment, Value address, out Value value)
        where W : struct, IWidth
    {
        value = builder.Append(IrOp.BeginModify, W.Bits, address.Id, imm: (ulong)segment);
        return true;
    }

    /// <inheritdoc/>
    public void EndModify<W>(Value value)
        where W : struct, IWidth => builder.Append(IrOp.EndModify, W.Bits, value.Id);

    /// <inheritdoc/>
    public Value DivUnsigned(Value a, Value b) => builder.Append(IrOp.DivUnsigned, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public Value DivSigned(Value a, Value b) => builder.Append(IrOp.DivSigned, a: a.Id, b: b.Id);

    /// <inheritdoc/>
    public bool Require(Value condition, int vector)
    {
        builder.Append(IrOp.Require, a: condition.Id, imm: (ulong)vector);
        return true;
    }

    /// <inheritdoc/>
    public Value StackMask() => builder.Append(IrOp.StackMask);

    /// <inheritdoc/>
    public void FlagsAdd<W>(Value a, Value b, Value r)
        where W : struct, IWidth => builder.Append(IrOp.FlagsAdd, W.Bits, a.Id, b.Id, r.Id);

    /// <inheritdoc/>
    public void FlagsSub<W>(Value a, Value b, Value r)
        where W : struct, IWidth => builder.Append(IrOp.FlagsSub, W.Bits, a.Id, b.Id, r.Id);

    /// <inheritdoc/>
    public void FlagsLogic<W>(Value r)
        where W : struct, IWidth => builder.Append(IrOp.FlagsLogic, W.Bits, r.Id);

    /// <inheritdoc/>
    public void FlagsInc<W>(Value r)
        where W : struct, IWidth => builder.Append(IrOp.FlagsInc, W.Bits, r.Id);

    /// <inheritdoc/>
    public void FlagsDec<W>(Value r)
        where W : struct, IWidth => builder.Append(IrOp.FlagsDec, W.Bits, r.Id);

    /// <inheritdoc/>
    public void FlagsResult<W>(Value r, Value carry, Value overflow)
        where W : struct, IWidth => builder.Append(IrOp.FlagsResult, W.Bits, r.Id, carry.Id, overflow.Id);

    /// <inheritdoc/>
    public void FlagsCarryOverflow(Value carry, Value overflow) => builder.Append(IrOp.FlagsCarryOverflow, a: carry.Id, b: overflow.Id);

    /// <inheritdoc/>
    public void SetCarry(Value carry) => builder.Append(IrOp.SetCarry, a: carry.Id);

    /// <inheritdoc/>
    public Value Carry() => builder.Append(IrOp.Carry);

    /// <inheritdoc/>
    public Value Condition(int code) => builder.Append(IrOp.Condition, imm: (ulong)code);

    /// <inheritdoc/>
    public Value LowFlags() => builder.Append(IrOp.LowFlags);

    /// <inheritdoc/>
    public void SetLowFlags(Value flags) => builder.Append(IrOp.SetLowFlags, a: flags.Id);

    /// <inheritdoc/>
    public void SetDirection(bool down) => builder.Append(IrOp.SetDirection, imm: down ? 1ul : 0);

    /// <inheritdoc/>
    public Value NextRip(in Insn i) => builder.Append(IrOp.NextRip, insn: Pointer(in i));

    /// <inheritdoc/>
    public bool CheckTarget<W>(Value target)
        where W : struct, IWidth
    {
        builder.Append(IrOp.CheckTarget, W.Bits, target.Id);
        return true;
    }

    /// <summary>Nothing to record: a region holds no block whose direct transfer lies beyond CS.</summary>
    public bool CheckBranch<W>(Value condition, in Insn i)
        where W : struct, IWidth => true;

    /// <inheritdoc/>
    public bool Jump<W>(Value target)
        where W : struct, IWidth
    {
        builder.Append(IrOp.Jump, W.Bits, target.Id);
        return false;
    }

    /// <inheritdoc/>
    public bool Branch<W>(Value condition, in Insn i)
        where W : struct, IWidth
    {
        builder.Append(IrOp.Branch, W.Bits, condition.Id, insn: Pointer(in i));
        return false;
    }

    // SAFETY: instructions live in the block cache's arena, never on the managed heap.
    private static Insn* Pointer(in Insn i) => (Insn*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref System.Runtime.CompilerServices.Unsafe.AsRef(in i));
}
