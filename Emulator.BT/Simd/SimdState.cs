using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.BT.Fpu;
using Emulator.BT.Helpers;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Simd;

/// <summary>LDMXCSR, STMXCSR, FXSAVE, FXRSTOR (SDM Vol. 1, 10.5), and the instructions that only order memory.</summary>
public static unsafe class SimdState
{
    private const int ImageBytes = 512, MxcsrOffset = 24, XmmOffset = 160, XmmBytes = 8 * 16;

    /// <summary>LDMXCSR: #GP(0) for reserved bits.</summary>
    public static bool LoadControl(CpuState* cpu, Insn* i)
    {
        if (!SimdUnit.Begin(cpu) || !Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 4, out ulong value))
        {
            return false;
        }
        if (((uint)value & ~Vcpu.From(cpu).Model.MxcsrMask) != 0)
        {
            return Fault.GP(cpu);
        }
        cpu->Mxcsr = (uint)value;
        return true;
    }

    /// <summary>STMXCSR.</summary>
    public static bool StoreControl(CpuState* cpu, Insn* i) =>
        SimdUnit.Begin(cpu) && Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 4, cpu->Mxcsr);

    /// <summary>FXSAVE. XMM registers only with CR4.OSFXSR; reserved bytes of the image stay as they are.</summary>
    public static bool Save(CpuState* cpu, Insn* i)
    {
        ulong ea = Operand.Address(cpu, i);
        if (!BeginImage(cpu, i, ea, write: true))
        {
            return false;
        }
        CpuModel model = Vcpu.From(cpu).Model;
        Span<byte> image = stackalloc byte[XmmOffset];
        X87.WriteFx(&cpu->Fpu, image, wide: false);
        bool sse = model.Has(CpuFeatures.Sse);
        BinaryPrimitives.WriteUInt32LittleEndian(image[MxcsrOffset..], cpu->Mxcsr);
        BinaryPrimitives.WriteUInt32LittleEndian(image[(MxcsrOffset + 4)..], model.MxcsrMask);
        // Without SSE the eight bytes of MXCSR and its mask are reserved.
        return Write(cpu, i, ea, image[..(sse ? 32 : MxcsrOffset)])
            && Write(cpu, i, ea + 32, image[32..])
            && (!HasXmm(cpu, sse) || Write(cpu, i, ea + XmmOffset, new Span<byte>(SimdUnit.Xmm(cpu), XmmBytes)));
    }

    /// <summary>FXRSTOR: #GP(0) for reserved bits of MXCSR.</summary>
    public static bool Restore(CpuState* cpu, Insn* i)
    {
        ulong ea = Operand.Address(cpu, i);
        if (!BeginImage(cpu, i, ea, write: false))
        {
            return false;
        }
        Span<byte> image = stackalloc byte[XmmOffset + XmmBytes];
        Span<ulong> words = MemoryMarshal.Cast<byte, ulong>(image);
        for (int n = 0; n < words.Length; n++)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + ((ulong)n * 8)), 8, out words[n]))
            {
                return false;
            }
        }
        CpuModel model = Vcpu.From(cpu).Model;
        bool sse = model.Has(CpuFeatures.Sse);
        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(image[MxcsrOffset..]);
        if (sse && (mxcsr & ~model.MxcsrMask) != 0)
        {
            return Fault.GP(cpu);
        }
        X87.ReadFx(&cpu->Fpu, image, wide: false);
        cpu->Mxcsr = sse ? mxcsr : cpu->Mxcsr;
        if (HasXmm(cpu, sse))
        {
            image[XmmOffset..].CopyTo(new Span<byte>(SimdUnit.Xmm(cpu), XmmBytes));
        }
        return true;
    }

    /// <summary>LFENCE, MFENCE, SFENCE: one processor sees its own accesses in order.</summary>
    public static bool Fence(CpuState* cpu, Insn* i) => true;

    /// <summary>CLFLUSH: a read of one byte as far as faults go.</summary>
    public static bool FlushLine(CpuState* cpu, Insn* i)
    {
        cpu->SlowInsn = (nint)i;
        return SlowAccess.ProbeSegment(cpu, i->Segment, Operand.Address(cpu, i), 1, write: false);
    }

    /// <summary>MOVNTI m32, r32.</summary>
    public static bool StoreInteger(CpuState* cpu, Insn* i) =>
        Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 4, *(uint*)((byte*)cpu + i->Src));

    private static bool BeginImage(CpuState* cpu, Insn* i, ulong ea, bool write)
    {
        if ((cpu->Cr0 & (Cr0.EM | Cr0.TS)) != 0)
        {
            return Fault.Raise(cpu, Vector.NM);
        }
        cpu->SlowInsn = (nint)i;
        return SlowAccess.ProbeAligned(cpu, i->Segment, ea, ImageBytes, write);
    }

    private static bool HasXmm(CpuState* cpu, bool sse) => sse && (cpu->Cr4 & Cr4.OSFXSR) != 0;

    private static bool Write(CpuState* cpu, Insn* i, ulong ea, ReadOnlySpan<byte> bytes)
    {
        foreach (ulong word in MemoryMarshal.Cast<byte, ulong>(bytes))
        {
            if (!Operand.Store(cpu, i, i->Segment, Operand.Cut(i, ea), 8, word))
            {
                return false;
            }
            ea += 8;
        }
        return true;
    }
}
