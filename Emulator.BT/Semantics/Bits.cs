using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>BT on a register, or on memory with an immediate: the bit number is taken modulo the width. Only CF changes.</summary>
public readonly struct Bt : IBinary
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
        V n = d.And(b, d.Const((ulong)W.Bits - 1));
        d.SetCarry(d.And(d.Shr(a, n), d.Const(1)));
        return a;
    }
}

/// <summary>BTS on a register, or on memory with an immediate: the bit number is taken modulo the width. Only CF changes.</summary>
public readonly struct Bts : IBinary
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
        V n = d.And(b, d.Const((ulong)W.Bits - 1));
        d.SetCarry(d.And(d.Shr(a, n), d.Const(1)));
        V bit = d.Shl(d.Const(1), n);
        return d.Or(a, bit);
    }
}

/// <summary>BTR on a register, or on memory with an immediate: the bit number is taken modulo the width. Only CF changes.</summary>
public readonly struct Btr : IBinary
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
        V n = d.And(b, d.Const((ulong)W.Bits - 1));
        d.SetCarry(d.And(d.Shr(a, n), d.Const(1)));
        V bit = d.Shl(d.Const(1), n);
        return d.And(a, d.Not(bit));
    }
}

/// <summary>BTC on a register, or on memory with an immediate: the bit number is taken modulo the width. Only CF changes.</summary>
public readonly struct Btc : IBinary
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
        V n = d.And(b, d.Const((ulong)W.Bits - 1));
        d.SetCarry(d.And(d.Shr(a, n), d.Const(1)));
        V bit = d.Shl(d.Const(1), n);
        return d.Xor(a, bit);
    }
}

/// <summary>
/// BT, BTS, BTR, BTC on memory with a register bit number: the signed number reaches 2^31 bits either way; the operand is the
/// W-sized unit that holds the bit.
/// </summary>
public readonly struct BitString<S> : IPlain
    where S : struct, IBinary
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V number = d.SignExtend<W>(d.Register<W>(i.Src));
        int log2Bits = W.Bits == 16 ? 4 : W.Bits == 32 ? 5 : 6;
        V unit = d.Shl(d.Sar(number, d.Const((ulong)log2Bits)), d.Const((ulong)log2Bits - 3));
        V cut = d.Const(i.AddressShift);
        V address = d.Shr(d.Shl(d.Add(d.EffectiveAddress(in i), unit), cut), cut);
        if (!S.WritesFirst)
        {
            if (!d.Load<W>(i.Segment, address, out V read))
            {
                return false;
            }
            S.Apply<D, V, W>(ref d, read, number);
            return true;
        }
        if (!d.BeginModify<W>(i.Segment, address, out V a))
        {
            return false;
        }
        d.EndModify<W>(S.Apply<D, V, W>(ref d, a, number));
        return true;
    }
}

/// <summary>
/// SHLD with the count in CL (Sub = 1) or an immediate. A masked count of 0 changes nothing. For 16 bits and counts above 16,
/// undefined in the manual, the operand is taken as dest:src:dest, as on P6.
/// </summary>
public readonly struct Shld : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V count = i.Sub == 1 ? d.Register<W8>(8) : d.Const((ulong)i.Imm);
        V n = d.And(count, d.Const(W.Bits == 64 ? 63ul : 31));
        if (!RegisterOrMemory.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        V b = d.Register<W>(i.Src);
        V r = DoubleShift.Left<D, V, W>(ref d, a, b, n, out V carry);
        RegisterOrMemory.WriteBack<D, V, W>(ref d, in i, d.Select(n, r, a));
        if (d.If(n))
        {
            V overflow = d.And(d.Shr(d.Xor(r, a), d.Const((ulong)W.Bits - 1)), d.Const(1));
            d.FlagsResult<W>(r, carry, overflow);
        }
        d.EndIf();
        return true;
    }
}

/// <summary>
/// SHRD with the count in CL (Sub = 1) or an immediate. A masked count of 0 changes nothing. For 16 bits and counts above 16,
/// undefined in the manual, the operand is taken as dest:src:dest, as on P6.
/// </summary>
public readonly struct Shrd : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V count = i.Sub == 1 ? d.Register<W8>(8) : d.Const((ulong)i.Imm);
        V n = d.And(count, d.Const(W.Bits == 64 ? 63ul : 31));
        if (!RegisterOrMemory.ReadForWrite<D, V, W>(ref d, in i, out V a))
        {
            return false;
        }
        V b = d.Register<W>(i.Src);
        V r = DoubleShift.Right<D, V, W>(ref d, a, b, n, out V carry);
        RegisterOrMemory.WriteBack<D, V, W>(ref d, in i, d.Select(n, r, a));
        if (d.If(n))
        {
            V overflow = d.And(d.Shr(d.Xor(r, a), d.Const((ulong)W.Bits - 1)), d.Const(1));
            d.FlagsResult<W>(r, carry, overflow);
        }
        d.EndIf();
        return true;
    }
}

/// <summary>The shifting part of SHLD and SHRD.</summary>
internal static class DoubleShift
{
    /// <summary>a:b shifted left by n (1 to W-1, for 16 bits to 31); the carry is the last bit out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Left<D, V, W>(ref D d, V a, V b, V n, out V carry)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V one = d.Const(1);
        if (W.Bits == 16)
        {
            V all = d.Or(d.Or(d.Shl(a, d.Const(32)), d.Shl(b, d.Const(16))), a);
            carry = d.And(d.Shr(all, d.Sub(d.Const(48), n)), one);
            return d.Trunc<W>(d.Shr(all, d.Sub(d.Const(32), n)));
        }
        carry = d.And(d.Shr(a, d.Sub(d.Const((ulong)W.Bits), n)), one);
        return d.Trunc<W>(d.Or(d.Shl(a, n), d.Shr(d.Shr(b, one), d.Sub(d.Const((ulong)W.Bits - 1), n))));
    }

    /// <summary>b:a shifted right by n; the carry is the last bit out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Right<D, V, W>(ref D d, V a, V b, V n, out V carry)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V one = d.Const(1);
        if (W.Bits == 16)
        {
            V all = d.Or(d.Or(d.Shl(a, d.Const(32)), d.Shl(b, d.Const(16))), a);
            carry = d.And(d.Shr(all, d.Sub(n, one)), one);
            return d.Trunc<W>(d.Shr(all, n));
        }
        carry = d.And(d.Shr(a, d.Sub(n, one)), one);
        return d.Trunc<W>(d.Or(d.Shr(a, n), d.Shl(d.Shl(b, one), d.Sub(d.Const((ulong)W.Bits - 1), n))));
    }
}
