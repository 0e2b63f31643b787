using System.Runtime.InteropServices;
using Emulator.BT.Decode;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// An instruction of a region that the interpreter's handler has to run: always, or because its memory operand is not plainly there.
/// Unmanaged, because translated code holds its address. The dispatcher runs <see cref="Insn"/> and goes on at <see cref="Resume"/>.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct TrapRecord
{
    /// <summary>A copy of the instruction.</summary>
    public Insn Insn;

    /// <summary>RIP of its block.</summary>
    public ulong BlockRip;

    /// <summary>Host address to go on at; 0: the dispatcher finds out.</summary>
    public nint Resume;

    /// <summary>
    /// Of an instruction that ends its block but changes nothing that code depends on (strings, ports): what the shadow read table must
    /// hold for its page, for <see cref="Resume"/> to be valid. Else 0.
    /// </summary>
    public nint EndDelta;

    /// <summary>Becomes 1 when the region's code changes.</summary>
    public int* Dead;

    /// <summary>Instructions of the block behind it.</summary>
    public int Remaining;

    /// <summary>The region's key.</summary>
    public int Key;

    /// <summary>Where it is counted: see <see cref="TrapCounters"/>.</summary>
    public int Counter;
}
