using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>Segment register numbers as instructions encode them.</summary>
public static class Seg
{
#pragma warning disable CS1591 // the manual's own names
    public const int ES = 0, CS = 1, SS = 2, DS = 3, FS = 4, GS = 5;
#pragma warning restore CS1591
}

/// <summary>
/// A segment register with its hidden part (SDM Vol. 3A, 3.4.3). 32 bytes. <see cref="ReadLimit"/> and
/// <see cref="WriteLimit"/> are derived by <see cref="UpdateLimits"/>: an access of n bytes at offset ea is plainly legal when
/// (long)(ea + n - 1) &lt;= limit; everything else (expand-down, null, wrong type, past the end) has -1 and takes the slow path.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct SegmentRegister
{
    /// <summary>Linear address of offset 0.</summary>
    public ulong Base;

    /// <summary>Last offset that may be read without further checks, or -1.</summary>
    public long ReadLimit;

    /// <summary>Last offset that may be written without further checks, or -1.</summary>
    public long WriteLimit;

    /// <summary>Limit in bytes, granularity applied; for expand-down segments the last invalid offset.</summary>
    public uint Limit;

    /// <summary>Visible selector.</summary>
    public ushort Selector;

    /// <summary>Access byte in bits 0-7 (type, S, DPL, P), AVL/L/D/G in bits 12-15, as in bytes 5-6 of a descriptor.</summary>
    public ushort Access;

#pragma warning disable CS1591 // the manual's own names
    public const ushort AccessedBit = 1, WritableBit = 2, ReadableBit = 2, ExpandDownBit = 4, ConformingBit = 4, CodeBit = 8, SBit = 0x10,
        PresentBit = 0x80, LBit = 0x2000, DBit = 0x4000, GBit = 0x8000;

    public readonly int Dpl => (Access >> 5) & 3;
    public readonly bool IsPresent => (Access & PresentBit) != 0;
    public readonly bool IsCode => (Access & CodeBit) != 0;
    public readonly bool IsBig => (Access & DBit) != 0;
#pragma warning restore CS1591

    /// <summary>Last usable offset of an expand-down segment.</summary>
    public readonly uint UpperBound => IsBig ? 0xFFFFFFFF : 0xFFFF;

    /// <summary>Recomputes the fast-path limits after a change of the hidden part.</summary>
    public void UpdateLimits()
    {
        int rights = PlainRights[Access & 0xFF];
        ReadLimit = (rights & 1) != 0 ? Limit : -1;
        WriteLimit = (rights & 2) != 0 ? Limit : -1;
    }

    // By access byte: 1 plainly readable, 2 plainly writable.
    private static readonly byte[] PlainRights = [.. Enumerable.Range(0, 256).Select(RightsOf)];

    private static byte RightsOf(int access)
    {
        bool usable = (access & (PresentBit | SBit)) == (PresentBit | SBit);
        bool expandDown = (access & (CodeBit | ExpandDownBit)) == ExpandDownBit;
        bool readable = (access & CodeBit) == 0 || (access & ReadableBit) != 0;
        bool writable = (access & CodeBit) == 0 && (access & WritableBit) != 0;
        return (byte)((usable && readable && !expandDown ? 1 : 0) | (usable && writable && !expandDown ? 2 : 0));
    }
}
