using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Moves between XMM registers, memory and general registers. Names say what reaches the destination.</summary>
public static unsafe class XmmMoves
{
    /// <summary>MOVAPS, MOVUPS, MOVDQA and their like between registers.</summary>
    public static bool Move(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = xmm[i->Src];
        return true;
    }

    /// <summary>MOVAPS, MOVAPD, MOVDQA xmm, m128.</summary>
    public static bool LoadAligned(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadAligned(cpu, i, out Vector128<byte> value))
        {
            return false;
        }
        SimdUnit.Xmm(cpu)[i->Dst] = value;
        return true;
    }

    /// <summary>MOVUPS, MOVUPD, MOVDQU xmm, m128.</summary>
    public static bool LoadUnaligned(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadUnaligned(cpu, i, out Vector128<byte> value))
        {
            return false;
        }
        SimdUnit.Xmm(cpu)[i->Dst] = value;
        return true;
    }

    /// <summary>MOVAPS, MOVAPD, MOVDQA, MOVNTPS, MOVNTPD, MOVNTDQ m128, xmm.</summary>
    public static bool StoreAligned(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && SimdUnit.Store(cpu, i, aligned: true, SimdUnit.Xmm(cpu)[i->Src]);

    /// <summary>MOVUPS, MOVUPD, MOVDQU m128, xmm.</summary>
    public static bool StoreUnaligned(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && SimdUnit.Store(cpu, i, aligned: false, SimdUnit.Xmm(cpu)[i->Src]);

    /// <summary>MOVSS, MOVD xmm, m32: zeros above.</summary>
    public static bool Load32(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadPart(cpu, i, 4, out Vector128<byte> value))
        {
            return false;
        }
        SimdUnit.Xmm(cpu)[i->Dst] = value;
        return true;
    }

    /// <summary>MOVSD, MOVQ xmm, m64: zeros above.</summary>
    public static bool Load64(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadPart(cpu, i, 8, out Vector128<byte> value))
        {
            return false;
        }
        SimdUnit.Xmm(cpu)[i->Dst] = value;
        return true;
    }

    /// <summary>MOVSS, MOVD m32, xmm.</summary>
    public static bool Store32(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 4, *(uint*)(SimdUnit.Xmm(cpu) + i->Src));

    /// <summary>MOVSD, MOVQ, MOVLPS, MOVLPD m64, xmm.</summary>
    public static bool Store64(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 8, *(ulong*)(SimdUnit.Xmm(cpu) + i->Src));

    /// <summary>MOVHPS, MOVHPD m64, xmm.</summary>
    public static bool StoreHigh(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 8, ((ulong*)(SimdUnit.Xmm(cpu) + i->Src))[1]);

    /// <summary>MOVLPS, MOVLPD xmm, m64: the upper half stays.</summary>
    public static bool LoadLow(CpuState* cpu, Insn* i) => LoadHalf(cpu, i, 0);

    /// <summary>MOVHPS, MOVHPD xmm, m64: the lower half stays.</summary>
    public static bool LoadHigh(CpuState* cpu, Insn* i) => LoadHalf(cpu, i, 1);

    /// <summary>MOVSS xmm, xmm: the rest stays.</summary>
    public static bool Merge32(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        *(uint*)(xmm + i->Dst) = *(uint*)(xmm + i->Src);
        return true;
    }

    /// <summary>MOVSD xmm, xmm: the rest stays.</summary>
    public static bool Merge64(CpuState* cpu, Insn* i) => MoveHalf(cpu, i, 0, 0);

    /// <summary>MOVHLPS.</summary>
    public static bool HighToLow(CpuState* cpu, Insn* i) => MoveHalf(cpu, i, 0, 1);

    /// <summary>MOVLHPS.</summary>
    public static bool LowToHigh(CpuState* cpu, Insn* i) => MoveHalf(cpu, i, 1, 0);

    /// <summary>MOVQ xmm, xmm: zeros above.</summary>
    public static bool Move64(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Vector128.CreateScalar(*(ulong*)(xmm + i->Src)).AsByte();
        return true;
    }

    /// <summary>MOVD xmm, r32.</summary>
    public static bool FromInteger(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        SimdUnit.Xmm(cpu)[i->Dst] = Vector128.CreateScalar(*(uint*)((byte*)cpu + i->Src)).AsByte();
        return true;
    }

    /// <summary>MOVD r32, xmm.</summary>
    public static bool ToInteger(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Operand.SetRegister(cpu, i->Dst, 4, *(uint*)(SimdUnit.Xmm(cpu) + i->Src));
        return true;
    }

    /// <summary>MASKMOVDQU: nothing is written unless every byte that the mask selects can be.</summary>
    public static bool StoreMasked(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return StoreMasked(cpu, i, xmm[i->Dst], xmm[i->Src]);
    }

    /// <summary>Bytes of a value to DS:(E)DI (or another segment) where the mask's bytes have their top bit set.</summary>
    internal static bool StoreMasked(CpuState* cpu, Insn* i, Vector128<byte> value, Vector128<byte> mask)
    {
        uint selected = mask.ExtractMostSignificantBits();
        if (selected == 0)
        {
            return true;
        }
        cpu->SlowInsn = (nint)i;
        ulong ea = cpu->Gpr[7];
        int first = System.Numerics.BitOperations.TrailingZeroCount(selected), last = System.Numerics.BitOperations.Log2(selected);
        if (!Mmu.SlowAccess.ProbeSegment(cpu, i->Segment, Operand.Cut(i, ea + (ulong)first), last - first + 1, write: true))
        {
            return false;
        }
        for (int n = first; n <= last; n++)
        {
            if ((selected >> n & 1) != 0 && !Operand.Store(cpu, i, i->Segment, Operand.Cut(i, ea + (ulong)n), 1, value.GetElement(n)))
            {
                return false;
            }
        }
        return true;
    }

    private static bool LoadHalf(CpuState* cpu, Insn* i, int half)
    {
        if (!SimdUnit.Begin(cpu) || !Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 8, out ulong value))
        {
            return false;
        }
        ((ulong*)(SimdUnit.Xmm(cpu) + i->Dst))[half] = value;
        return true;
    }

    private static bool MoveHalf(CpuState* cpu, Insn* i, int to, int from)
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        ((ulong*)(xmm + i->Dst))[to] = ((ulong*)(xmm + i->Src))[from];
        return true;
    }
}
