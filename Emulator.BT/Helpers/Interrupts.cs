using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>Where an interrupt comes from: it decides the privilege check and the EXT bit of error codes.</summary>
public enum InterruptSource
{
    /// <summary>INT n: the gate's DPL counts; in V86 mode IOPL and the redirection map as well.</summary>
    Software,

    /// <summary>INT3, INTO: the gate's DPL counts.</summary>
    Trap,

    /// <summary>An exception of the processor.</summary>
    Exception,

    /// <summary>A pin: INTR or NMI.</summary>
    External,
}

/// <summary>Delivery of interrupts and exceptions (SDM Vol. 3A, 6.12; Vol. 2, INT n). State changes only when all of it succeeds.</summary>
public static unsafe class Interrupts
{
    private const uint Ext = 1;

    /// <summary>Delivers a vector; CS:RIP must be what the handler is to return to.</summary>
    /// <returns>
    /// False when delivery itself faults; the fault is recorded, with EXT in its error code where no instruction of the program asked for the delivery
    /// (SDM Vol. 3A, 6.13). False without a fault when a new task has taken one already.
    /// </returns>
    public static bool Deliver(CpuState* cpu, int vector, InterruptSource source, uint? errorCode)
    {
        if (!cpu->IsProtected)
        {
            return DeliverReal(cpu, vector);
        }
        if (TryDeliver(cpu, vector, source, errorCode))
        {
            return true;
        }
        if (source is InterruptSource.Exception or InterruptSource.External && cpu->FaultVector is Vector.TS or Vector.NP or Vector.SS or Vector.GP)
        {
            cpu->FaultErrorCode |= Ext;
        }
        return false;
    }

    private static bool TryDeliver(CpuState* cpu, int vector, InterruptSource source, uint? errorCode)
    {
        if (cpu->IsV86 && source == InterruptSource.Software)
        {
            int iopl = (int)(cpu->FlagsOther & Eflags.IOPL) >> Eflags.IoplShift;
            if (!RedirectedToV86(cpu, vector, out bool redirected))
            {
                return false;
            }
            if (redirected)
            {
                return DeliverReal(cpu, vector, iopl);
            }
            if (iopl < 3)
            {
                return Fault.GP(cpu);
            }
        }
        return DeliverProtected(cpu, vector, source, errorCode);
    }

