using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>
/// The value domain in which instruction semantics are written. Values are 64 bits wide, zero-extended from their width.
/// <c>ConcreteOps</c> computes them (the interpreter); <c>EmitOps</c> records how (the translator). An operation that can take a
/// guest fault returns false when it did, and the semantics return false at once; the recording domain always returns true.
/// </summary>
/// <typeparam name="V">A value: <c>ulong</c>, or a reference into the intermediate form.</typeparam>
public interface IOps<V>
    where V : unmanaged
{
#pragma warning disable CS1591 // plain arithmetic
    V Const(ulong value);
    V Add(V a, V b);
    V Sub(V a, V b);
    V Mul(V a, V b);
    V And(V a, V b);
    V Or(V a, V b);
    V Xor(V a, V b);
    V Not(V a);
    V Neg(V a);

    /// <summary>Shifts by 0-63; the count is taken modulo 64.</summary>
    V Shl(V a, V count);
    V Shr(V a, V count);
    V Sar(V a, V count);

    /// <summary>1 or 0.</summary>
    V Equal(V a, V b);
    V LessUnsigned(V a, V b);
    V LessSigned(V a, V b);
#pragma warning restore CS1591

    /// <summary>High 64 bits of the unsigned product.</summary>
    V MulHigh(V a, V b);

    /// <summary>High 64 bits of the signed product.</summary>
    V MulHighSigned(V a, V b);

    /// <summary>Index of the lowest set bit; undefined for 0.</summary>
    V LowestBit(V a);

    /// <summary>Index of the highest set bit; undefined for 0.</summary>
    V HighestBit(V a);

    /// <summary>The low W bits, zero-extended.</summary>
    V Trunc<W>(V a)
        where W : struct, IWidth;

    /// <summary>The low W bits, sign-extended to 64.</summary>
    V SignExtend<W>(V a)
        where W : struct, IWidth;

    /// <summary>a where condition is not 0, else b. Both are evaluated.</summary>
    V Select(V condition, V a, V b);

    /// <summary>Opens code that runs only when condition is not 0; write it as <c>if (d.If(c)) { ... } d.EndIf();</c>. Effects only: no value leaves.</summary>
    bool If(V condition);

    /// <summary>Closes <see cref="If"/>.</summary>
    void EndIf();

    /// <summary>General register at a state offset, zero-extended.</summary>
    V Register<W>(int offset)
        where W : struct, IWidth;

    /// <summary>Writes a general register: 8 and 16 bits merge, 32 bits clear the upper half.</summary>
    void SetRegister<W>(int offset, V value)
        where W : struct, IWidth;

    /// <summary>Offset part of the memory operand's address, cut to the address size.</summary>
    V EffectiveAddress(in Insn i);

    /// <summary>Reads memory at segment:address.</summary>
    bool Load<W>(int segment, V address, out V value)
        where W : struct, IWidth;

    /// <summary>Writes memory at segment:address.</summary>
    bool Store<W>(int segment, V address, V value)
        where W : struct, IWidth;

    /// <summary>Reads memory that will be written back by <see cref="EndModify"/>; checks write permission now. At most one at a time.</summary>
    bool BeginModify<W>(int segment, V address, out V value)
        where W : struct, IWidth;

    /// <summary>The write of a read-modify-write. Cannot fault.</summary>
    void EndModify<W>(V value)
        where W : struct, IWidth;

    /// <summary>Unsigned quotient of 64-bit values; the divisor is not 0.</summary>
    V DivUnsigned(V a, V b);

    /// <summary>Signed quotient of 64-bit values; the divisor is not 0, and the quotient fits.</summary>
    V DivSigned(V a, V b);

    /// <summary>Goes on when condition is not 0; else records a fault without error code and returns false. Nothing of the instruction may be done before.</summary>
    bool Require(V condition, int vector);

    /// <summary>The stack's address mask: FFFF, FFFFFFFF or all ones.</summary>
    V StackMask();

    /// <summary>Flags of a + b (+ carry) = r, all of width W.</summary>
    void FlagsAdd<W>(V a, V b, V r)
        where W : struct, IWidth;

    /// <summary>Flags of a - b (- borrow) = r.</summary>
    void FlagsSub<W>(V a, V b, V r)
        where W : struct, IWidth;

    /// <summary>Flags of AND, OR, XOR, TEST: CF OF AF cleared.</summary>
    void FlagsLogic<W>(V r)
        where W : struct, IWidth;

    /// <summary>Flags of r = a + 1; CF stays.</summary>
    void FlagsInc<W>(V r)
        where W : struct, IWidth;

    /// <summary>Flags of r = a - 1; CF stays.</summary>
    void FlagsDec<W>(V r)
        where W : struct, IWidth;

    /// <summary>SF ZF PF from r; CF and OF given as 0 or 1; AF cleared.</summary>
    void FlagsResult<W>(V r, V carry, V overflow)
        where W : struct, IWidth;

    /// <summary>CF and OF given as 0 or 1; the others stay (rotates).</summary>
    void FlagsCarryOverflow(V carry, V overflow);

    /// <summary>CF given as 0 or 1; the others stay.</summary>
    void SetCarry(V carry);

    /// <summary>CF as 0 or 1.</summary>
    V Carry();

    /// <summary>Condition <paramref name="code"/> (0 = O, 1 = NO, ... 15 = G) as 0 or 1.</summary>
    V Condition(int code);

    /// <summary>SF ZF AF PF CF in LAHF's layout, bit 1 set.</summary>
    V LowFlags();

    /// <summary>Replaces SF ZF AF PF CF; OF stays.</summary>
    void SetLowFlags(V flags);

    /// <summary>Sets or clears DF.</summary>
    void SetDirection(bool down);

    /// <summary>
    /// What a transfer to <paramref name="target"/> checks before it changes anything: false, with #GP recorded, when it lies beyond CS.
    /// </summary>
    bool CheckTarget<W>(V target)
        where W : struct, IWidth;

    /// <summary>The same for <see cref="Branch"/>.</summary>
    bool CheckBranch<W>(V condition, in Insn i)
        where W : struct, IWidth;

    /// <summary>RIP of the instruction after <paramref name="i"/>.</summary>
    V NextRip(in Insn i);

    /// <summary>Goes to an absolute offset in CS, cut to W. Returns false: the block ends (or the target is beyond the limit: #GP).</summary>
    bool Jump<W>(V target)
        where W : struct, IWidth;

    /// <summary>Goes to the instruction's relative target when condition is not 0, else to the next one. Returns false.</summary>
    bool Branch<W>(V condition, in Insn i)
        where W : struct, IWidth;
}
