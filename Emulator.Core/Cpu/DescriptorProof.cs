using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>Eight bytes of a descriptor table inside one page, and what they were when something was noted that follows from them.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct DescriptorProof
{
    /// <summary>The descriptor.</summary>
    public ulong Raw;

    /// <summary>Its linear address.</summary>
    public ulong Address;

    /// <summary>True when the descriptor does not cross into another page.</summary>
    public readonly bool IsInOnePage => (Address & 0xFFF) <= 0xFF8;
}
