using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>
/// What the load of one selector made of a data segment register, noted so that host code can do it again by copying. It holds while the eight
/// bytes of the descriptor are what they were; forgotten when the descriptor tables move. 64 bytes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct LoadedSegment
{
    /// <summary>Bit of <see cref="Tag"/> that says that there is something.</summary>
    public const uint IsNoted = 1u << 31;

    /// <summary>Entries, by bits 3-6 of the selector.</summary>
    public const int Count = 16;

    /// <summary>The register as it was loaded.</summary>
    public SegmentRegister Segment;

    /// <summary>The descriptor, accessed, that it came from.</summary>
    public DescriptorProof Proof;

    /// <summary>Selector, CPL in bits 16-17, <see cref="IsNoted"/>.</summary>
    public uint Tag;

    /// <summary>The bits of the region key for it, as for ES.</summary>
    public uint FlatBits;

    private readonly ulong unused;
}

/// <summary>One <see cref="LoadedSegment"/> for each value of bits 3-6 of the selector.</summary>
[InlineArray(LoadedSegment.Count)]
public struct LoadedSegments
{
    private LoadedSegment first;
}
