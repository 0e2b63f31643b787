using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>Control and debug registers, descriptor-table registers, and what else needs CPL 0 (SDM Vol. 3A, chapter 2).</summary>
public static unsafe class SystemRegisters
{
    private const ulong PagingBits = Cr0.PG | Cr0.WP | Cr0.PE;

    /// <summary>MOV r32, CRn.</summary>
    public static bool ReadControl(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        ulong value;
        switch (i->Src)
        {
            case 0: value = cpu->Cr0; break;
            case 2: value = cpu->Cr2; break;
            case 3: value = cpu->Cr3; break;
            case 4: value = cpu->Cr4; break;
            default: return Fault.UD(cpu);
        }
        Operand.SetRegister(cpu, i->Dst, 4, value);
        return true;
    }

    /// <summary>MOV CRn, r32.</summary>
    public static bool WriteControl(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        ulong value = *(uint*)((byte*)cpu + i->Src);
        bool ok;
        switch (i->Dst)
        {
            case 0: ok = LoadCr0(cpu, value); break;
            case 2: cpu->Cr2 = value; ok = true; break;
            case 3: ok = LoadCr3(cpu, value); break;
            case 4: ok = LoadCr4(cpu, value); break;
            default: return Fault.UD(cpu);
        }
        return ok && Operand.EndBlock(cpu, i);
    }

    /// <summary>CLTS.</summary>
    public static bool Clts(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        cpu->Cr0 &= ~Cr0.TS;
        return true;
    }

    /// <summary>LMSW: loads PE (cannot clear it), MP, EM, TS.</summary>
    public static bool Lmsw(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        return Operand.ReadRm(cpu, i, 2, out ulong value)
            && LoadCr0(cpu, (cpu->Cr0 & ~0xEul) | (value & 0xF))
            && Operand.EndBlock(cpu, i);
    }

    /// <summary>SMSW: a register destination gets all of CR0.</summary>
    public static bool Smsw(CpuState* cpu, Insn* i) => StoreWord(cpu, i, cpu->Cr0);

    /// <summary>Loads CR0 with its checks and consequences.</summary>
    public static bool LoadCr0(CpuState* cpu, ulong value)
    {
        value = (value & (Cr0.PE | Cr0.MP | Cr0.EM | Cr0.TS | Cr0.NE | Cr0.WP | Cr0.AM | Cr0.NW | Cr0.CD | Cr0.PG)) | Cr0.ET;
        if (((value & Cr0.PG) != 0 && (value & Cr0.PE) == 0) || ((value & Cr0.NW) != 0 && (value & Cr0.CD) == 0))
        {
            return Fault.GP(cpu);
        }
        Mmu.Mmu mmu = Mmu.Mmu.From(cpu);
        ulong changed = cpu->Cr0 ^ value;
        if ((changed & value & Cr0.PG) != 0 && (cpu->Cr4 & Cr4.PAE) != 0 && !mmu.Walker.LoadPdptes(cpu->Cr3))
        {
            return Fault.GP(cpu);
        }
        cpu->Cr0 = value;
        cpu->ForgetCopies();
        if ((changed & Cr0.AM) != 0)
        {
            mmu.SelectPrivilege();
        }
        if ((changed & PagingBits) != 0)
        {
            mmu.FlushAll();
        }
        return true;
    }

    /// <summary>Loads CR3: drops the non-global translations.</summary>
    public static bool LoadCr3(CpuState* cpu, ulong value)
    {
        Mmu.Mmu mmu = Mmu.Mmu.From(cpu);
        if (cpu->IsPaging && (cpu->Cr4 & Cr4.PAE) != 0 && !mmu.Walker.LoadPdptes(value))
        {
            return Fault.GP(cpu);
        }
        cpu->Cr3 = value;
        mmu.FlushNonGlobal();
        return true;
    }

    /// <summary>LGDT, LIDT: 16-bit operand size loads 24 bits of base.</summary>
    public static bool LoadTable(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        ulong ea = Operand.Address(cpu, i);
        if (!Operand.Load(cpu, i, i->Segment, ea, 2, out ulong limit)
            || !Operand.Load(cpu, i, i->Segment, Operand.Cut(i, ea + 2), 4, out ulong linear))
        {
            return false;
        }
        var table = new TableRegister { Limit = (uint)limit, Base = Operand.Size(i) == 2 ? linear & 0xFF_FFFF : linear };
        cpu->ForgetCopies();
        if (i->Sub == 0)
        {
            cpu->Gdtr = table;
        }
        else
        {
            cpu->Idtr = table;
        }
        return true;
    }

