using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Handlers of MMX instructions by operand form. Each leaves the x87 stack full with TOP 0 (SDM Vol. 3A, 12.2).</summary>
public static unsafe class MmxForms
{
    /// <summary>mm op= mm.</summary>
    public static bool Register<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, Op.Run(SimdUnit.ReadMmx(cpu, i->Dst), SimdUnit.ReadMmx(cpu, i->Src)));
        return true;
    }

    /// <summary>mm op= m64.</summary>
    public static bool Memory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary => Memory<Op>(cpu, i, 8);

    /// <summary>mm op= m32 (PUNPCKL).</summary>
    public static bool Memory32<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary => Memory<Op>(cpu, i, 4);

    /// <summary>mm op= mm, imm8.</summary>
    public static bool RegisterImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorImmediate
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, Op.Run(SimdUnit.ReadMmx(cpu, i->Dst), SimdUnit.ReadMmx(cpu, i->Src), (byte)i->Imm));
        return true;
    }

    /// <summary>mm op= m64, imm8.</summary>
    public static bool MemoryImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorImmediate
    {
        if (!SimdUnit.BeginMmx(cpu) || !SimdUnit.LoadPart(cpu, i, 8, out Vector128<byte> source))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, Op.Run(SimdUnit.ReadMmx(cpu, i->Dst), source, (byte)i->Imm));
        return true;
    }

    /// <summary>mm shifted by an mm.</summary>
    public static bool ShiftRegister<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        Shift<Op>(cpu, i, SimdUnit.ReadMmx(cpu, i->Src).AsUInt64().ToScalar());
        return true;
    }

    /// <summary>mm shifted by an m64.</summary>
    public static bool ShiftMemory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.BeginMmx(cpu) || !SimdUnit.LoadPart(cpu, i, 8, out Vector128<byte> count))
        {
            return false;
        }
        Shift<Op>(cpu, i, count.AsUInt64().ToScalar());
        return true;
    }

    /// <summary>mm shifted by imm8.</summary>
    public static bool ShiftImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        Shift<Op>(cpu, i, (byte)i->Imm);
        return true;
    }

    /// <summary>r32 from an mm.</summary>
    public static bool ToInteger<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorToInteger
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        Operand.SetRegister(cpu, i->Dst, 4, Op.Run(SimdUnit.ReadMmx(cpu, i->Src), (byte)i->Imm));
        return true;
    }

    /// <summary>PINSRW mm, r32/m16, imm8.</summary>
    public static bool Insert(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu) || !XmmForms.ReadWord(cpu, i, out Vector128<byte> word))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, MmxInsertWord.Run(SimdUnit.ReadMmx(cpu, i->Dst), word, (byte)i->Imm));
        return true;
    }

    /// <summary>EMMS.</summary>
    public static bool Emms(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.BeginMmx(cpu))
        {
            return false;
        }
        X87.EmptyMmx(&cpu->Fpu);
        return true;
    }

    private static bool Memory<Op>(CpuState* cpu, Insn* i, int size)
        where Op : struct, IVectorBinary
    {
        if (!SimdUnit.BeginMmx(cpu) || !SimdUnit.LoadPart(cpu, i, size, out Vector128<byte> source))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, Op.Run(SimdUnit.ReadMmx(cpu, i->Dst), source));
        return true;
    }

    private static void Shift<Op>(CpuState* cpu, Insn* i, ulong count)
        where Op : struct, IVectorShift
    {
        X87.EnterMmx(&cpu->Fpu);
        SimdUnit.WriteMmx(cpu, i->Dst, Op.Run(SimdUnit.ReadMmx(cpu, i->Dst), count));
    }
}
