using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>MUL: double-width product in (E)DX:(E)AX, AX for bytes. CF = OF = the upper half is not 0; SF ZF PF, undefined, come from the low half.</summary>
public readonly struct Mul : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.Read<D, V, W>(ref d, in i, out V b))
        {
            return false;
        }
        V a = d.Register<W>(0);
        V product = d.Mul(a, b);
        V high = W.Bits == 64 ? d.MulHigh(a, b) : d.Shr(product, d.Const((ulong)W.Bits & 63));
        V low = d.Trunc<W>(product);
        MulResult.Set<D, V, W>(ref d, low, high);
        V carry = d.Xor(d.Equal(high, d.Const(0)), d.Const(1));
        d.FlagsResult<W>(low, carry, carry);
        return true;
    }
}

/// <summary>IMUL with one operand: double-width signed product. CF = OF = the product does not fit in the low half.</summary>
public readonly struct Imul1 : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.Read<D, V, W>(ref d, in i, out V b))
        {
            return false;
        }
        V a = d.SignExtend<W>(d.Register<W>(0));
        b = d.SignExtend<W>(b);
        V product = d.Mul(a, b);
        V low = d.Trunc<W>(product);
        V high = W.Bits == 64 ? d.MulHighSigned(a, b) : d.Trunc<W>(d.Shr(product, d.Const((ulong)W.Bits & 63)));
        MulResult.Set<D, V, W>(ref d, low, high);
        V fits = d.Equal(d.Trunc<W>(d.Sar(d.SignExtend<W>(low), d.Const(63))), high);
        V carry = d.Xor(fits, d.Const(1));
        d.FlagsResult<W>(low, carry, carry);
        return true;
    }
}

/// <summary>Where the double-width products go.</summary>
internal static class MulResult
{
    /// <summary>Low and high half into AX, DX:AX, EDX:EAX or RDX:RAX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set<D, V, W>(ref D d, V low, V high)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (W.Bits == 8)
        {
            d.SetRegister<W16>(0, d.Or(low, d.Shl(d.And(high, d.Const(0xFF)), d.Const(8))));
            return;
        }
        d.SetRegister<W>(0, low);
        d.SetRegister<W>(2 * 8, high);
    }
}

/// <summary>IMUL with two operands.</summary>
public readonly struct Imul2 : IBinary
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
        V x = d.SignExtend<W>(a), y = d.SignExtend<W>(b);
        V product = d.Mul(x, y);
        V r = d.Trunc<W>(product);
        V fits = W.Bits == 64
            ? d.Equal(d.MulHighSigned(x, y), d.Sar(product, d.Const(63)))
            : d.Equal(d.SignExtend<W>(r), product);
        V carry = d.Xor(fits, d.Const(1));
        d.FlagsResult<W>(r, carry, carry);
        return r;
    }
}

/// <summary>IMUL with an immediate third operand.</summary>
public readonly struct Imul3 : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        V a;
        if (i.IsMemory)
        {
            if (!d.Load<W>(i.Segment, d.EffectiveAddress(in i), out a))
            {
                return false;
            }
        }
        else
        {
            a = d.Register<W>(i.Src);
        }
        d.SetRegister<W>(i.Dst, Imul2.Apply<D, V, W>(ref d, a, d.Const((ulong)i.Imm)));
        return true;
    }
}

/// <summary>BSF: a zero source sets ZF and leaves the destination, as P6 does. The other flags follow the source as P6 leaves them: SF PF from the result, CF OF AF 0.</summary>
public readonly struct Bsf : IBinary
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
        V found = d.Xor(d.Equal(b, d.Const(0)), d.Const(1));
        d.FlagsResult<W>(b, d.Const(0), d.Const(0));
        return d.Select(found, d.LowestBit(b), a);
    }
}

/// <summary>BSR, with the same rule for a zero source.</summary>
public readonly struct Bsr : IBinary
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
        V found = d.Xor(d.Equal(b, d.Const(0)), d.Const(1));
        d.FlagsResult<W>(b, d.Const(0), d.Const(0));
        return d.Select(found, d.HighestBit(b), a);
    }
}
