using System.Runtime.InteropServices;

namespace Emulator.Tests.Integer;

/// <summary>Registers as the stubs load and store them, general registers in encoding order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBlock
{
    public fixed uint In[8];
    public uint FlagsIn, DataSelector;
    private fixed uint gap[6];
    public fixed uint Out[8];
    public uint FlagsOut;

    /// <summary>The vector of the exception that ended the program, or <see cref="Outcome.NoException"/>, and where it was.</summary>
    public uint Vector, FaultEip;
    private fixed uint gap2[5];
    public ulong HostStack, HostFs, HostGs;

    /// <summary>Where the program begins: offset, then selector.</summary>
    public uint Target, TargetSelector;

    public const int InAt = 0, FlagsInAt = 32, SelectorAt = 36, OutAt = 64, FlagsOutAt = 96, VectorAt = 100, FaultEipAt = 104, HostStackAt = 128, HostFsAt = 136, HostGsAt = 144, TargetAt = 152;
}
