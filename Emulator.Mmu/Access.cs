using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.Mmu;

/// <summary>
/// The inline path of every guest memory access. In words:
/// <code>
/// legal   = ea + size - 1 &lt;= segment's read (write) limit
/// linear  = (segment base + ea) mod 2^32
/// delta   = shadow table of this access kind and privilege [linear >> 12]
/// if legal, delta is known and the access stays in its page: touch host memory at linear + delta
/// else: SlowAccess
/// </code>
/// </summary>
public static unsafe class Access
{
    /// <summary>Host address of a readable operand, or null when the slow path must decide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* TryRead(CpuState* cpu, int segment, ulong ea, int size)
    {
        ref SegmentRegister s = ref Unsafe.Add(ref Unsafe.As<SegmentRegisters, SegmentRegister>(ref cpu->Segments), segment);
        if ((long)(ea + (ulong)(size - 1)) <= s.ReadLimit)
        {
            ulong linear = (uint)(s.Base + ea);
            nint delta = cpu->ReadTable[linear >> 12];
            if (delta != 0 && (size == 1 || (linear & 0xFFF) <= (ulong)(0x1000 - size)))
            {
                return (byte*)((nint)linear + delta);
            }
        }
        return null;
    }

    /// <summary>Host address of a writable operand (readable as well), or null when the slow path must decide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* TryWrite(CpuState* cpu, int segment, ulong ea, int size)
    {
        ref SegmentRegister s = ref Unsafe.Add(ref Unsafe.As<SegmentRegisters, SegmentRegister>(ref cpu->Segments), segment);
        if ((long)(ea + (ulong)(size - 1)) <= s.WriteLimit)
        {
            ulong linear = (uint)(s.Base + ea);
            nint delta = cpu->WriteTable[linear >> 12];
            if (delta != 0 && (size == 1 || (linear & 0xFFF) <= (ulong)(0x1000 - size)))
            {
                return (byte*)((nint)linear + delta);
            }
        }
        return null;
    }
}
