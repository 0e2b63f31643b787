using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>Rows of the x87 instructions.</summary>
internal static class FpuRows
{
    /// <summary>The row of an x87 instruction, or null.</summary>
    public static Row? Find(in Instruction x, ref Insn i) => null;
}
