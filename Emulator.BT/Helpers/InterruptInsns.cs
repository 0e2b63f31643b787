using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>INT n, INT3, INTO, IRET, HLT, CLI, STI, PUSHF, POPF, BOUND, UD: helpers of both tiers.</summary>
public static unsafe class InterruptInsns
{
    /// <summary>INT n.</summary>
    public static bool Int(CpuState* cpu, Insn* i) => Software(cpu, i, (int)i->Imm & 0xFF, InterruptSource.Software);

    /// <summary>INT3.</summary>
    public static bool Int3(CpuState* cpu, Insn* i) => Software(cpu, i, Vector.BP, InterruptSource.Trap);

    /// <summary>INTO.</summary>
    public static bool Into(CpuState* cpu, Insn* i) =>
        (cpu->GetEflags() & Eflags.OF) != 0 ? Software(cpu, i, Vector.OF, InterruptSource.Trap) : Operand.EndBlock(cpu, i);

    /// <summary>INT1 (ICEBP): a #DB trap that needs no privilege.</summary>
    public static bool Int1(CpuState* cpu, Insn* i)
    {
        Operand.EndBlock(cpu, i);
        Vcpu.From(cpu).DeliverException(Vector.DB, 0);
        return false;
    }

    /// <summary>UD2 and every opcode that this processor does not have.</summary>
    public static bool Undefined(CpuState* cpu, Insn* i) => Fault.UD(cpu);

    /// <summary>The bytes could not be fetched or are longer than 15: the fault was found when decoding, and is found again now.</summary>
    public static bool FetchFault(CpuState* cpu, Insn* i) => Fault.Raise(cpu, (int)i->Imm & 0xFF, (uint)(i->Imm >> 8));

