using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>MOV between registers, memory and immediates.</summary>
public readonly struct Mov : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => false;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return b;
    }
}

/// <summary>LEA.</summary>
public readonly struct Lea : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W>(i.Dst, d.Trunc<W>(d.EffectiveAddress(in i)));
        return true;
    }
}

/// <summary>XCHG with a register in the second operand.</summary>
public readonly struct Xchg : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        V b = d.Register<W>(i.Src);
        d.SetRegister<W>(i.Src, a);
        RegisterOrMemory.WriteBack<D, V, W>(ref d, in i, b);
        return true;
    }
}

/// <summary>XADD.</summary>
public readonly struct Xadd : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        V b = d.Register<W>(i.Src);
        V r = d.Trunc<W>(d.Add(a, b));
        d.SetRegister<W>(i.Src, a);
        RegisterOrMemory.WriteBack<D, V, W>(ref d, in i, r);
        d.FlagsAdd<W>(a, b, r);
        return true;
    }
}

/// <summary>CMPXCHG: the destination is written in either case.</summary>
public readonly struct Cmpxchg : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        V accumulator = d.Register<W>(0);
        V source = d.Register<W>(i.Src);
        V difference = d.Trunc<W>(d.Sub(accumulator, a));
        V equal = d.Equal(difference, d.Const(0));
        RegisterOrMemory.WriteBack<D, V, W>(ref d, in i, d.Select(equal, source, a));
        d.FlagsSub<W>(accumulator, a, difference);
        if (d.If(d.Xor(equal, d.Const(1))))
        {
            d.SetRegister<W>(0, a);
        }
        d.EndIf();
        return true;
    }
}

/// <summary>BSWAP of 32 bits; of 16 bits, undefined in the manual, gives 0 as on P6.</summary>
public readonly struct Bswap : IUnary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (W.Bits == 16)
        {
            return d.Const(0);
        }
        V r = d.Const(0);
        for (int n = 0; n < W.Bits; n += 8)
        {
            r = d.Or(d.Shl(r, d.Const(8)), d.And(d.Shr(a, d.Const((ulong)n)), d.Const(0xFF)));
        }
        return r;
    }
}

/// <summary>CBW, CWDE: the accumulator of width W from its lower half.</summary>
public readonly struct Cbw : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V half = W.Bits == 16 ? d.SignExtend<W8>(d.Register<W8>(0)) : W.Bits == 32 ? d.SignExtend<W16>(d.Register<W16>(0)) : d.SignExtend<W32>(d.Register<W32>(0));
        d.SetRegister<W>(0, d.Trunc<W>(half));
        return true;
    }
}

/// <summary>CWD, CDQ: the sign of the accumulator into every bit of (E)DX.</summary>
public readonly struct Cwd : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W>(2 * 8, d.Trunc<W>(d.Sar(d.SignExtend<W>(d.Register<W>(0)), d.Const(63))));
        return true;
    }
}

/// <summary>XLAT: AL from segment:[(E)BX + AL].</summary>
public readonly struct Xlat : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V address = d.Shr(d.Shl(d.Add(d.Register<W64>(3 * 8), d.Register<W8>(0)), d.Const(i.AddressShift)), d.Const(i.AddressShift));
        if (!d.Load<W8>(i.Segment, address, out V value))
        {
            return false;
        }
        d.SetRegister<W8>(0, value);
        return true;
    }
}

/// <summary>SETcc.</summary>
public readonly struct Setcc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return RegisterOrMemory.Write<D, V, W8>(ref d, in i, d.Condition(i.Sub));
    }
}

/// <summary>CMOVcc: memory is read whatever the condition.</summary>
public readonly struct Cmovcc : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V value;
        if (i.IsMemory)
        {
            if (!d.Load<W>(i.Segment, d.EffectiveAddress(in i), out value))
            {
                return false;
            }
        }
        else
        {
            value = d.Register<W>(i.Src);
        }
        d.SetRegister<W>(i.Dst, d.Select(d.Condition(i.Sub), value, d.Register<W>(i.Dst)));
        return true;
    }
}
