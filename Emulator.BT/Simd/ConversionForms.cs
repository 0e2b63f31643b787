using System.Numerics;
using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Handlers of the conversions by operand form.</summary>
public static unsafe class ConversionForms
{
    /// <summary>xmm from xmm.</summary>
    public static bool Register<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion => SimdUnit.Begin(cpu) && ToXmm<Op>(cpu, i, SimdUnit.Xmm(cpu)[i->Src]);

    /// <summary>xmm from an aligned m128.</summary>
    public static bool Memory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion =>
        SimdUnit.Begin(cpu) && SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source) && ToXmm<Op>(cpu, i, source);

    /// <summary>xmm from an m64.</summary>
    public static bool Memory64<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion =>
        SimdUnit.Begin(cpu) && SimdUnit.LoadPart(cpu, i, 8, out Vector128<byte> source) && ToXmm<Op>(cpu, i, source);

    /// <summary>xmm from an m32.</summary>
    public static bool Memory32<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion =>
        SimdUnit.Begin(cpu) && SimdUnit.LoadPart(cpu, i, 4, out Vector128<byte> source) && ToXmm<Op>(cpu, i, source);

    /// <summary>xmm from mm: CVTPI2PS, CVTPI2PD.</summary>
    public static bool FromMmx<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion
    {
        if (!SimdUnit.BeginBoth(cpu))
        {
            return false;
        }
        X87.EnterMmx(&cpu->Fpu);
        return ToXmm<Op>(cpu, i, SimdUnit.ReadMmx(cpu, i->Src));
    }

    /// <summary>mm from xmm.</summary>
    public static bool MmxFromRegister<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion => SimdUnit.BeginBoth(cpu) && ToMmx<Op>(cpu, i, SimdUnit.Xmm(cpu)[i->Src]);

    /// <summary>mm from an aligned m128.</summary>
    public static bool MmxFromMemory<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion =>
        SimdUnit.BeginBoth(cpu) && SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source) && ToMmx<Op>(cpu, i, source);

    /// <summary>mm from an m64.</summary>
    public static bool MmxFromMemory64<Op>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatConversion =>
        SimdUnit.BeginBoth(cpu) && SimdUnit.LoadPart(cpu, i, 8, out Vector128<byte> source) && ToMmx<Op>(cpu, i, source);

    /// <summary>CVTSI2SS, CVTSI2SD xmm, r32/m32.</summary>
    public static bool FromInteger<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ulong raw = *(uint*)((byte*)cpu + i->Src);
        if (!SimdUnit.Begin(cpu) || (i->IsMemory && !Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 4, out raw)))
        {
            return false;
        }
        var result = T.CreateTruncating((int)raw);
        if (Ieee<T>.IsSingle && !FloatLane.IsQuick(cpu->Mxcsr))
        {
            uint flags = 0;
            result = Ieee<T>.Value(SoftFloat<T>.FromInteger((int)raw, cpu->Mxcsr, ref flags));
            if (!SimdUnit.Raise(cpu, flags))
            {
                return false;
            }
        }
        *(T*)(SimdUnit.Xmm(cpu) + i->Dst) = result;
        return true;
    }

    /// <summary>CVTSS2SI, CVTSD2SI, CVTTSS2SI, CVTTSD2SI r32, xmm/m32/m64.</summary>
    public static bool ToInteger<T, Truncates>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
        where Truncates : struct, IFlag
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        T source;
        if (!i->IsMemory)
        {
            source = *(T*)(SimdUnit.Xmm(cpu) + i->Src);
        }
        else if (!FloatForms.LoadScalar(cpu, i, out source))
        {
            return false;
        }
        uint flags = 0;
        int result = FloatToInteger.Run<T>(Ieee<T>.Bits(source), Truncates.Value, cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        Operand.SetRegister(cpu, i->Dst, 4, (uint)result);
        return true;
    }

    private static bool ToXmm<Op>(CpuState* cpu, Insn* i, Vector128<byte> source)
        where Op : struct, IFloatConversion
    {
        Vector128<byte>* destination = SimdUnit.Xmm(cpu) + i->Dst;
        uint flags = 0;
        Vector128<byte> result = Op.Run(*destination, source, cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        *destination = result;
        return true;
    }

    // The x87 stack becomes MMX's even when #XM takes the result away.
    private static bool ToMmx<Op>(CpuState* cpu, Insn* i, Vector128<byte> source)
        where Op : struct, IFloatConversion
    {
        X87.EnterMmx(&cpu->Fpu);
        uint flags = 0;
        Vector128<byte> result = Op.Run(default, source, cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        SimdUnit.WriteMmx(cpu, i->Dst, result);
        return true;
    }
}
