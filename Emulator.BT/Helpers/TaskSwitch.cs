using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>How a task switch came about: it decides busy bits, back link and NT.</summary>
public enum TaskSwitchKind
{
    /// <summary>JMP to a TSS or task gate.</summary>
    Jump,

    /// <summary>CALL, interrupt or exception: the old task stays busy and is linked to.</summary>
    Nest,

    /// <summary>IRET with NT set: back to the linked task.</summary>
    Return,
}

/// <summary>Hardware tasks (SDM Vol. 3A, chapter 7).</summary>
public static unsafe class TaskSwitch
{
    /// <summary>SS:ESP for an inner ring from the present TSS.</summary>
    public static bool ReadInnerStack(CpuState* cpu, int cpl, out int selector, out uint pointer)
    {
        selector = 0;
        pointer = 0;
        bool is32 = (cpu->Tr.Access & 8) != 0;
        uint offset = is32 ? (uint)(4 + (cpl * 8)) : (uint)(2 + (cpl * 4));
        uint last = is32 ? offset + 5 : offset + 3;
        if (last > cpu->Tr.Limit)
        {
            return Fault.Raise(cpu, Vector.TS, Segmentation.ErrorCode(cpu->Tr.Selector));
        }
        int size = is32 ? 4 : 2;
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base + offset, size, user: false, out ulong esp)
            || !SlowAccess.LoadLinear(cpu, cpu->Tr.Base + offset + (ulong)size, 2, user: false, out ulong ss))
        {
            return false;
        }
        pointer = (uint)esp;
        selector = (int)ss;
        return true;
    }

    /// <summary>Checks that a selector names an available TSS in the GDT.</summary>
    public static bool CheckTarget(CpuState* cpu, int selector, out Descriptor tss)
    {
        uint error = Segmentation.ErrorCode(selector);
        tss = default;
        if ((selector & 4) != 0 || (selector & 0xFFFC) == 0)
        {
            return Fault.GP(cpu, error);
        }
        if (!Segmentation.Read(cpu, selector, Vector.GP, out tss))
        {
            return false;
        }
        if (tss.IsSegment || tss.Type is not (Descriptor.Tss16Available or Descriptor.Tss32Available))
        {
            return Fault.GP(cpu, error);
        }
        return tss.IsPresent || Fault.Raise(cpu, Vector.NP, error);
    }

    /// <summary>A switch that an instruction asks for: a fault of the new task is delivered at once, at its own CS:EIP.</summary>
    /// <returns>False with a fault of the old task recorded, or with none when the new task has taken its own.</returns>
    public static bool Run(CpuState* cpu, int selector, Descriptor tss, TaskSwitchKind kind)
    {
        if (Switch(cpu, selector, tss, kind, out bool committed))
        {
            return true;
        }
        if (committed)
        {
            Vcpu.From(cpu).DeliverException(cpu->FaultVector, cpu->FaultErrorCode);
        }
        return false;
    }

    /// <summary>Switches to the task of a checked TSS descriptor. RIP must be what the old task resumes at.</summary>
    /// <param name="cpu">The processor.</param>
    /// <param name="selector">Of the new TSS.</param>
    /// <param name="tss">Its descriptor.</param>
    /// <param name="kind">What busy bits, back link and NT become.</param>
    /// <param name="committed">True when a recorded fault is the new task's.</param>
    public static bool Switch(CpuState* cpu, int selector, Descriptor tss, TaskSwitchKind kind, out bool committed)
    {
        committed = false;
        bool new32 = (tss.Type & 8) != 0;
        uint needed = new32 ? 103u : 43;
        if (tss.Limit < needed)
        {
            return Fault.Raise(cpu, Vector.TS, Segmentation.ErrorCode(selector));
        }
        bool old32 = (cpu->Tr.Access & 8) != 0;
        if (!ProbeBusy(cpu, cpu->Tr.Selector)
            || !ProbeBusy(cpu, selector)
            || !SlowAccess.Probe(cpu, cpu->Tr.Base, old32 ? 104 : 44, user: false, write: true)
            || !SlowAccess.Probe(cpu, tss.Base, new32 ? 104 : 44, user: false, write: false)
            || (kind == TaskSwitchKind.Nest && !SlowAccess.Probe(cpu, tss.Base, 2, user: false, write: true))
            || !TaskState.Read(cpu, tss.Base, new32, out TaskState state))
        {
            return false;
        }
        uint oldFlags = cpu->GetEflags();
        if (kind == TaskSwitchKind.Return)
        {
            oldFlags &= ~Eflags.NT;
        }
        if ((kind != TaskSwitchKind.Nest && !SetBusy(cpu, cpu->Tr.Selector, busy: false))
            || !TaskState.Save(cpu, cpu->Tr.Base, old32, oldFlags)
            || (kind == TaskSwitchKind.Nest && !SlowAccess.StoreLinear(cpu, tss.Base, 2, user: false, cpu->Tr.Selector))
            || (kind != TaskSwitchKind.Return && !SetBusy(cpu, selector, busy: true)))
        {
            return false;
        }
        Segmentation.SetSystem(ref cpu->Tr, selector, new Descriptor(tss.Raw | 2ul << 40));
        cpu->Cr0 |= Cr0.TS;
        cpu->ForgetCopies();
        committed = true;
        bool entered = state.Enter(cpu, new32, kind == TaskSwitchKind.Nest);
        Vcpu.From(cpu).FlagsChanged();
        return entered;
    }

    // Nothing of a switch may be done when the busy bits can't be written.
    private static bool ProbeBusy(CpuState* cpu, int selector) =>
        Segmentation.TryLocate(cpu, selector, out ulong address)
            ? SlowAccess.Probe(cpu, address + 5, 1, user: false, write: true)
            : Fault.Raise(cpu, Vector.TS, Segmentation.ErrorCode(selector));

    /// <summary>Sets or clears the busy bit of a TSS descriptor in the GDT.</summary>
    public static bool SetBusy(CpuState* cpu, int selector, bool busy)
    {
        if (!Segmentation.TryLocate(cpu, selector, out ulong address)
            || !SlowAccess.LoadLinear(cpu, address + 5, 1, user: false, out ulong access))
        {
            return cpu->FaultVector < 0 && Fault.Raise(cpu, Vector.TS, Segmentation.ErrorCode(selector));
        }
        return SlowAccess.StoreLinear(cpu, address + 5, 1, user: false, busy ? access | 2 : access & ~2ul);
    }
}
