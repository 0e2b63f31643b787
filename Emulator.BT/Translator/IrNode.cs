using Emulator.BT.Decode;

namespace Emulator.BT.Translator;

/// <summary>A reference to the value that a node computes.</summary>
/// <param name="Id">Index of the node.</param>
public readonly record struct Value(int Id);

/// <summary>One node of the intermediate form. Operands are indices of earlier nodes.</summary>
public unsafe struct IrNode
{
    /// <summary>What it does.</summary>
    public IrOp Op;

    /// <summary>8, 16, 32 or 64.</summary>
    public byte Width;

    /// <summary>Operands.</summary>
    public int A, B, C;

    /// <summary>Constant, register offset, segment or condition code.</summary>
    public ulong Imm;

    /// <summary>The guest instruction of nodes that need it (addresses, transfers, helpers).</summary>
    public Insn* Insn;
}
