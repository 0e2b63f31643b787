using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emulator.Core.Cpu;

namespace Emulator.Mmu;

public static unsafe partial class SlowAccess
{
    /// <summary>Reads 16 bytes at segment:ea. <paramref name="aligned"/>: #GP(0) when the linear address is no multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool LoadVector(CpuState* cpu, int segment, ulong ea, bool aligned, out Vector128<byte> value)
    {
        value = default;
        if (!CheckSegment(cpu, segment, ea, 16, write: false, out ulong linear) || !CheckAlignment(cpu, linear, aligned))
        {
            return false;
        }
        bool user = cpu->Cpl == 3;
        Mmu mmu = Mmu.From(cpu);
        int first = 0x1000 - (int)(linear & 0xFFF);
        byte* known = first >= 16 ? mmu.KnownRead(linear, user) : null;
        if (known != null)
        {
            value = *(Vector128<byte>*)known;
            return true;
        }
        if (!mmu.Translate(linear, write: false, user, out ulong pa))
        {
            return false;
        }
        ulong pa2 = 0;
        if (first < 16 && !mmu.Translate((uint)(linear + (ulong)first), write: false, user, out pa2))
        {
            return false;
        }
        if (first >= 16)
        {
            value = Vector128.Create(mmu.Memory.ReadValue(pa, 8), mmu.Memory.ReadValue(pa + 8, 8)).AsByte();
            return true;
        }
        for (int n = 0; n < 16; n++)
        {
            value = value.WithElement(n, (byte)mmu.Memory.ReadValue(n < first ? pa + (ulong)n : pa2 + (ulong)(n - first), 1));
        }
        return true;
    }

    /// <summary>Writes 16 bytes at segment:ea; nothing is written when any of them faults.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool StoreVector(CpuState* cpu, int segment, ulong ea, bool aligned, Vector128<byte> value)
    {
        if (!CheckSegment(cpu, segment, ea, 16, write: true, out ulong linear) || !CheckAlignment(cpu, linear, aligned))
        {
            return false;
        }
        bool user = cpu->Cpl == 3;
        Mmu mmu = Mmu.From(cpu);
        int first = 0x1000 - (int)(linear & 0xFFF);
        byte* known = first >= 16 ? mmu.KnownWrite(linear, 16, user) : null;
        if (known != null)
        {
            *(Vector128<byte>*)known = value;
            return true;
        }
        if (!mmu.Translate(linear, write: true, user, out ulong pa))
        {
            return false;
        }
        ulong pa2 = 0;
        if (first < 16 && !mmu.Translate((uint)(linear + (ulong)first), write: true, user, out pa2))
        {
            return false;
        }
        if (first >= 16)
        {
            mmu.Memory.WriteValue(pa, 8, value.AsUInt64().GetElement(0));
            mmu.Memory.WriteValue(pa + 8, 8, value.AsUInt64().GetElement(1));
            return true;
        }
        for (int n = 0; n < 16; n++)
        {
            mmu.Memory.WriteValue(n < first ? pa + (ulong)n : pa2 + (ulong)(n - first), 1, value.GetElement(n));
        }
        return true;
    }

    /// <summary>As <see cref="ProbeSegment"/>, with #GP(0) when the linear address is no multiple of 16.</summary>
    public static bool ProbeAligned(CpuState* cpu, int segment, ulong ea, int size, bool write) =>
        CheckSegment(cpu, segment, ea, size, write, out ulong linear)
        && CheckAlignment(cpu, linear, aligned: true)
        && Probe(cpu, linear, size, cpu->Cpl == 3, write);

    private static bool CheckAlignment(CpuState* cpu, ulong linear, bool aligned)
    {
        if (!aligned || (linear & 15) == 0)
        {
            return true;
        }
        cpu->FaultVector = Vector.GP;
        cpu->FaultErrorCode = 0;
        return false;
    }
}
