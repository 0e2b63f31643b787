using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>Instructions that load, store and check segment registers and selectors.</summary>
public static unsafe class SegmentInsns
{
    /// <summary>MOV Sreg, r/m16.</summary>
    public static bool MovToSegment(CpuState* cpu, Insn* i)
    {
        ulong selector;
        if (i->IsMemory)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 2, out selector))
            {
                return false;
            }
        }
        else
        {
            selector = *(ushort*)((byte*)cpu + i->Src);
        }
        return Segmentation.Load(cpu, i->Dst, (int)selector) && AfterLoad(cpu, i);
    }

    /// <summary>MOV r/m16, Sreg: a 32-bit register is zero-extended.</summary>
    public static bool MovFromSegment(CpuState* cpu, Insn* i)
    {
        ulong selector = cpu->Segments[i->Src].Selector;
        if (i->IsMemory)
        {
            return Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 2, selector);
        }
        Operand.SetRegister(cpu, i->Dst, Operand.Size(i), selector);
        return true;
    }

    /// <summary>PUSH Sreg: with 32-bit operand size P6 writes 16 bits and moves ESP by four.</summary>
    public static bool PushSegment(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        ulong mask = cpu->StackMask, top = (cpu->Gpr[4] - (ulong)size) & mask;
        if (!Operand.Store(cpu, i, Seg.SS, top, 2, cpu->Segments[i->Dst].Selector))
        {
            return false;
        }
        cpu->Gpr[4] = (cpu->Gpr[4] & ~mask) | top;
        return true;
    }

    /// <summary>POP Sreg.</summary>
    public static bool PopSegment(CpuState* cpu, Insn* i)
    {
        ulong mask = cpu->StackMask;
        if (!Operand.Load(cpu, i, Seg.SS, cpu->Gpr[4] & mask, 2, out ulong selector))
        {
            return false;
        }
        ulong rsp = (cpu->Gpr[4] & ~mask) | ((cpu->Gpr[4] + (ulong)Operand.Size(i)) & mask);
        if (!Segmentation.Load(cpu, i->Dst, (int)selector))
        {
            return false;
        }
        cpu->Gpr[4] = rsp;
        return AfterLoad(cpu, i);
    }

    /// <summary>LES, LDS, LSS, LFS, LGS: Sub is the segment register.</summary>
    public static bool LoadFarPointer(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        ulong ea = Operand.Address(cpu, i);
        if (!Operand.Load(cpu, i, i->Segment, ea, size, out ulong offset)
            || !Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + (ulong)size), 2, out ulong selector)
            || !Segmentation.Load(cpu, i->Sub, (int)selector))
        {
            return false;
        }
        Operand.SetRegister(cpu, i->Dst, size, offset);
        return i->Sub != Seg.SS || Operand.EndBlock(cpu, i);
    }

    /// <summary>LAR (Sub = 0), LSL (1).</summary>
    public static bool LarLsl(CpuState* cpu, Insn* i)
    {
        if (cpu->UsesRealSegments)
        {
            return Fault.UD(cpu);
        }
        if (!ReadSource(cpu, i, out int selector))
        {
            return false;
        }
        bool ok = Probe(cpu, selector, out Descriptor d, limit: i->Sub == 1);
        if (cpu->FaultVector >= 0)
        {
            return false;
        }
        if (ok)
        {
            uint value = i->Sub == 1 ? d.Limit : (uint)(d.Raw >> 32) & 0x00FF_FF00;
            Operand.SetRegister(cpu, i->Dst, Operand.Size(i), value);
        }
        SetZero(cpu, ok);
        return true;
    }

    /// <summary>VERR (Sub = 0), VERW (1).</summary>
    public static bool Verify(CpuState* cpu, Insn* i)
    {
        if (cpu->UsesRealSegments)
        {
            return Fault.UD(cpu);
        }
        if (!Operand.ReadRm(cpu, i, 2, out ulong wide))
        {
            return false;
        }
        int selector = (int)wide;
        bool ok = (selector & 0xFFFC) != 0 && Segmentation.TryRead(cpu, selector, out Descriptor d) && d.IsSegment
            && (d.IsConforming || (d.Dpl >= cpu->Cpl && d.Dpl >= (selector & 3)))
            && (i->Sub == 0 ? d.IsReadable : d.IsWritable);
        if (cpu->FaultVector >= 0)
        {
            return false;
        }
        SetZero(cpu, ok);
        return true;
    }

    /// <summary>ARPL.</summary>
    public static bool Arpl(CpuState* cpu, Insn* i)
    {
        if (cpu->UsesRealSegments)
        {
            return Fault.UD(cpu);
        }
        if (!Operand.ReadRm(cpu, i, 2, out ulong destination))
        {
            return false;
        }
        ulong rpl = *(ulong*)((byte*)cpu + i->Src) & 3;
        bool raise = (destination & 3) < rpl;
        if (raise)
        {
            destination = (destination & ~3ul) | rpl;
            if (i->IsMemory)
            {
                if (!Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 2, destination))
                {
                    return false;
                }
            }
            else
            {
                Operand.SetRegister(cpu, i->Dst, 2, destination);
            }
        }
        SetZero(cpu, raise);
        return true;
    }

    /// <summary>Sets ZF alone.</summary>
    internal static void SetZero(CpuState* cpu, bool zero) =>
        cpu->SetArithmeticFlags((cpu->GetEflags() & ~Eflags.ZF) | (zero ? Eflags.ZF : 0));

    // After SS is loaded the next instruction runs before any interrupt (SDM Vol. 3A, 6.8.3).
    private static bool AfterLoad(CpuState* cpu, Insn* i)
    {
        if (i->Dst != Seg.SS)
        {
            return true;
        }
        cpu->RaiseAttention(Attention.InterruptShadow | Attention.DebugShadow);
        return Operand.EndBlock(cpu, i);
    }

    private static bool ReadSource(CpuState* cpu, Insn* i, out int selector)
    {
        ulong value;
        if (i->IsMemory)
        {
            if (!Operand.Load(cpu, i, i->Segment, Operand.Address(cpu, i), 2, out value))
            {
                selector = 0;
                return false;
            }
        }
        else
        {
            value = *(ushort*)((byte*)cpu + i->Src);
        }
        selector = (int)value;
        return true;
    }

    private static bool Probe(CpuState* cpu, int selector, out Descriptor d, bool limit)
    {
        d = default;
        if ((selector & 0xFFFC) == 0 || !Segmentation.TryRead(cpu, selector, out d))
        {
            return false;
        }
        bool known = d.IsSegment || d.Type switch
        {
            Descriptor.Tss16Available or Descriptor.Tss16Busy or Descriptor.Ldt or Descriptor.Tss32Available or Descriptor.Tss32Busy => true,
            Descriptor.CallGate16 or Descriptor.CallGate32 or Descriptor.TaskGate => !limit,
            _ => false,
        };
        return known && (d.IsConforming || (d.Dpl >= cpu->Cpl && d.Dpl >= (selector & 3)));
    }
}
