using System.Runtime.CompilerServices;

namespace Emulator.BT.Semantics;

/// <summary>ADD (SDM Vol. 2A).</summary>
public readonly struct Add : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Add(a, b));
        d.FlagsAdd<W>(a, b, r);
        return r;
    }
}

/// <summary>ADC.</summary>
public readonly struct Adc : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Add(d.Add(a, b), d.Carry()));
        d.FlagsAdd<W>(a, b, r);
        return r;
    }
}

/// <summary>SUB.</summary>
public readonly struct Sub : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Sub(a, b));
        d.FlagsSub<W>(a, b, r);
        return r;
    }
}

/// <summary>SBB.</summary>
public readonly struct Sbb : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Sub(d.Sub(a, b), d.Carry()));
        d.FlagsSub<W>(a, b, r);
        return r;
    }
}

/// <summary>CMP.</summary>
public readonly struct Cmp : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Sub(a, b));
        d.FlagsSub<W>(a, b, r);
        return r;
    }
}

/// <summary>AND. AF, undefined in the manual, is cleared as on P6.</summary>
public readonly struct And : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.And(a, b);
        d.FlagsLogic<W>(r);
        return r;
    }
}

/// <summary>OR. AF, undefined in the manual, is cleared as on P6.</summary>
public readonly struct Or : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Or(a, b);
        d.FlagsLogic<W>(r);
        return r;
    }
}

/// <summary>XOR. AF, undefined in the manual, is cleared as on P6.</summary>
public readonly struct Xor : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Xor(a, b);
        d.FlagsLogic<W>(r);
        return r;
    }
}

/// <summary>TEST.</summary>
public readonly struct Test : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => false;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.And(a, b);
        d.FlagsLogic<W>(r);
        return r;
    }
}

/// <summary>INC: CF stays.</summary>
public readonly struct Inc : IUnary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Add(a, d.Const(1)));
        d.FlagsInc<W>(r);
        return r;
    }
}

/// <summary>DEC: CF stays.</summary>
public readonly struct Dec : IUnary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Trunc<W>(d.Sub(a, d.Const(1)));
        d.FlagsDec<W>(r);
        return r;
    }
}

/// <summary>NEG.</summary>
public readonly struct Neg : IUnary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V zero = d.Const(0);
        V r = d.Trunc<W>(d.Neg(a));
        d.FlagsSub<W>(zero, a, r);
        return r;
    }
}

/// <summary>NOT: no flags.</summary>
public readonly struct Not : IUnary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        return d.Trunc<W>(d.Not(a));
    }
}