    /// <summary>SGDT, SIDT: all 32 bits of the base whatever the operand size, as P6 does.</summary>
    public static bool StoreTable(CpuState* cpu, Insn* i)
    {
        TableRegister table = i->Sub == 0 ? cpu->Gdtr : cpu->Idtr;
        ulong ea = Operand.Address(cpu, i);
        return SlowAccess.ProbeSegment(cpu, i->Segment, ea, 6, write: true)
            && Operand.Store(cpu, i, i->Segment, ea, 2, table.Limit)
            && Operand.Store(cpu, i, i->Segment, Operand.Cut(i, ea + 2), 4, table.Base);
    }

    /// <summary>LLDT (Sub = 0), LTR (1).</summary>
    public static bool LoadSystemSegment(CpuState* cpu, Insn* i)
    {
        if (cpu->UsesRealSegments)
        {
            return Fault.UD(cpu);
        }
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        if (!Operand.ReadRm(cpu, i, 2, out ulong selector))
        {
            return false;
        }
        if (i->Sub == 0)
        {
            return Segmentation.LoadLdt(cpu, (int)selector);
        }
        if (!TaskSwitch.CheckTarget(cpu, (int)selector, out Descriptor tss) || !TaskSwitch.SetBusy(cpu, (int)selector, busy: true))
        {
            return false;
        }
        Segmentation.SetSystem(ref cpu->Tr, (int)selector, new Descriptor(tss.Raw | 2ul << 40));
        cpu->ForgetCopies();
        return true;
    }

    /// <summary>SLDT (Sub = 0), STR (1).</summary>
    public static bool StoreSystemSegment(CpuState* cpu, Insn* i) =>
        cpu->UsesRealSegments ? Fault.UD(cpu) : StoreWord(cpu, i, i->Sub == 0 ? cpu->Ldtr.Selector : cpu->Tr.Selector);

    /// <summary>INVLPG.</summary>
    public static bool Invlpg(CpuState* cpu, Insn* i)
    {
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        Mmu.Mmu.From(cpu).Invalidate(cpu->Segments[i->Segment].Base + Operand.Address(cpu, i));
        return Operand.EndBlock(cpu, i);
    }

    /// <summary>INVD, WBINVD: no caches to see.</summary>
    public static bool CacheFlush(CpuState* cpu, Insn* i) => cpu->Cpl == 0 || Fault.GP(cpu);

    /// <summary>MOV r32, DRn.</summary>
    public static bool ReadDebug(CpuState* cpu, Insn* i)
    {
        if (!DebugAccess(cpu, i->Src, out int register))
        {
            return false;
        }
        Operand.SetRegister(cpu, i->Dst, 4, cpu->Dr[register]);
        return true;
    }

    /// <summary>MOV DRn, r32.</summary>
    public static bool WriteDebug(CpuState* cpu, Insn* i)
    {
        if (!DebugAccess(cpu, i->Dst, out int register))
        {
            return false;
        }
        ulong value = *(uint*)((byte*)cpu + i->Src);
        cpu->Dr[register] = register switch
        {
            6 => (value & 0xE00F) | 0xFFFF_0FF0,
            7 => (value & 0xFFFF_2BFF) | 0x400,
            _ => value,
        };
        Vcpu.From(cpu).DebugRegistersChanged();
        return Operand.EndBlock(cpu, i);
    }

    private static bool DebugAccess(CpuState* cpu, int number, out int register)
    {
        register = number is 4 or 5 ? number + 2 : number;
        if (number is 4 or 5 && (cpu->Cr4 & Cr4.DE) != 0)
        {
            return Fault.UD(cpu);
        }
        if (cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        if ((cpu->Dr[7] & 0x2000) != 0)
        {
            cpu->Dr[7] &= ~0x2000ul;
            cpu->Dr[6] |= 0x2000;
            return Fault.Raise(cpu, Vector.DB);
        }
        return true;
    }

    private static bool LoadCr4(CpuState* cpu, ulong value)
    {
        if ((value & ~Vcpu.From(cpu).Model.Cr4Mask) != 0)
        {
            return Fault.GP(cpu);
        }
        Mmu.Mmu mmu = Mmu.Mmu.From(cpu);
        ulong changed = cpu->Cr4 ^ value;
        if ((changed & value & Cr4.PAE) != 0 && cpu->IsPaging && !mmu.Walker.LoadPdptes(cpu->Cr3))
        {
            return Fault.GP(cpu);
        }
        cpu->Cr4 = value;
        if ((changed & (Cr4.PAE | Cr4.PSE | Cr4.PGE)) != 0)
        {
            mmu.FlushAll();
        }
        return true;
    }

    private static bool StoreWord(CpuState* cpu, Insn* i, ulong value)
    {
        if (i->IsMemory)
        {
            return Operand.Store(cpu, i, i->Segment, Operand.Address(cpu, i), 2, (ushort)value);
        }
        Operand.SetRegister(cpu, i->Dst, Operand.Size(i), value);
        return true;
    }
}
