using System.Runtime.InteropServices;

namespace Emulator.BT.Decode;

/// <summary>
/// One decoded instruction, 32 bytes, as both tiers read it. Registers are byte offsets into <c>CpuState</c>; an absent base
/// or index points at <c>CpuState.Zero</c>, so that effective addresses need no branches.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 1, Size = 32)]
public unsafe struct Insn
{
    /// <summary>The interpreter's handler: (state, instruction) to "go on with the next instruction".</summary>
    public delegate*<Core.Cpu.CpuState*, Insn*, bool> Handler;

    /// <summary>Immediate, sign-extended; for relative branches the target minus the RIP of the block; for far pointers selector &lt;&lt; 32 | offset.</summary>
    public long Imm;

    /// <summary>Displacement of the memory operand.</summary>
    public int Disp;

    /// <summary>State offset of the base register.</summary>
    public byte Base;

    /// <summary>State offset of the index register.</summary>
    public byte Index;

    /// <summary>Shift of the index, 0-3.</summary>
    public byte Scale;

    /// <summary>Segment register of the memory operand (<c>Seg</c>).</summary>
    public byte Segment;

    /// <summary>State offset of the destination (or only) register; for segment, control and debug registers their number.</summary>
    public byte Dst;

    /// <summary>State offset of the source register; for segment, control and debug registers their number.</summary>
    public byte Src;

    /// <summary>Length in bytes, 1-15.</summary>
    public byte Length;

    /// <summary>Bits to cut from a 64-bit effective address: 48, 32 or 0.</summary>
    public byte AddressShift;

    /// <summary>Offset of the instruction from the start of its block.</summary>
    public ushort Offset;

    /// <summary>Flags in bits 0-7 (<see cref="InsnFlags"/>); condition code or sub-operation in bits 8-15.</summary>
    public ushort Extra;

    /// <summary>True when the r/m operand is in memory.</summary>
    public readonly bool IsMemory => (Extra & InsnFlags.Memory) != 0;

    /// <summary>True for the x87's opcodes.</summary>
    public readonly bool IsEscape => (Extra & InsnFlags.Escape) != 0;

    /// <summary>Condition code (0-15) or sub-operation.</summary>
    public readonly int Sub => Extra >> 8;

    /// <summary>RIP offset of the next instruction from the start of the block.</summary>
    public readonly int NextOffset => Offset + Length;
}

/// <summary>Bits of <see cref="Insn.Extra"/>.</summary>
public static class InsnFlags
{
    /// <summary>The r/m operand is in memory.</summary>
    public const int Memory = 1;

    /// <summary>F3 prefix: REP, REPE.</summary>
    public const int Rep = 2;

    /// <summary>F2 prefix: REPNE.</summary>
    public const int Repne = 4;

    /// <summary>32-bit or wider operand size (else 16), where a helper needs to know.</summary>
    public const int Operand32 = 8;

    /// <summary>32-bit or wider address size (else 16), where a helper needs to know.</summary>
    public const int Address32 = 16;

    /// <summary>LOCK prefix.</summary>
    public const int Lock = 32;

    /// <summary>An escape to the x87: Imm holds three bits of the escape byte, then ModR/M.</summary>
    public const int Escape = 64;
}
