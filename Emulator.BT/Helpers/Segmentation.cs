using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>Segment registers and descriptor tables (SDM Vol. 3A, chapters 3 and 5).</summary>
public static unsafe class Segmentation
{
    /// <summary>Index and TI of a selector, as error codes carry them.</summary>
    public static uint ErrorCode(int selector) => (uint)selector & 0xFFFC;

    /// <summary>Reads a descriptor by selector. False without a recorded fault when it is beyond its table.</summary>
    public static bool TryRead(CpuState* cpu, int selector, out Descriptor descriptor)
    {
        descriptor = default;
        return TryLocate(cpu, selector, out ulong address)
            && SlowAccess.LoadLinear(cpu, address, 8, user: false, out ulong raw)
            && Assign(out descriptor, raw);
    }

    /// <summary>Linear address of the descriptor; false when it is beyond its table's limit.</summary>
    public static bool TryLocate(CpuState* cpu, int selector, out ulong address)
    {
        uint offset = (uint)selector & 0xFFF8;
        bool local = (selector & 4) != 0;
        address = (local ? cpu->Ldtr.Base : cpu->Gdtr.Base) + offset;
        uint limit = local ? ((cpu->Ldtr.Access & SegmentRegister.PresentBit) != 0 ? cpu->Ldtr.Limit : 0) : cpu->Gdtr.Limit;
        return offset + 7 <= limit && (!local || (cpu->Ldtr.Access & SegmentRegister.PresentBit) != 0);
    }

    /// <summary>Reads a descriptor that must exist: beyond the table is <paramref name="vector"/> with the selector.</summary>
    public static bool Read(CpuState* cpu, int selector, int vector, out Descriptor descriptor)
    {
        if (TryRead(cpu, selector, out descriptor))
        {
            return true;
        }
        return cpu->FaultVector >= 0 ? false : Fault.Raise(cpu, vector, ErrorCode(selector));
    }

    /// <summary>Sets the accessed bit in the table, if it is clear.</summary>
    public static bool MarkAccessed(CpuState* cpu, int selector, ref Descriptor descriptor)
    {
        if ((descriptor.Raw & (1ul << 40)) != 0)
        {
            return true;
        }
        descriptor = new Descriptor(descriptor.Raw | 1ul << 40);
        TryLocate(cpu, selector, out ulong address);
        return SlowAccess.StoreLinear(cpu, address + 5, 1, user: false, (byte)(descriptor.Raw >> 40));
    }

    /// <summary>Fills a segment register from a checked descriptor. CPL, code mode and stack mask follow CS and SS.</summary>
    public static void Set(CpuState* cpu, int segment, int selector, Descriptor descriptor)
    {
        ref SegmentRegister s = ref cpu->Segments[segment];
        s.Selector = (ushort)selector;
        s.Base = descriptor.Base;
        s.Limit = descriptor.Limit;
        s.Access = descriptor.Access;
        s.UpdateLimits();
        if (segment is Seg.CS or Seg.SS)
        {
            Derive(cpu, segment);
        }
        RegionKey.SegmentChanged(cpu, segment);
    }

    /// <summary>Loads a null selector into a data segment register.</summary>
    public static void SetNull(CpuState* cpu, int segment, int selector)
    {
        ref SegmentRegister s = ref cpu->Segments[segment];
        s.Selector = (ushort)selector;
        s.Access = 0;
        s.UpdateLimits();
        RegionKey.SegmentChanged(cpu, segment);
    }

    /// <summary>The 8086's way: base = selector * 16. V86 also sets limit and rights; real mode keeps the limit.</summary>
    public static void SetReal(CpuState* cpu, int segment, int selector)
    {
        ref SegmentRegister s = ref cpu->Segments[segment];
        s.Selector = (ushort)selector;
        s.Base = (ulong)(ushort)selector << 4;
        if (cpu->IsV86)
        {
            s.Limit = 0xFFFF;
            s.Access = 0xF3;
        }
        else if (segment == Seg.CS)
        {
            s.Access = (ushort)((s.Access & 0xFF00) | 0x93);
        }
        s.UpdateLimits();
        Derive(cpu, segment);
        RegionKey.SegmentChanged(cpu, segment);
    }

    /// <summary>Recomputes what other parts cache of CS and SS.</summary>
    public static void Derive(CpuState* cpu, int segment)
    {
        if (segment == Seg.CS)
        {
            cpu->CodeMode = cpu->Segments[Seg.CS].IsBig ? CodeMode.Bits32 : CodeMode.Bits16;
        }
        else if (segment == Seg.SS)
        {
            cpu->StackMask = cpu->Segments[Seg.SS].IsBig ? 0xFFFF_FFFF : 0xFFFF;
        }
    }

