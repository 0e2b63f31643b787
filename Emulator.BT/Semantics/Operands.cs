using System.Runtime.CompilerServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>Where an operand comes from and goes to, as a type. A read-modify-write is ReadForWrite, then WriteBack.</summary>
public interface IOperand
{
    /// <summary>Reads the operand, zero-extended from W; an immediate is cut to W.</summary>
    static abstract bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;

    /// <summary>Reads the operand and checks that it can be written.</summary>
    static abstract bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;

    /// <summary>Writes after ReadForWrite; cannot fault.</summary>
    static abstract void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;

    /// <summary>Writes without having read.</summary>
    static abstract bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;
}

/// <summary>The register in <see cref="Insn.Dst"/>.</summary>
public readonly struct DstRegister : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        value = d.Register<W>(i.Dst);
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        value = d.Register<W>(i.Dst);
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.SetRegister<W>(i.Dst, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W>(i.Dst, value);
        return true;
    }
}

/// <summary>The register in <see cref="Insn.Src"/>.</summary>
public readonly struct SrcRegister : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        value = d.Register<W>(i.Src);
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => Read<D, V, W>(ref d, in i, out value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.SetRegister<W>(i.Src, value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        d.SetRegister<W>(i.Src, value);
        return true;
    }
}

/// <summary>The memory operand.</summary>
public readonly struct MemoryOperand : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.Load<W>(i.Segment, d.EffectiveAddress(in i), out value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.BeginModify<W>(i.Segment, d.EffectiveAddress(in i), out value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.EndModify<W>(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => d.Store<W>(i.Segment, d.EffectiveAddress(in i), value);
}

/// <summary>The immediate; only read.</summary>
public readonly struct Immediate : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        value = d.Const((ulong)i.Imm & (~0ul >> (64 - W.Bits)));
        return true;
    }

    /// <inheritdoc/>
    public static bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => throw new InvalidOperationException("an immediate is no destination");

    /// <inheritdoc/>
    public static void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => throw new InvalidOperationException("an immediate is no destination");

    /// <inheritdoc/>
    public static bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth => throw new InvalidOperationException("an immediate is no destination");
}

/// <summary>
/// A register in <see cref="Insn.Dst"/> or memory, decided by the instruction: for operations too rare to have a handler
/// for each form. The recording domain decides while it records.
/// </summary>
public readonly struct RegisterOrMemory : IOperand
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Read<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth =>
        i.IsMemory ? MemoryOperand.Read<D, V, W>(ref d, in i, out value) : DstRegister.Read<D, V, W>(ref d, in i, out value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool ReadForWrite<D, V, W>(ref D d, in Insn i, out V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth =>
        i.IsMemory ? MemoryOperand.ReadForWrite<D, V, W>(ref d, in i, out value) : DstRegister.Read<D, V, W>(ref d, in i, out value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBack<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth
    {
        if (i.IsMemory)
        {
            d.EndModify<W>(value);
        }
        else
        {
            d.SetRegister<W>(i.Dst, value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write<D, V, W>(ref D d, in Insn i, V value)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth =>
        i.IsMemory ? MemoryOperand.Write<D, V, W>(ref d, in i, value) : DstRegister.Write<D, V, W>(ref d, in i, value);
}
