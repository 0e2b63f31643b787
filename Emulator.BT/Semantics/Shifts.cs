using System.Runtime.CompilerServices;

namespace Emulator.BT.Semantics;

/// <summary>SHL, SAL. A count of 0 changes nothing; OF is MSB(result) xor CF for every count, as P6 computes it.</summary>
public readonly struct Shl : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V count)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V wide = d.Shl(a, count);
        V r = d.Trunc<W>(wide);
        if (d.If(count))
        {
            V carry = W.Bits == 64
                ? d.And(d.Shr(a, d.Sub(d.Const(64), count)), d.Const(1))
                : d.And(d.Shr(wide, d.Const((ulong)W.Bits)), d.Const(1));
            d.FlagsResult<W>(r, carry, d.Xor(carry, d.Shr(r, d.Const((ulong)W.Bits - 1))));
        }
        d.EndIf();
        return r;
    }
}

/// <summary>SHR. OF is the top two bits of the operand differing for a count of 1; for larger counts P6 gives MSB(result) xor the bit below.</summary>
public readonly struct Shr : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V count)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V r = d.Shr(a, count);
        if (d.If(count))
        {
            V carry = d.And(d.Shr(a, d.Sub(count, d.Const(1))), d.Const(1));
            V top = d.Xor(d.Shr(r, d.Const((ulong)W.Bits - 1)), d.Shr(r, d.Const((ulong)W.Bits - 2)));
            d.FlagsResult<W>(r, carry, d.And(top, d.Const(1)));
        }
        d.EndIf();
        return r;
    }
}

/// <summary>SAR. OF is 0.</summary>
public readonly struct Sar : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V count)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V wide = d.SignExtend<W>(a);
        V r = d.Trunc<W>(d.Sar(wide, count));
        if (d.If(count))
        {
            V carry = d.And(d.Sar(wide, d.Sub(count, d.Const(1))), d.Const(1));
            d.FlagsResult<W>(r, carry, d.Const(0));
        }
        d.EndIf();
        return r;
    }
}

/// <summary>ROL. The count is taken modulo the width; flags change when the masked 5-bit count is not 0. OF is MSB(result) xor CF.</summary>
public readonly struct Rol : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V count)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V n = d.And(count, d.Const((ulong)W.Bits - 1));
        V r = d.Trunc<W>(d.Or(d.Shl(a, n), d.Shr(a, d.And(d.Sub(d.Const((ulong)W.Bits), n), d.Const(63)))));
        if (W.Bits == 64)
        {
            r = d.Select(n, r, a);
        }
        if (d.If(count))
        {
            V carry = d.And(r, d.Const(1));
            d.FlagsCarryOverflow(carry, d.Xor(carry, d.Shr(r, d.Const((ulong)W.Bits - 1))));
        }
        d.EndIf();
        return r;
    }
}

/// <summary>ROR. OF is the xor of the top two bits of the result.</summary>
public readonly struct Ror : IBinary
{
    /// <inheritdoc/>
    public static bool ReadsFirst => true;

    /// <inheritdoc/>
    public static bool WritesFirst => true;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Apply<D, V, W>(ref D d, V a, V count)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V n = d.And(count, d.Const((ulong)W.Bits - 1));
        V r = d.Trunc<W>(d.Or(d.Shr(a, n), d.Shl(a, d.And(d.Sub(d.Const((ulong)W.Bits), n), d.Const(63)))));
        if (W.Bits == 64)
        {
            r = d.Select(n, r, a);
        }
        if (d.If(count))
        {
            V carry = d.Shr(r, d.Const((ulong)W.Bits - 1));
            d.FlagsCarryOverflow(carry, d.And(d.Xor(carry, d.Shr(r, d.Const((ulong)W.Bits - 2))), d.Const(1)));
        }
        d.EndIf();
        return r;
    }
}
