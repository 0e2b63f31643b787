using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>The part of a TSS that a task switch saves and loads (SDM Vol. 3A, 7.2.1 and 7.6).</summary>
public unsafe struct TaskState
{
    // Order in both layouts: general registers AX CX DX BX SP BP SI DI, then ES CS SS DS (FS GS), LDT.
    private fixed uint general[8];
    private fixed ushort segments[6];
    private uint rip, flags, cr3;
    private ushort ldt;
    private bool trap;

    /// <summary>Reads the TSS at a linear address.</summary>
    public static bool Read(CpuState* cpu, ulong at, bool is32, out TaskState state)
    {
        state = default;
        int size = is32 ? 4 : 2;
        ulong pos = is32 ? 0x1Cul : 0x0E;
        if (is32)
        {
            if (!Field(cpu, at + pos, 4, out state.cr3))
            {
                return false;
            }
            pos += 4;
        }
        if (!Field(cpu, at + pos, size, out state.rip) || !Field(cpu, at + pos + (ulong)size, size, out state.flags))
        {
            return false;
        }
        pos += (ulong)(2 * size);
        for (int n = 0; n < 8; n++, pos += (ulong)size)
        {
            if (!Field(cpu, at + pos, size, out state.general[n]))
            {
                return false;
            }
        }
        for (int n = 0; n < (is32 ? 6 : 4); n++, pos += (ulong)size)
        {
            if (!Field(cpu, at + pos, 2, out uint selector))
            {
                return false;
            }
            state.segments[n] = (ushort)selector;
        }
        if (!Field(cpu, at + pos, 2, out uint ldtSelector))
        {
            return false;
        }
        state.ldt = (ushort)ldtSelector;
        uint trapWord = 0;
        if (is32 && !Field(cpu, at + 0x64, 2, out trapWord))
        {
            return false;
        }
        state.trap = (trapWord & 1) != 0;
        return true;
    }

    /// <summary>Saves the running task's dynamic fields to its TSS.</summary>
    public static bool Save(CpuState* cpu, ulong at, bool is32, uint eflags)
    {
        int size = is32 ? 4 : 2;
        ulong pos = is32 ? 0x20ul : 0x0E;
        if (!SlowAccess.StoreLinear(cpu, at + pos, size, user: false, cpu->Rip)
            || !SlowAccess.StoreLinear(cpu, at + pos + (ulong)size, size, user: false, eflags))
        {
            return false;
        }
        pos += (ulong)(2 * size);
        for (int n = 0; n < 8; n++, pos += (ulong)size)
        {
            if (!SlowAccess.StoreLinear(cpu, at + pos, size, user: false, cpu->Gpr[n]))
            {
                return false;
            }
        }
        for (int n = 0; n < (is32 ? 6 : 4); n++, pos += (ulong)size)
        {
            if (!SlowAccess.StoreLinear(cpu, at + pos, 2, user: false, cpu->Segments[n].Selector))
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>Makes this the running task: registers first, then the segments with every check, faults in the new task's name.</summary>
    public readonly bool Enter(CpuState* cpu, bool is32, bool nested)
    {
        if (is32 && cpu->IsPaging && cpu->Cr3 != cr3)
        {
            if (!SystemRegisters.LoadCr3(cpu, cr3))
            {
                return false;
            }
        }
        cpu->Rip = rip;
        // A TSS of 16 bits has no VM, RF, AC and ID: they end with the old task.
        cpu->SetEflags(flags);
        if (nested)
        {
            cpu->FlagsOther |= Eflags.NT;
        }
        for (int n = 0; n < 8; n++)
        {
            cpu->Gpr[n] = is32 ? general[n] : 0xFFFF_0000 | general[n];
        }
        // Until each is checked, every segment register holds its selector only.
        for (int n = 0; n < 6; n++)
        {
            Segmentation.SetNull(cpu, n, n < 4 || is32 ? segments[n] : 0);
        }
        cpu->Ldtr.Access = 0;
        cpu->Ldtr.Selector = ldt;
        if (!Segmentation.LoadLdt(cpu, ldt, Vector.TS))
        {
            return false;
        }
        if (cpu->IsV86)
        {
            Segmentation.SetCpl(cpu, 3);
            for (int n = 0; n < 6; n++)
            {
                Segmentation.SetReal(cpu, n, segments[n]);
            }
        }
        else if (!EnterProtected(cpu, is32))
        {
            return false;
        }
        if (trap)
        {
            cpu->Dr[6] |= 1 << 15;
            return Fault.Raise(cpu, Vector.DB);
        }
        return cpu->Rip <= cpu->Segments[Seg.CS].Limit || Fault.GP(cpu);
    }

    private readonly bool EnterProtected(CpuState* cpu, bool is32)
    {
        int cs = segments[Seg.CS];
        uint error = Segmentation.ErrorCode(cs);
        if ((cs & 0xFFFC) == 0)
        {
            return Fault.Raise(cpu, Vector.TS);
        }
        if (!Segmentation.Read(cpu, cs, Vector.TS, out Descriptor code))
        {
            return false;
        }
        int rpl = cs & 3;
        if (!code.IsCode || (code.IsConforming ? code.Dpl > rpl : code.Dpl != rpl))
        {
            return Fault.Raise(cpu, Vector.TS, error);
        }
        if (!code.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, error);
        }
        Segmentation.SetCpl(cpu, rpl);
        if (!Segmentation.MarkAccessed(cpu, cs, ref code))
        {
            return false;
        }
        Segmentation.Set(cpu, Seg.CS, cs, code);
        if (!Segmentation.LoadStack(cpu, segments[Seg.SS], rpl, Vector.TS))
        {
            return false;
        }
        foreach (int n in (ReadOnlySpan<int>)[Seg.ES, Seg.DS, Seg.FS, Seg.GS])
        {
            int selector = n < 4 || is32 ? segments[n] : 0;
            if (!Segmentation.Load(cpu, n, selector))
            {
                if (cpu->FaultVector == Vector.GP)
                {
                    cpu->FaultVector = Vector.TS;
                }
                return false;
            }
        }
        return true;
    }

    private static bool Field(CpuState* cpu, ulong at, int size, out uint value)
    {
        bool ok = SlowAccess.LoadLinear(cpu, at, size, user: false, out ulong wide);
        value = (uint)wide;
        return ok;
    }
}
