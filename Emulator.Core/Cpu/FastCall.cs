using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>
/// What SYSENTER or SYSEXIT makes of the processor, noted when it was done in full, so that host code can do it again by copying. It holds until
/// an MSR, CR0 or the tables change.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct FastCall
{
    /// <summary>CS and SS, as they lie in the state.</summary>
    public fixed ulong Segments[8];

    /// <summary>See the fields of the state by these names; a <see cref="ReadTable"/> of 0 says that nothing is noted.</summary>
    public nint ReadTable, WriteTable, Window;

    /// <summary>The target of SYSENTER.</summary>
    public ulong Rip, Rsp;

    /// <summary>The parts of the region key that come from CS and SS.</summary>
    public uint Key;
}
