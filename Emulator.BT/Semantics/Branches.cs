using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>A condition code as a type.</summary>
public interface ICode
{
    /// <summary>0-15.</summary>
    static abstract int Code { get; }
}

/// <summary>Condition 0.</summary>
public readonly struct CcO : ICode
{
    /// <inheritdoc/>
    public static int Code => 0;
}

/// <summary>Condition 1.</summary>
public readonly struct CcNo : ICode
{
    /// <inheritdoc/>
    public static int Code => 1;
}

/// <summary>Condition 2.</summary>
public readonly struct CcB : ICode
{
    /// <inheritdoc/>
    public static int Code => 2;
}

/// <summary>Condition 3.</summary>
public readonly struct CcAe : ICode
{
    /// <inheritdoc/>
    public static int Code => 3;
}

/// <summary>Condition 4.</summary>
public readonly struct CcE : ICode
{
    /// <inheritdoc/>
    public static int Code => 4;
}

/// <summary>Condition 5.</summary>
public readonly struct CcNe : ICode
{
    /// <inheritdoc/>
    public static int Code => 5;
}

/// <summary>Condition 6.</summary>
public readonly struct CcBe : ICode
{
    /// <inheritdoc/>
    public static int Code => 6;
}

/// <summary>Condition 7.</summary>
public readonly struct CcA : ICode
{
    /// <inheritdoc/>
    public static int Code => 7;
}

/// <summary>Condition 8.</summary>
public readonly struct CcS : ICode
{
    /// <inheritdoc/>
    public static int Code => 8;
}

/// <summary>Condition 9.</summary>
public readonly struct CcNs : ICode
{
    /// <inheritdoc/>
    public static int Code => 9;
}

/// <summary>Condition A.</summary>
public readonly struct CcP : ICode
{
    /// <inheritdoc/>
    public static int Code => 10;
}

/// <summary>Condition B.</summary>
public readonly struct CcNp : ICode
{
    /// <inheritdoc/>
    public static int Code => 11;
}

/// <summary>Condition C.</summary>
public readonly struct CcL : ICode
{
    /// <inheritdoc/>
    public static int Code => 12;
}

/// <summary>Condition D.</summary>
public readonly struct CcGe : ICode
{
    /// <inheritdoc/>
    public static int Code => 13;
}

/// <summary>Condition E.</summary>
public readonly struct CcLe : ICode
{
    /// <inheritdoc/>
    public static int Code => 14;
}

/// <summary>Condition F.</summary>
public readonly struct CcG : ICode
{
    /// <inheritdoc/>
    public static int Code => 15;
}

/// <summary>Jcc: a handler for each condition, since these are the most frequent instructions.</summary>
public readonly struct Jcc<C> : IPlain
    where C : struct, ICode
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.Branch<W>(d.Condition(C.Code), in i);
}

/// <summary>JMP rel.</summary>
public readonly struct JmpRelative : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return d.Branch<W>(d.Const(1), in i);
    }
}

/// <summary>JMP r/m.</summary>
public readonly struct JmpIndirect : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return RegisterOrMemory.Read<D, V, W>(ref d, in i, out V target) && d.Jump<W>(target);
    }
}

/// <summary>CALL rel.</summary>
public readonly struct CallRelative : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V always = d.Const(1);
        return d.CheckBranch<W>(always, in i)
            && StackOps.Push<D, V, W>(ref d, d.Trunc<W>(d.NextRip(in i)))
            && d.Branch<W>(always, in i);
    }
}

/// <summary>CALL r/m: the target is read before the push.</summary>
public readonly struct CallIndirect : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return RegisterOrMemory.Read<D, V, W>(ref d, in i, out V target)
            && d.CheckTarget<W>(target)
            && StackOps.Push<D, V, W>(ref d, d.Trunc<W>(d.NextRip(in i)))
            && d.Jump<W>(target);
    }
}

/// <summary>RET, RET imm16 (Imm holds the bytes to release besides the return address).</summary>
public readonly struct RetNear : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!StackOps.Peek<D, V, W>(ref d, out V target) || !d.CheckTarget<W>(target))
        {
            return false;
        }
        StackOps.Release<D, V>(ref d, d.Const(((ulong)W.Bits / 8) + (ulong)i.Imm));
        return d.Jump<W>(target);
    }
}

/// <summary>LOOP (Sub = 0), LOOPE (1), LOOPNE (2), JCXZ (3): the counter has the address size N, the target the operand size W.</summary>
public readonly struct Loop<N> : IPlain
    where N : struct, IWidth
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V counter = d.Register<N>(8);
        V zero = d.Const(0);
        if (i.Sub == 3)
        {
            return d.Branch<W>(d.Equal(counter, zero), in i);
        }
        counter = d.Trunc<N>(d.Sub(counter, d.Const(1)));
        V more = d.Xor(d.Equal(counter, zero), d.Const(1));
        if (i.Sub != 0)
        {
            more = d.And(more, d.Condition(i.Sub == 1 ? 4 : 5));
        }
        if (!d.CheckBranch<W>(more, in i))
        {
            return false;
        }
        d.SetRegister<N>(8, counter);
        return d.Branch<W>(more, in i);
    }
}

/// <summary>NOP, PAUSE, multi-byte NOP, prefetch hints.</summary>
public readonly struct Nop : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return true;
    }
}

/// <summary>CLC.</summary>
public readonly struct Clc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetCarry(d.Const(0));
        return true;
    }
}

/// <summary>STC.</summary>
public readonly struct Stc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetCarry(d.Const(1));
        return true;
    }
}

/// <summary>CMC.</summary>
public readonly struct Cmc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetCarry(d.Xor(d.Carry(), d.Const(1)));
        return true;
    }
}

/// <summary>CLD.</summary>
public readonly struct Cld : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetDirection(false);
        return true;
    }
}

/// <summary>STD.</summary>
public readonly struct Std : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetDirection(true);
        return true;
    }
}

/// <summary>LAHF.</summary>
public readonly struct Lahf : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W8>(1, d.LowFlags());
        return true;
    }
}

/// <summary>SAHF.</summary>
public readonly struct Sahf : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetLowFlags(d.Register<W8>(1));
        return true;
    }
}

/// <summary>SALC (undocumented): AL = CF ? FF : 0.</summary>
public readonly struct Salc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W8>(0, d.Trunc<W8>(d.Neg(d.Carry())));
        return true;
    }
}
