using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>A segment or gate descriptor (SDM Vol. 3A, 3.4.5 and 6.11).</summary>
/// <param name="Raw">The eight bytes, little-endian.</param>
public readonly record struct Descriptor(ulong Raw)
{
#pragma warning disable CS1591 // the manual's own names
    public const int Tss16Available = 1, Ldt = 2, Tss16Busy = 3, CallGate16 = 4, TaskGate = 5, InterruptGate16 = 6, TrapGate16 = 7,
        Tss32Available = 9, Tss32Busy = 11, CallGate32 = 12, InterruptGate32 = 14, TrapGate32 = 15;

    public int Type => (int)(Raw >> 40) & 15;
    public bool IsSegment => (Raw & (1ul << 44)) != 0;
    public int Dpl => (int)(Raw >> 45) & 3;
    public bool IsPresent => (Raw & (1ul << 47)) != 0;
    public bool IsCode => IsSegment && (Type & 8) != 0;
    public bool IsData => IsSegment && (Type & 8) == 0;
    public bool IsConforming => IsCode && (Type & 4) != 0;
    public bool IsReadable => IsData || (Type & 2) != 0;
    public bool IsWritable => IsData && (Type & 2) != 0;
    public bool IsTss => !IsSegment && (Type & 5) == 1;
    public bool IsBig => (Raw & (1ul << 54)) != 0;
    public uint Base => (uint)((Raw >> 16) & 0xFF_FFFF) | (uint)(Raw >> 32) & 0xFF00_0000;
    public ushort GateSelector => (ushort)(Raw >> 16);
    public int GateParameters => (int)(Raw >> 32) & 31;
    public bool IsGate32 => (Type & 8) != 0;
    public uint GateOffset => (uint)(Raw & 0xFFFF) | (IsGate32 ? (uint)(Raw >> 32) & 0xFFFF_0000 : 0);
#pragma warning restore CS1591

    /// <summary>Limit in bytes.</summary>
    public uint Limit
    {
        get
        {
            uint limit = (uint)(Raw & 0xFFFF) | (uint)(Raw >> 32) & 0xF_0000;
            return (Raw & (1ul << 55)) != 0 ? limit << 12 | 0xFFF : limit;
        }
    }

    /// <summary>Bytes 5 and 6 as <see cref="SegmentRegister.Access"/> keeps them.</summary>
    public ushort Access => (ushort)((uint)(Raw >> 40) & 0xF0FF);
}
