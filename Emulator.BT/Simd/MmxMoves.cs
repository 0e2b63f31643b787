using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Moves of MMX registers.</summary>
public static unsafe class MmxMoves
{
    /// <summary>MOVQ mm, mm.</summary>
    public static bool Move(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        Write(cpu, i->Dst, SimdUnit.ReadMmx(cpu, i->Src));
        return true;
    }

    /// <summary>MOVQ mm, m64.</summary>
    public static bool Load64(CpuState* cpu, Insn* i) => Load(cpu, i, 8);

    /// <summary>MOVD mm, m32.</summary>
    public static bool Load32(CpuState* cpu, Insn* i) => Load(cpu, i, 4);

    /// <summary>MOVQ, MOVNTQ m64, mm.</summary>
    public static bool Store64(CpuState* cpu, Insn* i) => Store(cpu, i, 8);

    /// <summary>MOVD m32, mm.</summary>
    public static bool Store32(CpuState* cpu, Insn* i) => Store(cpu, i, 4);

    /// <summary>MOVD mm, r32.</summary>
    public static bool FromInteger(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        Write(cpu, i->Dst, Vector128.CreateScalar(*(uint*)((byte*)cpu + i->Src)).AsByte());
        return true;
    }

    /// <summary>MOVD r32, mm.</summary>
    public static bool ToInteger(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        Operand.SetRegister(cpu, i->Dst, 4, SimdUnit.ReadMmx(cpu, i->Src).AsUInt32().ToScalar());
        return true;
    }

    /// <summary>MOVDQ2Q mm, xmm.</summary>
    public static bool FromXmm(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginBoth(cpu))
        {
            return false;
        }
        Write(cpu, i->Dst, SimdUnit.Xmm(cpu)[i->Src]);
        return true;
    }

    /// <summary>MOVQ2DQ xmm, mm.</summary>
    public static bool ToXmm(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginBoth(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.Xmm(cpu)[i->Dst] = SimdUnit.ReadMmx(cpu, i->Src);
        return true;
    }

    /// <summary>MASKMOVQ.</summary>
    public static bool StoreMasked(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu) || !XmmMoves.StoreMasked(cpu, i, SimdUnit.ReadMmx(cpu, i->Dst), SimdUnit.ReadMmx(cpu, i->Src)))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        return true;
    }

    private static bool Load(CpuState* cpu, Insn* i, int size)
    {
        if (!SimdUnit.BeginMmx(cpu) || !SimdUnit.LoadPart(cpu, i, size, out Vector128<byte> value))
        {
            return false;
        }
        Write(cpu, i->Dst, value);
        return true;
    }

    private static bool Store(CpuState* cpu, Insn* i, int size)
    {
        if (!SimdUnit.BeginMmx(cpu)
            || !Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), size, SimdUnit.ReadMmx(cpu, i->Src).AsUInt64().ToScalar()))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        return true;
    }

    private static void Write(CpuState* cpu, int number, Vector128<byte> value)
    {
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, number, value);
    }
}
