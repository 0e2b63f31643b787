using System.Runtime.Intrinsics;

namespace Emulator.BT.Simd;

/// <summary>
/// What a two-operand vector instruction computes from its destination and source, without state: both tiers call it. MMX operands
/// come in the low half with zeros above, and only the low half of the result counts.
/// </summary>
public interface IVectorBinary
{
    /// <summary>The new destination.</summary>
    static abstract Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source);
}

/// <summary>The same with an immediate byte.</summary>
public interface IVectorImmediate
{
    /// <summary>The new destination.</summary>
    static abstract Vector128<byte> Run(Vector128<byte> destination, Vector128<byte> source, byte immediate);
}

/// <summary>A shift of all elements by one count.</summary>
public interface IVectorShift
{
    /// <summary>The shifted vector; any count is allowed.</summary>
    static abstract Vector128<byte> Run(Vector128<byte> value, ulong count);
}

/// <summary>An instruction that makes a general register of a vector (PMOVMSKB, MOVMSKPS, PEXTRW).</summary>
public interface IVectorToInteger
{
    /// <summary>The 32-bit result.</summary>
    static abstract uint Run(Vector128<byte> source, byte immediate);
}
