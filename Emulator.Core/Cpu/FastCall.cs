using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>
/// What SYSENTER or SYSEXIT makes of the processor, noted when it was done in full, so that host code can do it again by copying. It holds until
/// an MSR or CR0 changes.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FastCall
{
    /// <summary>CS and SS, as they lie in the state.</summary>
    public fixed ulong Segments[8];

    /// <summary>The target of SYSENTER.</summary>
    public ulong Rip, Rsp;

    /// <summary>The parts of the region key that come from CS and SS.</summary>
    public uint Key;

    /// <summary>0: nothing is noted.</summary>
    public uint IsNoted;
}