    /// <summary>BOUND.</summary>
    public static bool Bound(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        ulong ea = Operand.Address(cpu, i);
        if (!Operand.Load(cpu, i, i->Segment, ea, size, out ulong low)
            || !Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + (ulong)size), size, out ulong high))
        {
            return false;
        }
        ulong index = *(ulong*)((byte*)cpu + i->Dst);
        bool inside = size == 4
            ? (int)index >= (int)low && (int)index <= (int)high
            : (short)index >= (short)low && (short)index <= (short)high;
        return inside || Fault.Raise(cpu, Vector.BR);
    }

    /// <summary>CLI (SDM Vol. 2, table of CLI with VME and PVI).</summary>
    public static bool Cli(CpuState* cpu, Insn* i)
    {
        if (MayChangeIf(cpu))
        {
            cpu->FlagsOther &= ~(ulong)Eflags.IF;
        }
        else if (UsesVif(cpu))
        {
            cpu->FlagsOther &= ~(ulong)Eflags.VIF;
        }
        else
        {
            return Fault.GP(cpu);
        }
        return true;
    }

    /// <summary>STI: interrupts wait for one more instruction.</summary>
    public static bool Sti(CpuState* cpu, Insn* i)
    {
        if (MayChangeIf(cpu))
        {
            if ((cpu->FlagsOther & Eflags.IF) == 0)
            {
                cpu->FlagsOther |= Eflags.IF;
                cpu->RaiseAttention(Attention.InterruptShadow | Attention.Interrupt);
            }
        }
        else if (UsesVif(cpu) && (cpu->FlagsOther & Eflags.VIP) == 0)
        {
            cpu->FlagsOther |= Eflags.VIF;
        }
        else
        {
            return Fault.GP(cpu);
        }
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>PUSHF, PUSHFD.</summary>
    public static bool Pushf(CpuState* cpu, Insn* i)
    {
        uint flags = cpu->GetEflags() & ~(Eflags.VM | Eflags.RF);
        if (cpu->IsV86 && Iopl(cpu) < 3)
        {
            if ((cpu->Cr4 & Cr4.VME) == 0 || Operand.Size(i) == 4)
            {
                return Fault.GP(cpu);
            }
            flags = (flags & ~Eflags.IF) | Eflags.IOPL | ((flags & Eflags.VIF) != 0 ? Eflags.IF : 0);
        }
        var stack = new GuestStack(cpu);
        if (!stack.Push(flags, Operand.Size(i)))
        {
            return false;
        }
        cpu->Gpr[4] = stack.Pointer;
        return true;
    }

    /// <summary>POPF, POPFD.</summary>
    public static bool Popf(CpuState* cpu, Insn* i)
    {
        bool wide = Operand.Size(i) == 4;
        var stack = new GuestStack(cpu);
        bool virtualIf = cpu->IsV86 && Iopl(cpu) < 3;
        if (virtualIf && ((cpu->Cr4 & Cr4.VME) == 0 || wide))
        {
            return Fault.GP(cpu);
        }
        if (!stack.Pop(Operand.Size(i), out ulong image))
        {
            return false;
        }
        uint flags = (uint)image;
        uint mask = Eflags.Arithmetic | Eflags.TF | Eflags.DF | Eflags.NT | (wide ? Eflags.AC | Eflags.ID | Eflags.RF : 0);
        if (virtualIf)
        {
            if ((flags & Eflags.TF) != 0 || ((flags & Eflags.IF) != 0 && (cpu->FlagsOther & Eflags.VIP) != 0))
            {
                return Fault.GP(cpu);
            }
            flags = (flags & ~Eflags.VIF) | ((flags & Eflags.IF) != 0 ? Eflags.VIF : 0);
            mask |= Eflags.VIF;
        }
        else
        {
            mask |= cpu->Cpl <= Iopl(cpu) || !cpu->IsProtected ? Eflags.IF : 0;
            mask |= cpu->Cpl == 0 && !cpu->IsV86 ? Eflags.IOPL : 0;
        }
        // RF is always cleared by POPF.
        ReplaceFlags(cpu, flags & ~Eflags.RF, mask);
        cpu->Gpr[4] = stack.Pointer;
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>HLT.</summary>
    public static bool Hlt(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        cpu->RaiseAttention(Attention.Halted);
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>IRET, IRETD.</summary>
    public static bool Iret(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        if (cpu->NmiBlocked)
        {
            Vcpu.From(cpu).UnblockNmi();
        }
        if (!cpu->IsProtected || cpu->IsV86)
        {
            return IretReal(cpu, size);
        }
        if ((cpu->FlagsOther & Eflags.NT) != 0)
        {
            return IretTask(cpu, i);
        }
        var stack = new GuestStack(cpu);
        if (!stack.Pop(size, out ulong rip) || !stack.Pop(size, out ulong cs) || !stack.Pop(size, out ulong flagsImage))
        {
            return false;
        }
        uint flags = (uint)flagsImage;
        if (size == 4 && (flags & Eflags.VM) != 0 && cpu->Cpl == 0)
        {
            return IretV86(cpu, ref stack, rip, cs, flags);
        }
        int selector = (int)cs & 0xFFFF;
        if (!FarTransfers.CheckReturn(cpu, selector, out Descriptor code))
        {
            return false;
        }
        int oldCpl = cpu->Cpl;
        uint mask = Eflags.Arithmetic | Eflags.TF | Eflags.DF | Eflags.NT
            | (size == 4 ? Eflags.RF | Eflags.AC | Eflags.ID : 0)
            | (oldCpl <= Iopl(cpu) ? Eflags.IF : 0)
            | (oldCpl == 0 ? Eflags.IOPL | (size == 4 ? Eflags.VIF | Eflags.VIP : 0) : 0);
        if ((selector & 3) == oldCpl)
        {
            if (rip > code.Limit)
            {
                return Fault.GP(cpu);
            }
            if (!Segmentation.MarkAccessed(cpu, selector, ref code))
            {
                return false;
            }
            Segmentation.Set(cpu, Seg.CS, selector, code);
            cpu->Gpr[4] = stack.Pointer;
            cpu->Rip = rip;
        }
        else if (!FarTransfers.ReturnOuter(cpu, ref stack, size, selector, code, rip, 0))
        {
            return false;
        }
        ReplaceFlags(cpu, flags, mask);
        if (oldCpl == 0 && size == 4)
        {
            if (cpu->Cpl == 0)
            {
                HostCopies.NoteInnerReturn(cpu, code);
            }
            else if (cpu->Cpl == 3)
            {
                HostCopies.NoteOuterReturn(cpu, code);
            }
        }
        return false;
    }

    /// <summary>Replaces the flags in <paramref name="mask"/> and asks for attention where the change matters.</summary>
    public static void ReplaceFlags(CpuState* cpu, uint flags, uint mask)
    {
        cpu->SetEflags((cpu->GetEflags() & ~mask) | (flags & mask));
        Vcpu.From(cpu).FlagsChanged();
    }

    private static int Iopl(CpuState* cpu) => (int)(cpu->FlagsOther & Eflags.IOPL) >> Eflags.IoplShift;

    private static bool MayChangeIf(CpuState* cpu) => !cpu->IsProtected || (cpu->IsV86 ? 3 : cpu->Cpl) <= Iopl(cpu);

    private static bool UsesVif(CpuState* cpu) =>
        cpu->IsV86 ? (cpu->Cr4 & Cr4.VME) != 0 : cpu->Cpl == 3 && (cpu->Cr4 & Cr4.PVI) != 0;

    private static bool Software(CpuState* cpu, Insn* i, int vector, InterruptSource source)
    {
        ulong rip = cpu->BlockRip + (ulong)i->Offset;
        cpu->Rip = cpu->BlockRip + (ulong)i->NextOffset;
        Vcpu.From(cpu).NoteInterrupt(vector, "software", rip);
        return Interrupts.Deliver(cpu, vector, source, null) && false;
    }

    private static bool IretReal(CpuState* cpu, int size)
    {
        bool virtualIf = cpu->IsV86 && Iopl(cpu) < 3;
        if (virtualIf && ((cpu->Cr4 & Cr4.VME) == 0 || size == 4))
        {
            return Fault.GP(cpu);
        }
        var stack = new GuestStack(cpu);
        if (!stack.Pop(size, out ulong rip) || !stack.Pop(size, out ulong cs) || !stack.Pop(size, out ulong image))
        {
            return false;
        }
        uint flags = (uint)image;
        if (rip > 0xFFFF && rip > cpu->Segments[Seg.CS].Limit)
        {
            return Fault.GP(cpu);
        }
        uint mask = Eflags.Arithmetic | Eflags.TF | Eflags.DF | Eflags.NT | (size == 4 ? Eflags.RF | Eflags.AC | Eflags.ID : 0);
        if (virtualIf)
        {
            if ((flags & Eflags.TF) != 0 || ((flags & Eflags.IF) != 0 && (cpu->FlagsOther & Eflags.VIP) != 0))
            {
                return Fault.GP(cpu);
            }
            flags = (flags & ~Eflags.VIF) | ((flags & Eflags.IF) != 0 ? Eflags.VIF : 0);
            mask |= Eflags.VIF;
        }
        else
        {
            mask |= Eflags.IF | (cpu->IsV86 ? 0 : Eflags.IOPL);
        }
        Segmentation.SetReal(cpu, Seg.CS, (int)cs & 0xFFFF);
        cpu->Rip = rip;
        cpu->Gpr[4] = stack.Pointer;
        ReplaceFlags(cpu, flags, mask);
        return false;
    }

    private static bool IretV86(CpuState* cpu, ref GuestStack stack, ulong rip, ulong cs, uint flags)
    {
        if (rip > 0xFFFF)
        {
            return Fault.GP(cpu);
        }
        Span<ulong> outer = stackalloc ulong[6];
        for (int n = 0; n < 6; n++)
        {
            if (!stack.Pop(4, out outer[n]))
            {
                return false;
            }
        }
        ReplaceFlags(cpu, flags, Eflags.Defined);
        Segmentation.SetCpl(cpu, 3);
        Segmentation.SetReal(cpu, Seg.CS, (int)cs & 0xFFFF);
        cpu->Rip = rip & 0xFFFF;
        cpu->Gpr[4] = (uint)outer[0];
        Segmentation.SetReal(cpu, Seg.SS, (int)outer[1] & 0xFFFF);
        Segmentation.SetReal(cpu, Seg.ES, (int)outer[2] & 0xFFFF);
        Segmentation.SetReal(cpu, Seg.DS, (int)outer[3] & 0xFFFF);
        Segmentation.SetReal(cpu, Seg.FS, (int)outer[4] & 0xFFFF);
        Segmentation.SetReal(cpu, Seg.GS, (int)outer[5] & 0xFFFF);
        return false;
    }

    private static bool IretTask(CpuState* cpu, Insn* i)
    {
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base, 2, user: false, out ulong link))
        {
            return false;
        }
        int selector = (int)link;
        uint error = Segmentation.ErrorCode(selector);
        if ((selector & 4) != 0)
        {
            return Fault.Raise(cpu, Vector.TS, error);
        }
        if (!Segmentation.Read(cpu, selector, Vector.TS, out Descriptor tss))
        {
            return false;
        }
        if (tss.IsSegment || tss.Type is not (Descriptor.Tss16Busy or Descriptor.Tss32Busy))
        {
            return Fault.Raise(cpu, Vector.TS, error);
        }
        if (!tss.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, error);
        }
        cpu->Rip = cpu->BlockRip + (ulong)i->NextOffset;
        TaskSwitch.Run(cpu, selector, tss, TaskSwitchKind.Return);
        return false;
    }
}
