using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Simd;

/// <summary>What every MMX and SSE handler starts with (SDM Vol. 3A, 12.1 and 13.1): may it run, and where are its operands.</summary>
public static unsafe class SimdUnit
{
    /// <summary>XMM0; the others follow.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte>* Xmm(CpuState* cpu) => (Vector128<byte>*)&cpu->Xmm;

    /// <summary>The MMX register that an instruction numbers, which is the significand of the x87 register of that number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> ReadMmx(CpuState* cpu, int number) => Vector128.CreateScalar(((Float80*)&cpu->Fpu)[number].Significand).AsByte();

    /// <summary>Writes an MMX register from the low half of a vector: the exponent becomes all ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteMmx(CpuState* cpu, int number, Vector128<byte> value)
    {
        Float80* register = (Float80*)&cpu->Fpu + number;
        register->Significand = value.AsUInt64().ToScalar();
        register->SignExponent = 0xFFFF;
    }

    /// <summary>True when SSE instructions may run; else #UD or #NM is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Begin(CpuState* cpu) =>
        ((cpu->Cr0 & (Cr0.EM | Cr0.TS)) | (~cpu->Cr4 & Cr4.OSFXSR)) == 0 || Refuse(cpu);

    /// <summary>True when MMX instructions may run; else #UD, #NM or #MF is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool BeginMmx(CpuState* cpu) =>
        ((cpu->Cr0 & (Cr0.EM | Cr0.TS)) == 0 && !X87.HasPendingException(&cpu->Fpu)) || RefuseMmx(cpu);

    /// <summary>The same for SSE instructions that also touch MMX registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool BeginBoth(CpuState* cpu) => Begin(cpu) && (!X87.HasPendingException(&cpu->Fpu) || FpuInsns.NoPending(cpu));

    /// <summary>Reads 16 aligned bytes: #GP(0) where they are not.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool LoadAligned(CpuState* cpu, Insn* i, out Vector128<byte> value)
    {
        ulong ea = Operand.Address(cpu, i);
        byte* p = Access.TryRead(cpu, i->Segment, ea, 16);
        // Host pages are aligned like guest pages.
        if (p != null && ((nint)p & 15) == 0)
        {
            value = *(Vector128<byte>*)p;
            return true;
        }
        return LoadSlow(cpu, i, ea, aligned: true, out value);
    }

    /// <summary>Reads 16 bytes anywhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool LoadUnaligned(CpuState* cpu, Insn* i, out Vector128<byte> value)
    {
        ulong ea = Operand.Address(cpu, i);
        byte* p = Access.TryRead(cpu, i->Segment, ea, 16);
        if (p != null)
        {
            value = *(Vector128<byte>*)p;
            return true;
        }
        return LoadSlow(cpu, i, ea, aligned: false, out value);
    }

    /// <summary>Reads 4 or 8 bytes, with zeros above.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool LoadPart(CpuState* cpu, Insn* i, int size, out Vector128<byte> value)
    {
        bool done = Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), size, out ulong raw);
        value = Vector128.CreateScalar(raw).AsByte();
        return done;
    }

    /// <summary>Writes 16 bytes; <paramref name="aligned"/>: #GP(0) where the address is no multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Store(CpuState* cpu, Insn* i, bool aligned, Vector128<byte> value)
    {
        ulong ea = Operand.Address(cpu, i);
        byte* p = Access.TryWrite(cpu, i->Segment, ea, 16);
        if (p != null && (!aligned || ((nint)p & 15) == 0))
        {
            *(Vector128<byte>*)p = value;
            return true;
        }
        return StoreSlow(cpu, i, ea, aligned, value);
    }

    /// <summary>Adds the flags that an operation raised to MXCSR; false with #XM (#UD without OSXMMEXCPT) when one is unmasked.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Raise(CpuState* cpu, uint flags)
    {
        if ((flags & ~(cpu->Mxcsr >> Mxcsr.MaskShift)) == 0)
        {
            cpu->Mxcsr |= flags;
            return true;
        }
        return RaiseUnmasked(cpu, flags);
    }

    // SDM Vol. 1, 11.5.3: an unmasked pre-computation exception of any element stops the operation before the others are looked for.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RaiseUnmasked(CpuState* cpu, uint flags)
    {
        bool early = (flags & Mxcsr.PreComputation & ~(cpu->Mxcsr >> Mxcsr.MaskShift)) != 0;
        cpu->Mxcsr |= early ? flags & Mxcsr.PreComputation : flags;
        return Fault.Raise(cpu, (cpu->Cr4 & Cr4.OSXMMEXCPT) != 0 ? Vector.XM : Vector.UD);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool Refuse(CpuState* cpu) =>
        Fault.Raise(cpu, (cpu->Cr0 & Cr0.EM) != 0 || (cpu->Cr4 & Cr4.OSFXSR) == 0 ? Vector.UD : Vector.NM);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool RefuseMmx(CpuState* cpu) =>
        (cpu->Cr0 & Cr0.EM) != 0 ? Fault.UD(cpu) : (cpu->Cr0 & Cr0.TS) != 0 ? Fault.Raise(cpu, Vector.NM) : FpuInsns.NoPending(cpu);

    private static bool LoadSlow(CpuState* cpu, Insn* i, ulong ea, bool aligned, out Vector128<byte> value)
    {
        cpu->SlowInsn = (nint)i;
        return SlowAccess.LoadVector(cpu, i->Segment, ea, aligned, out value);
    }

    private static bool StoreSlow(CpuState* cpu, Insn* i, ulong ea, bool aligned, Vector128<byte> value)
    {
        cpu->SlowInsn = (nint)i;
        return SlowAccess.StoreVector(cpu, i->Segment, ea, aligned, value);
    }
}
