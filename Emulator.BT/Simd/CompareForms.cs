using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.Core.Cpu;

namespace Emulator.BT.Simd;

/// <summary>Handlers of CMPPS, CMPPD, CMPSS, CMPSD (Imm: the predicate) and of COMISS, COMISD, UCOMISS, UCOMISD.</summary>
public static unsafe class CompareForms
{
    /// <summary>CMPPS, CMPPD xmm, xmm.</summary>
    public static bool PackedRegister<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return Packed(cpu, xmm + i->Dst, xmm[i->Src].As<byte, T>(), (int)i->Imm & 7);
    }

    /// <summary>CMPPS, CMPPD xmm, m128.</summary>
    public static bool PackedMemory<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SimdUnit.Begin(cpu) && SimdUnit.LoadAligned(cpu, i, out Vector128<byte> source)
        && Packed(cpu, SimdUnit.Xmm(cpu) + i->Dst, source.As<byte, T>(), (int)i->Imm & 7);

    /// <summary>CMPSS, CMPSD xmm, xmm.</summary>
    public static bool ScalarRegister<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return Scalar(cpu, (T*)(xmm + i->Dst), *(T*)(xmm + i->Src), (int)i->Imm & 7);
    }

    /// <summary>CMPSS, CMPSD xmm, m32 or m64.</summary>
    public static bool ScalarMemory<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SimdUnit.Begin(cpu) && FloatForms.LoadScalar(cpu, i, out T source)
        && Scalar(cpu, (T*)(SimdUnit.Xmm(cpu) + i->Dst), source, (int)i->Imm & 7);

    /// <summary>COMISS, COMISD (Sub = 1), UCOMISS, UCOMISD (0) xmm, xmm.</summary>
    public static bool OrderRegister<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!SimdUnit.Begin(cpu))
        {
            return false;
        }
        Vector128<byte>* xmm = SimdUnit.Xmm(cpu);
        return Order(cpu, i, *(T*)(xmm + i->Dst), *(T*)(xmm + i->Src));
    }

    /// <summary>COMISS, COMISD, UCOMISS, UCOMISD xmm, m32 or m64.</summary>
    public static bool OrderMemory<T>(CpuState* cpu, Insn* i)
        where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        SimdUnit.Begin(cpu) && FloatForms.LoadScalar(cpu, i, out T source)
        && Order(cpu, i, *(T*)(SimdUnit.Xmm(cpu) + i->Dst), source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Packed<T>(CpuState* cpu, Vector128<byte>* destination, Vector128<T> b, int predicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> a = destination->As<byte, T>();
        if (FloatLane.AreOrdinary(a, b))
        {
            *destination = FloatCompare.Run(a, b, predicate).AsByte();
            return true;
        }
        return PackedCarefully(cpu, destination, b, predicate);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool PackedCarefully<T>(CpuState* cpu, Vector128<byte>* destination, Vector128<T> b, int predicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Vector128<T> a = destination->As<byte, T>(), result = default;
        uint flags = 0;
        for (int n = 0; n < Vector128<T>.Count; n++)
        {
            bool holds = FloatCompare.Soft<T>(Ieee<T>.Bits(a[n]), Ieee<T>.Bits(b[n]), predicate, cpu->Mxcsr, ref flags);
            result = result.WithElement(n, Ieee<T>.Value(holds ? ~0ul : 0));
        }
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        *destination = result.AsByte();
        return true;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Scalar<T>(CpuState* cpu, T* destination, T b, int predicate)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        T a = *destination;
        uint flags = 0;
        bool holds = Ieee<T>.IsOrdinary(Ieee<T>.Bits(a)) && Ieee<T>.IsOrdinary(Ieee<T>.Bits(b))
            ? FloatCompare.Run(a, b, predicate)
            : FloatCompare.Soft<T>(Ieee<T>.Bits(a), Ieee<T>.Bits(b), predicate, cpu->Mxcsr, ref flags);
        if (flags != 0 && !SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        *destination = Ieee<T>.Value(holds ? ~0ul : 0);
        return true;
    }

    // ZF PF CF: 000 above, 001 below, 100 equal, 111 unordered; the other arithmetic flags are cleared.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool Order<T>(CpuState* cpu, Insn* i, T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (!Ieee<T>.IsOrdinary(Ieee<T>.Bits(a)) || !Ieee<T>.IsOrdinary(Ieee<T>.Bits(b)))
        {
            return OrderCarefully(cpu, i, a, b);
        }
        // Result 0 stands for ZF with even parity, which bit 0 of the second word turns odd; see CpuState.
        bool equal = a == b;
        cpu->FlagsResult = equal ? 0ul : 1;
        cpu->FlagsAux = equal ? 1ul : a < b ? 3ul << 62 : 0;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool OrderCarefully<T>(CpuState* cpu, Insn* i, T a, T b)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        uint flags = 0;
        int order = SoftFloat<T>.Compare(Ieee<T>.Bits(a), Ieee<T>.Bits(b), signaling: i->Sub != 0, cpu->Mxcsr, ref flags);
        if (!SimdUnit.Raise(cpu, flags))
        {
            return false;
        }
        cpu->SetArithmeticFlags(order switch
        {
            -1 => Eflags.CF,
            0 => Eflags.ZF,
            1 => 0,
            _ => Eflags.ZF | Eflags.PF | Eflags.CF,
        });
        return true;
    }
}
