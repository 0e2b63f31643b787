using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>Two operands of one width, the first only written: A = S(B).</summary>
public readonly struct Assign<S, W, A, B> : ISemantics
    where S : struct, IBinary
    where W : struct, IWidth
    where A : struct, IOperand
    where B : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        return B.Read<D, V, W>(ref d, in i, out V b) && A.Write<D, V, W>(ref d, in i, S.Apply<D, V, W>(ref d, b, b));
    }
}

/// <summary>Two operands of one width, the first read and written: A = S(A, B). A shape of its own: RyuJIT spends its inline budget on paths that constants exclude.</summary>
public readonly struct Modify<S, W, A, B> : ISemantics
    where S : struct, IBinary
    where W : struct, IWidth
    where A : struct, IOperand
    where B : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        if (!B.Read<D, V, W>(ref d, in i, out V b) || !A.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        A.WriteBack<D, V, W>(ref d, in i, S.Apply<D, V, W>(ref d, a, b));
        return true;
    }
}

/// <summary>Two operands of one width, both only read: S(A, B) for its flags.</summary>
public readonly struct Compare<S, W, A, B> : ISemantics
    where S : struct, IBinary
    where W : struct, IWidth
    where A : struct, IOperand
    where B : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        if (!B.Read<D, V, W>(ref d, in i, out V b) || !A.Read<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        S.Apply<D, V, W>(ref d, a, b);
        return true;
    }
}

/// <summary>One operand: A = S(A).</summary>
public readonly struct Unary<S, W, A> : ISemantics
    where S : struct, IUnary
    where W : struct, IWidth
    where A : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        if (!A.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        A.WriteBack<D, V, W>(ref d, in i, S.Apply<D, V, W>(ref d, a));
        return true;
    }
}

/// <summary>Shift or rotate: A = S(A, count), the count a byte from CL (as <c>SrcRegister</c>) or an immediate.</summary>
public readonly struct Shift<S, W, A, B> : ISemantics
    where S : struct, IBinary
    where W : struct, IWidth
    where A : struct, IOperand
    where B : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        if (!B.Read<D, V, W8>(ref d, in i, out V count) || !A.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        count = d.And(count, d.Const(W.Bits == 64 ? 63ul : 31));
        A.WriteBack<D, V, W>(ref d, in i, S.Apply<D, V, W>(ref d, a, count));
        return true;
    }
}

/// <summary>MOVZX and MOVSX: the destination register of width W from operand B of width N.</summary>
public readonly struct Extend<W, N, B, Signed> : ISemantics
    where W : struct, IWidth
    where N : struct, IWidth
    where B : struct, IOperand
    where Signed : struct, IFlag
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        if (!B.Read<D, V, N>(ref d, in i, out V value))
        {
            return false;
        }
        d.SetRegister<W>(i.Dst, Signed.Value ? d.Trunc<W>(d.SignExtend<N>(value)) : value);
        return true;
    }
}

/// <summary>An instruction that finds its operands itself.</summary>
public readonly struct Plain<S, W> : ISemantics
    where S : struct, IPlain
    where W : struct, IWidth
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged => S.Run<D, V, W>(ref d, in i);
}

/// <summary>A Boolean as a type.</summary>
public interface IFlag
{
    /// <summary>The value.</summary>
    static abstract bool Value { get; }
}

/// <summary>True.</summary>
public readonly struct Yes : IFlag
{
    /// <inheritdoc/>
    public static bool Value => true;
}

/// <summary>False.</summary>
public readonly struct No : IFlag
{
    /// <inheritdoc/>
    public static bool Value => false;
}
