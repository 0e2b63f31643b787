using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>What the host reported when translated code touched a page that its window does not have. Written by a signal handler in machine code.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct HostFault
{
    /// <summary>Host address of the instruction.</summary>
    public nint Rip;

    /// <summary>The host's flags then.</summary>
    public ulong Rflags;

    /// <summary>Scratch registers then.</summary>
    public ulong R8, R9, R10;

    /// <summary>Error code (bit 1: a write) and number of the host's exception (14: page fault).</summary>
    public ulong ErrorCode, Vector;

    /// <summary>Address that it accessed.</summary>
    public nint Address;

    /// <summary>Where to go on, and the units that are to be in the host's registers there.</summary>
    public nint Target;

    /// <summary>See <see cref="Target"/>.</summary>
    public ulong Units;
}