    /// <summary>VME: does the redirection bitmap send this INT n to the V86 handler? (SDM Vol. 3B, 20.3.3)</summary>
    private static bool RedirectedToV86(CpuState* cpu, int vector, out bool redirected)
    {
        redirected = false;
        if ((cpu->Cr4 & Cr4.VME) == 0)
        {
            return true;
        }
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base + 0x66, 2, user: false, out ulong ioMapBase))
        {
            return false;
        }
        ulong at = ioMapBase - 32 + (ulong)(vector / 8);
        if (ioMapBase < 32 || at > cpu->Tr.Limit)
        {
            return Fault.GP(cpu);
        }
        if (!SlowAccess.LoadLinear(cpu, cpu->Tr.Base + at, 1, user: false, out ulong bits))
        {
            return false;
        }
        redirected = (bits & (1ul << (vector & 7))) == 0;
        return true;
    }

    private static bool DeliverReal(CpuState* cpu, int vector, int v86Iopl = 3)
    {
        ulong table = cpu->IsV86 ? 0 : cpu->Idtr.Base;
        if (!cpu->IsV86 && (uint)((vector * 4) + 3) > cpu->Idtr.Limit)
        {
            return Fault.GP(cpu, (uint)((vector * 8) + 2));
        }
        if (!SlowAccess.LoadLinear(cpu, table + (ulong)(vector * 4), 4, cpu->IsV86, out ulong pointer))
        {
            return false;
        }
        uint flags = cpu->GetEflags();
        if (v86Iopl < 3)
        {
            // VIF stands in for IF, and the image shows IOPL 3.
            flags = (flags & ~Eflags.IF) | Eflags.IOPL | ((flags & Eflags.VIF) != 0 ? Eflags.IF : 0);
        }
        var stack = new GuestStack(cpu);
        if (!stack.Push(flags, 2) || !stack.Push(cpu->Segments[Seg.CS].Selector, 2) || !stack.Push(cpu->Rip, 2))
        {
            return false;
        }
        cpu->Gpr[4] = stack.Pointer;
        cpu->FlagsOther &= ~(ulong)(Eflags.TF | Eflags.AC | Eflags.RF | (v86Iopl < 3 ? Eflags.VIF : Eflags.IF));
        Segmentation.SetReal(cpu, Seg.CS, (int)(pointer >> 16));
        cpu->Rip = pointer & 0xFFFF;
        return true;
    }

    private static bool DeliverProtected(CpuState* cpu, int vector, InterruptSource source, uint? errorCode)
    {
        bool software = source is InterruptSource.Software or InterruptSource.Trap;
        uint gateError = (uint)((vector * 8) + 2);
        if ((uint)((vector * 8) + 7) > cpu->Idtr.Limit)
        {
            return Fault.GP(cpu, gateError);
        }
        if (!SlowAccess.LoadLinear(cpu, cpu->Idtr.Base + (ulong)(vector * 8), 8, user: false, out ulong raw))
        {
            return false;
        }
        var gate = new Descriptor(raw);
        bool known = !gate.IsSegment && gate.Type is Descriptor.TaskGate or Descriptor.InterruptGate16 or Descriptor.TrapGate16
            or Descriptor.InterruptGate32 or Descriptor.TrapGate32;
        if (!known || gate.IsSegment || (software && gate.Dpl < cpu->Cpl))
        {
            return Fault.GP(cpu, gateError);
        }
        if (!gate.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, gateError);
        }
        return gate.Type == Descriptor.TaskGate
            ? DeliverByTask(cpu, gate, errorCode, software)
            : DeliverByGate(cpu, vector, gate, errorCode, source);
    }

    // A fault of the new task while an exception is delivered is the exception's: it may become a double fault.
    private static bool DeliverByTask(CpuState* cpu, Descriptor gate, uint? errorCode, bool software)
    {
        if (!TaskSwitch.CheckTarget(cpu, gate.GateSelector, out Descriptor tss))
        {
            return false;
        }
        if (!(software ? TaskSwitch.Run(cpu, gate.GateSelector, tss, TaskSwitchKind.Nest) : TaskSwitch.Switch(cpu, gate.GateSelector, tss, TaskSwitchKind.Nest, out _)))
        {
            return false;
        }
        if (errorCode is not { } code)
        {
            return true;
        }
        var stack = new GuestStack(cpu);
        if (!stack.Push(code, (tss.Type & 8) != 0 ? 4 : 2))
        {
            return false;
        }
        cpu->Gpr[4] = stack.Pointer;
        return true;
    }

    private static bool DeliverByGate(CpuState* cpu, int vector, Descriptor gate, uint? errorCode, InterruptSource source)
    {
        int size = gate.IsGate32 ? 4 : 2;
        int selector = gate.GateSelector;
        if ((selector & 0xFFFC) == 0)
        {
            return Fault.GP(cpu);
        }
        if (!Segmentation.Read(cpu, selector, Vector.GP, out Descriptor code))
        {
            return false;
        }
        uint selectorError = Segmentation.ErrorCode(selector);
        if (!code.IsCode || code.Dpl > cpu->Cpl)
        {
            return Fault.GP(cpu, selectorError);
        }
        if (!code.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, selectorError);
        }
        bool v86 = cpu->IsV86;
        bool inner = !code.IsConforming && code.Dpl < cpu->Cpl;
        if (v86 && (!inner || code.Dpl != 0))
        {
            return Fault.GP(cpu, selectorError);
        }
        int newCpl = inner ? code.Dpl : cpu->Cpl;
        GuestStack stack;
        int stackSelector = 0;
        Descriptor stackDescriptor = default;
        if (inner)
        {
            if (!TaskSwitch.ReadInnerStack(cpu, newCpl, out stackSelector, out uint pointer)
                || !Segmentation.CheckStack(cpu, stackSelector, newCpl, Vector.TS, out stackDescriptor))
            {
                return false;
            }
            stack = new GuestStack(cpu, stackDescriptor, Segmentation.ErrorCode(stackSelector), pointer, user: newCpl == 3);
        }
        else
        {
            stack = new GuestStack(cpu);
        }
        int words = (v86 ? 4 : 0) + (inner ? 5 : 3) + (errorCode is null ? 0 : 1);
        if (!stack.HasRoom(words, size))
        {
            return false;
        }
        if (gate.GateOffset > code.Limit)
        {
            return Fault.GP(cpu);
        }
        uint flags = cpu->GetEflags();
        if (v86 && !(stack.Push(cpu->Segments[Seg.GS].Selector, size) && stack.Push(cpu->Segments[Seg.FS].Selector, size)
            && stack.Push(cpu->Segments[Seg.DS].Selector, size) && stack.Push(cpu->Segments[Seg.ES].Selector, size)))
        {
            return false;
        }
        if (inner && !(stack.Push(cpu->Segments[Seg.SS].Selector, size) && stack.Push(cpu->Gpr[4], size)))
        {
            return false;
        }
        if (!stack.Push(flags, size) || !stack.Push(cpu->Segments[Seg.CS].Selector, size) || !stack.Push(cpu->Rip, size)
            || (errorCode is { } pushed && !stack.Push(pushed, size)))
        {
            return false;
        }
        if (!Segmentation.MarkAccessed(cpu, selector, ref code)
            || (inner && !Segmentation.MarkAccessed(cpu, stackSelector, ref stackDescriptor)))
        {
            return false;
        }
        cpu->FlagsOther &= ~(ulong)(Eflags.TF | Eflags.NT | Eflags.RF | Eflags.VM);
        if ((gate.Type & 1) == 0)
        {
            cpu->FlagsOther &= ~(ulong)Eflags.IF;
        }
        if (inner)
        {
            Segmentation.Set(cpu, Seg.SS, stackSelector, stackDescriptor);
            Segmentation.SetCpl(cpu, newCpl);
        }
        if (v86)
        {
            foreach (int segment in (ReadOnlySpan<int>)[Seg.ES, Seg.DS, Seg.FS, Seg.GS])
            {
                Segmentation.SetNull(cpu, segment, 0);
            }
        }
        cpu->Gpr[4] = stack.Pointer;
        Segmentation.Set(cpu, Seg.CS, (selector & ~3) | newCpl, code);
        cpu->Rip = gate.GateOffset;
        if (source == InterruptSource.Software && inner && newCpl == 0 && !v86 && size == 4)
        {
            HostCopies.NoteInterrupt(cpu, vector, gate, code, stackDescriptor);
        }
        return true;
    }
}
