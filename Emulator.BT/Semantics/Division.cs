using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Semantics;

/// <summary>DIV. Flags, which the manual leaves undefined, stay as they are, as on P6.</summary>
public readonly struct Div : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.Read<D, V, W>(ref d, in i, out V divisor) || !d.Require(divisor, Vector.DE))
        {
            return false;
        }
        V dividend = Dividend.Read<D, V, W>(ref d), quotient = d.DivUnsigned(dividend, divisor);
        if (!d.Require(d.Equal(d.Shr(quotient, d.Const((ulong)W.Bits)), d.Const(0)), Vector.DE))
        {
            return false;
        }
        Dividend.Write<D, V, W>(ref d, quotient, d.Sub(dividend, d.Mul(quotient, divisor)));
        return true;
    }
}

/// <summary>IDIV. Flags stay as they are.</summary>
public readonly struct Idiv : IPlain
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (!RegisterOrMemory.Read<D, V, W>(ref d, in i, out V raw) || !d.Require(raw, Vector.DE))
        {
            return false;
        }
        V divisor = d.SignExtend<W>(raw), dividend = Dividend.Read<D, V, W>(ref d);
        if (W.Bits == 32)
        {
            // -2^63 / -1 is the one quotient that the host cannot do.
            V never = d.And(d.Equal(divisor, d.Const(~0ul)), d.Equal(dividend, d.Const(1ul << 63)));
            if (!d.Require(d.Xor(never, d.Const(1)), Vector.DE))
            {
                return false;
            }
        }
        else
        {
            dividend = W.Bits == 16 ? d.SignExtend<W32>(dividend) : d.SignExtend<W16>(dividend);
        }
        V quotient = d.DivSigned(dividend, divisor);
        if (!d.Require(d.Equal(d.SignExtend<W>(quotient), quotient), Vector.DE))
        {
            return false;
        }
        Dividend.Write<D, V, W>(ref d, quotient, d.Sub(dividend, d.Mul(quotient, divisor)));
        return true;
    }
}

/// <summary>AX, DX:AX or EDX:EAX.</summary>
internal static class Dividend
{
    private const int Rax = 0, Rdx = 16, Ah = 1;

    /// <summary>The dividend, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Read<D, V, W>(ref D d)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth =>
        W.Bits == 8 ? d.Register<W16>(Rax) : d.Or(d.Shl(d.Register<W>(Rdx), d.Const((ulong)W.Bits)), d.Register<W>(Rax));

    /// <summary>Quotient and remainder to where they go.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write<D, V, W>(ref D d, V quotient, V remainder)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W>(Rax, d.Trunc<W>(quotient));
        d.SetRegister<W>(W.Bits == 8 ? Ah : Rdx, d.Trunc<W>(remainder));
    }
}
