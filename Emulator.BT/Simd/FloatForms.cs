using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Handlers of two-operand floating-point instructions (and square roots) by operand form.</summary>
public static unsafe class FloatForms
{
    /// <summary>xmm op= xmm, all elements.</summary>
    public static bool PackedRegister<Op, T>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return Packed<Op, T>(cpu, xmm + i->Dst, xmm[i->Src]);
    }

    /// <summary>xmm op= m128, all elements.</summary>
    public static bool PackedMemory<Op, T>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SimdUnit.Begin(cpu) && SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source)
        && Packed<Op, T>(cpu, SimdUnit.Xmm(cpu) + i->Dst, source);

    /// <summary>xmm op= xmm, the lowest element.</summary>
    public static bool ScalarRegister<Op, T>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return Scalar<Op, T>(cpu, (T*)(xmm + i->Dst), *(T*)(xmm + i->Src));
    }

    /// <summary>xmm op= m32 or m64, the lowest element.</summary>
    public static bool ScalarMemory<Op, T>(CpuState* cpu, Insn* i)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SimdUnit.Begin(cpu) && LoadScalar(cpu, i, out T source)
        && Scalar<Op, T>(cpu, (T*)(SimdUnit.Xmm(cpu) + i->Dst), source);

    /// <summary>Reads one element from memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool LoadScalar<T>(CpuState* cpu, Insn* i, out T value)
        where T : unmanaged
    {
        bool done = Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), sizeof(T), out ulong raw);
        value = Ieee<T>.Value(raw);
        return done;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Packed<Op, T>(CpuState* cpu, Vector128<byte>* destination, Vector128<byte> source)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> a = destination->As<byte, T>(), b = source.As<byte, T>(), result = Op.Run(a, b);
        if (FloatLane.Holds<Op, T>(a, b, result, cpu->Mxcsr))
        {
            *destination = result.AsByte();
            return true;
        }
        return PackedCarefully<Op, T>(cpu, destination, b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool PackedCarefully<Op, T>(CpuState* cpu, Vector128<byte>* destination, Vector128<T> b)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        uint flags = 0;
        Vector128<T> result = FloatLane.Run<Op, T>(destination->As<byte, T>(), b, cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        *destination = result.AsByte();
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Scalar<Op, T>(CpuState* cpu, T* destination, T b)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T a = *destination, result = Op.Run(a, b);
        if (FloatLane.Holds<Op, T>(a, b, result, cpu->Mxcsr))
        {
            *destination = result;
            return true;
        }
        return ScalarCarefully<Op, T>(cpu, destination, b);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool ScalarCarefully<Op, T>(CpuState* cpu, T* destination, T b)
        where Op : struct, IFloatBinary
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        uint flags = 0;
        ulong result = FloatLane.Run<Op, T>(Ieee<T>.Bits(*destination), Ieee<T>.Bits(b), cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        *destination = Ieee<T>.Value(result);
        return true;
    }
}
