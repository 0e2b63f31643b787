using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>Guest memory as one privilege reaches it: what <see cref="CpuState.ReadTable"/>, <see cref="CpuState.WriteTable"/> and <see cref="CpuState.Window"/> are in it.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct MemoryView
{
    /// <summary>Shadow tables of reads and writes.</summary>
    public nint* ReadTable, WriteTable;

    /// <summary>See <see cref="CpuState.TracedTable"/>.</summary>
    public nint* TracedTable;

    /// <summary>The window of host page mapping.</summary>
    public nint Window;
}
