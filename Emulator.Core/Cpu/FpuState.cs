using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>The eight physical x87 data registers R0-R7 (not ST-relative).</summary>
[InlineArray(8)]
public struct Float80Registers
{
    private Float80 r0;
}

/// <summary>x87 FPU state (SDM Vol. 1, chapter 8).</summary>
[StructLayout(LayoutKind.Sequential)]
public struct FpuState
{
    /// <summary>Physical registers; ST(i) is R[(Top + i) &amp; 7]. MMn aliases the significand of Rn.</summary>
    public Float80Registers R;

    /// <summary>Control word.</summary>
    public ushort Control;

    /// <summary>Status word without TOP (bits 11-13 are kept 0 here; see <see cref="Top"/>).</summary>
    public ushort Status;

    /// <summary>Physical number of ST(0), 0-7.</summary>
    public int Top;

    /// <summary>One bit a physical register: 1 = empty. The two-bit tags of FSTENV are derived from it and the contents.</summary>
    public byte EmptyMask;

    /// <summary>Last instruction's opcode, 11 bits.</summary>
    public ushort Opcode;

    /// <summary>Last instruction's offset and selector.</summary>
    public ulong InstructionPointer;

    /// <summary>CS of the last instruction.</summary>
    public ushort InstructionSelector;

    /// <summary>Last memory operand's selector.</summary>
    public ushort DataSelector;

    /// <summary>Last memory operand's offset.</summary>
    public ulong DataPointer;
}
