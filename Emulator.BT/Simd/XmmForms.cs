using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Handlers of SSE instructions by operand form; RyuJIT makes one of each for every operation.</summary>
public static unsafe class XmmForms
{
    /// <summary>xmm op= xmm.</summary>
    public static bool Register<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], xmm[i->Src]);
        return true;
    }

    /// <summary>xmm op= m128, aligned.</summary>
    public static bool Memory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], source);
        return true;
    }

    /// <summary>xmm op= m32.</summary>
    public static bool Memory32<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorBinary
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadPart(cpu, i, 4, out Vector128<byte> source))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], source);
        return true;
    }

    /// <summary>xmm op= xmm, imm8.</summary>
    public static bool RegisterImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorImmediate
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], xmm[i->Src], (byte)i->Imm);
        return true;
    }

    /// <summary>xmm op= m128, imm8.</summary>
    public static bool MemoryImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorImmediate
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], source, (byte)i->Imm);
        return true;
    }

    /// <summary>xmm shifted by the low quadword of an xmm.</summary>
    public static bool ShiftRegister<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], *(ulong*)(xmm + i->Src));
        return true;
    }

    /// <summary>xmm shifted by the low quadword of an aligned m128.</summary>
    public static bool ShiftMemory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.Begin(cpu) || !SimdUnit.LoadAligned(cpu, i, out Vector128<byte> count))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], count.AsUInt64().ToScalar());
        return true;
    }

    /// <summary>xmm shifted by imm8.</summary>
    public static bool ShiftImmediate<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorShift
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = Op.Run(xmm[i->Dst], (byte)i->Imm);
        return true;
    }

    /// <summary>r32 from an xmm.</summary>
    public static bool ToInteger<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IVectorToInteger
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Operand.SetRegister(cpu, i->Dst, 4, Op.Run(SimdUnit.Xmm(cpu)[i->Src], (byte)i->Imm));
        return true;
    }

    /// <summary>PINSRW xmm, r32/m16, imm8.</summary>
    public static bool Insert(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !ReadWord(cpu, i, out Vector128<byte> word))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        xmm[i->Dst] = InsertWord.Run(xmm[i->Dst], word, (byte)i->Imm);
        return true;
    }

    /// <summary>The word operand of PINSRW: a general register or memory.</summary>
    internal static bool ReadWord(CpuState* cpu, Insn* i, out Vector128<byte> word)
    {
        if (i->IsMemory)
        {
            return SimdUnit.LoadPart(cpu, i, 2, out word);
        }
        word = Vector128.CreateScalar(*(ulong*)((byte*)cpu + i->Src)).AsByte();
        return true;
    }
}
