using Emulator.BT.Decode;

namespace Emulator.BT.Semantics;

/// <summary>A complete instruction meaning, written once for every value domain.</summary>
public interface ISemantics
{
    /// <summary>Runs or records the instruction.</summary>
    /// <returns>True: go on with the next instruction. False: the block ends, by a transfer or a recorded fault.</returns>
    static abstract bool Run<D, V>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged;
}

/// <summary>What a two-operand instruction does with its operands: r = f(a, b), and the flags.</summary>
public interface IBinary
{
    /// <summary>The first operand is an input.</summary>
    static abstract bool ReadsFirst { get; }

    /// <summary>The result goes to the first operand.</summary>
    static abstract bool WritesFirst { get; }

    /// <summary>Result and flags; a and b are zero-extended from W, the result is cut to W by the caller's write.</summary>
    static abstract V Apply<D, V, W>(ref D d, V a, V b)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;
}

/// <summary>What a one-operand instruction does: r = f(a), and the flags.</summary>
public interface IUnary
{
    /// <summary>Result and flags.</summary>
    static abstract V Apply<D, V, W>(ref D d, V a)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;
}

/// <summary>An instruction that finds its operands itself, for a width.</summary>
public interface IPlain
{
    /// <summary>As <see cref="ISemantics.Run"/>.</summary>
    static abstract bool Run<D, V, W>(ref D d, in Insn i)
        where D : struct, IOps<V>
        where V : unmanaged
        where W : struct, IWidth;
}
