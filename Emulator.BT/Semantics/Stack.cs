using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>Pushing and popping, as several instructions need it. The stack pointer changes only when memory did not fault.</summary>
internal static class StackOps
{
    private const int Rsp = 4 * 8, SS = 2;

    /// <summary>Pushes a value of width W.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Push<D, V, W>(ref D d, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V mask = d.StackMask();
        V rsp = d.Register<W64>(Rsp);
        V top = d.And(d.Sub(rsp, d.Const((ulong)W.Bits / 8)), mask);
        if (!d.Store<W>(SS, top, value))
        {
            return false;
        }
        d.SetRegister<W64>(Rsp, d.Or(d.And(rsp, d.Not(mask)), top));
        return true;
    }

    /// <summary>Reads the top of the stack without popping.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Peek<D, V, W>(ref D d, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.Load<W>(SS, d.And(d.Register<W64>(Rsp), d.StackMask()), out value);

    /// <summary>The last step of POP into memory: always true.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Done<D, V, W>(ref D d)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        Release<D, V>(ref d, d.Const((ulong)W.Bits / 8));
        return true;
    }

    /// <summary>Adds to the stack pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Release<D, V>(ref D d, V bytes)
        where D : struct, IOps<V>
        where V : unmanaged
    {
        V mask = d.StackMask();
        V rsp = d.Register<W64>(Rsp);
        d.SetRegister<W64>(Rsp, d.Or(d.And(rsp, d.Not(mask)), d.And(d.Add(rsp, bytes), mask)));
    }
}

/// <summary>PUSH of a register, memory or immediate. PUSH ESP pushes the old value.</summary>
public readonly struct Push<W, A> : ISemantics
    where W : struct, IWidth
    where A : struct, IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged => A.Read<D, V, W>(ref d, in i, out V value) && StackOps.Push<D, V, W>(ref d, value);
}

/// <summary>POP into a register. POP ESP leaves the value popped.</summary>
public readonly struct PopRegister : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!StackOps.Peek<D, V, W>(ref d, out V value))
        {
            return false;
        }
        StackOps.Release<D, V>(ref d, d.Const((ulong)W.Bits / 8));
        d.SetRegister<W>(i.Dst, value);
        return true;
    }
}

/// <summary>POP into memory. An address that uses ESP sees it already incremented (Disp holds the increment); a fault leaves ESP alone.</summary>
public readonly struct PopMemory : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return StackOps.Peek<D, V, W>(ref d, out V value)
            && d.Store<W>(i.Segment, d.EffectiveAddress(in i), value)
            && StackOps.Done<D, V, W>(ref d);
    }
}

/// <summary>LEAVE: (E)SP = (E)BP, then POP (E)BP.</summary>
public readonly struct Leave : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V mask = d.StackMask();
        V frame = d.And(d.Register<W64>(5 * 8), mask);
        if (!d.Load<W>(2, frame, out V value))
        {
            return false;
        }
        V rsp = d.Register<W64>(4 * 8);
        V top = d.And(d.Add(frame, d.Const((ulong)W.Bits / 8)), mask);
        d.SetRegister<W64>(4 * 8, d.Or(d.And(rsp, d.Not(mask)), top));
        d.SetRegister<W>(5 * 8, value);
        return true;
    }
}