    /// <summary>Changes CPL and the shadow tables that go with it.</summary>
    public static void SetCpl(CpuState* cpu, int cpl)
    {
        cpu->Cpl = cpl;
        Mmu.Mmu.From(cpu).SelectPrivilege();
    }

    /// <summary>MOV, POP, LDS ... into ES, SS, DS, FS or GS with every check (SDM Vol. 2, MOV).</summary>
    public static bool Load(CpuState* cpu, int segment, int selector)
    {
        if (cpu->UsesRealSegments)
        {
            SetReal(cpu, segment, selector);
            return true;
        }
        return segment == Seg.SS ? LoadStack(cpu, selector, cpu->Cpl, Vector.GP) : LoadData(cpu, segment, selector);
    }

    /// <summary>SS for a given CPL; <paramref name="vector"/> is #GP, or #TS during a stack switch.</summary>
    public static bool LoadStack(CpuState* cpu, int selector, int cpl, int vector)
    {
        if (!CheckStack(cpu, selector, cpl, vector, out Descriptor descriptor))
        {
            return false;
        }
        if (!MarkAccessed(cpu, selector, ref descriptor))
        {
            return false;
        }
        Set(cpu, Seg.SS, selector, descriptor);
        return true;
    }

    /// <summary>The checks of <see cref="LoadStack"/> alone.</summary>
    public static bool CheckStack(CpuState* cpu, int selector, int cpl, int vector, out Descriptor descriptor)
    {
        descriptor = default;
        if ((selector & 0xFFFC) == 0)
        {
            return Fault.Raise(cpu, vector);
        }
        if (!Read(cpu, selector, vector, out descriptor))
        {
            return false;
        }
        if ((selector & 3) != cpl || !descriptor.IsWritable || descriptor.Dpl != cpl)
        {
            return Fault.Raise(cpu, vector, ErrorCode(selector));
        }
        return descriptor.IsPresent || Fault.Raise(cpu, Vector.SS, ErrorCode(selector));
    }

    /// <summary>LLDT.</summary>
    public static bool LoadLdt(CpuState* cpu, int selector, int vector = Vector.GP)
    {
        if ((selector & 0xFFFC) == 0)
        {
            cpu->Ldtr.Selector = (ushort)selector;
            cpu->Ldtr.Access = 0;
            cpu->ForgetCopies();
            return true;
        }
        if ((selector & 4) != 0)
        {
            return Fault.Raise(cpu, vector, ErrorCode(selector));
        }
        if (!Read(cpu, selector, vector, out Descriptor d))
        {
            return false;
        }
        if (d.IsSegment || d.Type != Descriptor.Ldt)
        {
            return Fault.Raise(cpu, vector, ErrorCode(selector));
        }
        if (!d.IsPresent)
        {
            return Fault.Raise(cpu, vector == Vector.GP ? Vector.NP : vector, ErrorCode(selector));
        }
        SetSystem(ref cpu->Ldtr, selector, d);
        cpu->ForgetCopies();
        return true;
    }

    /// <summary>Fills LDTR or TR.</summary>
    public static void SetSystem(ref SegmentRegister register, int selector, Descriptor d)
    {
        register.Selector = (ushort)selector;
        register.Base = d.Base;
        register.Limit = d.Limit;
        register.Access = d.Access;
    }

    /// <summary>After a return to an outer ring, data segments that it may not use become null (SDM Vol. 2, IRET).</summary>
    public static void DropInnerSegments(CpuState* cpu)
    {
        foreach (int segment in (ReadOnlySpan<int>)[Seg.ES, Seg.DS, Seg.FS, Seg.GS])
        {
            ref SegmentRegister s = ref cpu->Segments[segment];
            bool conforming = (s.Access & SegmentRegister.SBit) != 0 && s.IsCode && (s.Access & SegmentRegister.ConformingBit) != 0;
            if (!conforming && s.Dpl < cpu->Cpl)
            {
                SetNull(cpu, segment, 0);
            }
        }
    }

    private static bool LoadData(CpuState* cpu, int segment, int selector)
    {
        if ((selector & 0xFFFC) == 0)
        {
            SetNull(cpu, segment, selector);
            return true;
        }
        if (!Read(cpu, selector, Vector.GP, out Descriptor d))
        {
            return false;
        }
        if (!d.IsSegment || !d.IsReadable || (!d.IsConforming && (d.Dpl < (selector & 3) || d.Dpl < cpu->Cpl)))
        {
            return Fault.GP(cpu, ErrorCode(selector));
        }
        if (!d.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, ErrorCode(selector));
        }
        if (!MarkAccessed(cpu, selector, ref d))
        {
            return false;
        }
        Set(cpu, segment, selector, d);
        HostCopies.NoteSegment(cpu, segment, selector, d);
        return true;
    }

    private static bool Assign(out Descriptor descriptor, ulong raw)
    {
        descriptor = new Descriptor(raw);
        return true;
    }
}
