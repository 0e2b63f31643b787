using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>
/// What INT n of a program made of the processor, or IRET to a program, noted when it was done in full, so that host code can do it again by
/// copying: between flat 32-bit segments of privilege 3 and 0. It holds while the descriptors are what they were; forgotten when the tables move.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct GateCall
{
    /// <summary>Entries for INT n, by the vector's low bits.</summary>
    public const int Count = 4;

    /// <summary>Segments, tables, target.</summary>
    public FastCall Call;

    /// <summary>The gate (INT n only), the new CS and the new SS.</summary>
    public DescriptorProof Gate, Code, Stack;

    /// <summary>Linear address of ESP0 and SS0 in the TSS (INT n only).</summary>
    public ulong StackPointerAddress;

    /// <summary>Where deliveries of the vector are counted (INT n only).</summary>
    public long* Delivered;

    /// <summary>Selectors that the stack, or the TSS, must have again.</summary>
    public uint CodeSelector, StackSelector;

    /// <summary>INT n: its number, and the bits of EFLAGS that stay.</summary>
    public uint Vector, FlagsKept;
}

/// <summary>One <see cref="GateCall"/> for each value of the vector's low bits.</summary>
[InlineArray(GateCall.Count)]
public struct GateCalls
{
    private GateCall first;
}
