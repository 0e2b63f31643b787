using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>JMP, CALL and RET between segments, rings and tasks (SDM Vol. 2; Vol. 3A, 5.8). Helpers of both tiers: all end their block.</summary>
public static unsafe class FarTransfers
{
    /// <summary>JMP ptr16:16/32.</summary>
    public static bool JmpImmediate(CpuState* cpu, Insn* i) => Jump(cpu, i, (int)(i->Imm >> 32) & 0xFFFF, (uint)i->Imm);

    /// <summary>JMP m16:16/32.</summary>
    public static bool JmpMemory(CpuState* cpu, Insn* i) =>
        LoadPointer(cpu, i, out int selector, out uint offset) && Jump(cpu, i, selector, offset);

    /// <summary>CALL ptr16:16/32.</summary>
    public static bool CallImmediate(CpuState* cpu, Insn* i) => Call(cpu, i, (int)(i->Imm >> 32) & 0xFFFF, (uint)i->Imm);

    /// <summary>CALL m16:16/32.</summary>
    public static bool CallMemory(CpuState* cpu, Insn* i) =>
        LoadPointer(cpu, i, out int selector, out uint offset) && Call(cpu, i, selector, offset);

    /// <summary>RET far, RET far imm16.</summary>
    public static bool Return(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        var stack = new GuestStack(cpu);
        if (!stack.Pop(size, out ulong offset) || !stack.Pop(size, out ulong csWide))
        {
            return false;
        }
        int selector = (int)csWide & 0xFFFF;
        stack.Skip((int)i->Imm);
        if (cpu->UsesRealSegments)
        {
            if (offset > 0xFFFF && offset > cpu->Segments[Seg.CS].Limit)
            {
                return Fault.GP(cpu);
            }
            Segmentation.SetReal(cpu, Seg.CS, selector);
            cpu->Rip = offset;
            cpu->Gpr[4] = stack.Pointer;
            return false;
        }
        if (!CheckReturn(cpu, selector, out Descriptor code))
        {
            return false;
        }
        if ((selector & 3) == cpu->Cpl)
        {
            if (offset > code.Limit)
            {
                return Fault.GP(cpu);
            }
            return Commit(cpu, selector, code, offset, stack.Pointer);
        }
        ReturnOuter(cpu, ref stack, size, selector, code, offset, (int)i->Imm);
        return false;
    }

    /// <summary>The checks on a CS selector that a far return or IRET pops.</summary>
    internal static bool CheckReturn(CpuState* cpu, int selector, out Descriptor code)
    {
        code = default;
        if ((selector & 0xFFFC) == 0)
        {
            return Fault.GP(cpu);
        }
        if (!Segmentation.Read(cpu, selector, Vector.GP, out code))
        {
            return false;
        }
        int rpl = selector & 3;
        uint error = Segmentation.ErrorCode(selector);
        if (!code.IsCode || rpl < cpu->Cpl || (code.IsConforming ? code.Dpl > rpl : code.Dpl != rpl))
        {
            return Fault.GP(cpu, error);
        }
        return code.IsPresent || Fault.Raise(cpu, Vector.NP, error);
    }

    /// <summary>Pops SS:ESP and enters an outer ring. <paramref name="release"/> bytes of parameters go from the new stack as well. False when it faults.</summary>
    internal static bool ReturnOuter(CpuState* cpu, ref GuestStack stack, int size, int selector, Descriptor code, ulong offset, int release)
    {
        if (!stack.Pop(size, out ulong newSp) || !stack.Pop(size, out ulong ssWide))
        {
            return false;
        }
        int ss = (int)ssWide & 0xFFFF, rpl = selector & 3;
        if (!Segmentation.CheckStack(cpu, ss, rpl, Vector.GP, out Descriptor stackDescriptor))
        {
            return false;
        }
        if (offset > code.Limit)
        {
            return Fault.GP(cpu);
        }
        if (!Segmentation.MarkAccessed(cpu, selector, ref code) || !Segmentation.MarkAccessed(cpu, ss, ref stackDescriptor))
        {
            return false;
        }
        Segmentation.SetCpl(cpu, rpl);
        Segmentation.Set(cpu, Seg.CS, selector, code);
        Segmentation.Set(cpu, Seg.SS, ss, stackDescriptor);
        // A 16-bit stack gets SP alone: the upper half of ESP stays the inner ring's on every processor (what Linux has its espfix for).
        ulong mask = cpu->StackMask;
        cpu->Gpr[4] = (cpu->Gpr[4] & ~mask & 0xFFFF_FFFF) | ((newSp + (ulong)release) & mask);
        cpu->Rip = offset;
        Segmentation.DropInnerSegments(cpu);
        return true;
    }

    private static bool LoadPointer(CpuState* cpu, Insn* i, out int selector, out uint offset)
    {
        int size = Operand.Size(i);
        ulong ea = Operand.Address(cpu, i);
        selector = 0;
        offset = 0;
        if (!SlowAccess.Load(cpu, i->Segment, ea, size, out ulong low)
            || !SlowAccess.Load(cpu, i->Segment, Operand.Cut(i, ea + (ulong)size), 2, out ulong high))
        {
            return false;
        }
        offset = (uint)low;
        selector = (int)high;
        return true;
    }

    private static bool Jump(CpuState* cpu, Insn* i, int selector, uint offset)
    {
        if (cpu->UsesRealSegments)
        {
            return JumpReal(cpu, selector, offset);
        }
        if (!ReadTarget(cpu, selector, out Descriptor target))
        {
            return false;
        }
        if (target.IsSegment)
        {
            return CheckDirect(cpu, selector, target, offset) && Commit(cpu, (selector & ~3) | cpu->Cpl, target, offset, cpu->Gpr[4]);
        }
        uint error = Segmentation.ErrorCode(selector);
        switch (target.Type)
        {
            case Descriptor.CallGate16 or Descriptor.CallGate32:
                if (!CheckGate(cpu, selector, target, out Descriptor code))
                {
                    return false;
                }
                if (code.IsConforming ? code.Dpl > cpu->Cpl : code.Dpl != cpu->Cpl)
                {
                    return Fault.GP(cpu, Segmentation.ErrorCode(target.GateSelector));
                }
                return target.GateOffset > code.Limit
                    ? Fault.GP(cpu)
                    : Commit(cpu, (target.GateSelector & ~3) | cpu->Cpl, code, target.GateOffset, cpu->Gpr[4]);
            case Descriptor.TaskGate or Descriptor.Tss16Available or Descriptor.Tss32Available or Descriptor.Tss16Busy or Descriptor.Tss32Busy:
                return ToTask(cpu, i, selector, target, TaskSwitchKind.Jump);
            default:
                return Fault.GP(cpu, error);
        }
    }

    private static bool Call(CpuState* cpu, Insn* i, int selector, uint offset)
    {
        int size = Operand.Size(i);
        ulong returnRip = cpu->BlockRip + (ulong)i->NextOffset;
        ulong returnCs = cpu->Segments[Seg.CS].Selector;
        var stack = new GuestStack(cpu);
        if (cpu->UsesRealSegments)
        {
            if ((offset > 0xFFFF && offset > cpu->Segments[Seg.CS].Limit && !Fault.GP(cpu)) || !stack.Push(returnCs, size) || !stack.Push(returnRip, size))
            {
                return false;
            }
            cpu->Gpr[4] = stack.Pointer;
            return JumpReal(cpu, selector, offset);
        }
        if (!ReadTarget(cpu, selector, out Descriptor target))
        {
            return false;
        }
        if (target.IsSegment)
        {
            return CheckDirect(cpu, selector, target, offset) && stack.Push(returnCs, size) && stack.Push(returnRip, size)
                && Commit(cpu, (selector & ~3) | cpu->Cpl, target, offset, stack.Pointer);
        }
        switch (target.Type)
        {
            case Descriptor.CallGate16 or Descriptor.CallGate32:
                return CallGate(cpu, selector, target, returnCs, returnRip);
            case Descriptor.TaskGate or Descriptor.Tss16Available or Descriptor.Tss32Available or Descriptor.Tss16Busy or Descriptor.Tss32Busy:
                return ToTask(cpu, i, selector, target, TaskSwitchKind.Nest);
            default:
                return Fault.GP(cpu, Segmentation.ErrorCode(selector));
        }
    }

    private static bool CallGate(CpuState* cpu, int selector, Descriptor gate, ulong returnCs, ulong returnRip)
    {
        if (!CheckGate(cpu, selector, gate, out Descriptor code))
        {
            return false;
        }
        int size = gate.IsGate32 ? 4 : 2, codeSelector = gate.GateSelector;
        if (code.IsConforming || code.Dpl == cpu->Cpl)
        {
            if (code.Dpl > cpu->Cpl)
            {
                return Fault.GP(cpu, Segmentation.ErrorCode(codeSelector));
            }
            var same = new GuestStack(cpu);
            if (gate.GateOffset > code.Limit)
            {
                return Fault.GP(cpu);
            }
            return same.Push(returnCs, size) && same.Push(returnRip, size)
                && Commit(cpu, (codeSelector & ~3) | cpu->Cpl, code, gate.GateOffset, same.Pointer);
        }
        if (code.Dpl > cpu->Cpl)
        {
            return Fault.GP(cpu, Segmentation.ErrorCode(codeSelector));
        }
        int newCpl = code.Dpl;
        if (!TaskSwitch.ReadInnerStack(cpu, newCpl, out int ss, out uint esp)
            || !Segmentation.CheckStack(cpu, ss, newCpl, Vector.TS, out Descriptor stackDescriptor))
        {
            return false;
        }
        var stack = new GuestStack(cpu, stackDescriptor, Segmentation.ErrorCode(ss), esp, user: newCpl == 3);
        if (!stack.HasRoom(4 + gate.GateParameters, size))
        {
            return false;
        }
        if (gate.GateOffset > code.Limit)
        {
            return Fault.GP(cpu);
        }
        if (!stack.Push(cpu->Segments[Seg.SS].Selector, size) || !stack.Push(cpu->Gpr[4], size)
            || !CopyParameters(cpu, ref stack, gate.GateParameters, size)
            || !stack.Push(returnCs, size) || !stack.Push(returnRip, size))
        {
            return false;
        }
        if (!Segmentation.MarkAccessed(cpu, ss, ref stackDescriptor) || !Segmentation.MarkAccessed(cpu, codeSelector, ref code))
        {
            return false;
        }
        Segmentation.Set(cpu, Seg.SS, ss, stackDescriptor);
        Segmentation.SetCpl(cpu, newCpl);
        Segmentation.Set(cpu, Seg.CS, (codeSelector & ~3) | newCpl, code);
        cpu->Gpr[4] = stack.Pointer;
        cpu->Rip = gate.GateOffset;
        return false;
    }

    private static bool CopyParameters(CpuState* cpu, ref GuestStack to, int count, int size)
    {
        Span<ulong> parameters = stackalloc ulong[31];
        var from = new GuestStack(cpu);
        for (int n = 0; n < count; n++)
        {
            if (!from.Pop(size, out parameters[n]))
            {
                return false;
            }
        }
        for (int n = count - 1; n >= 0; n--)
        {
            if (!to.Push(parameters[n], size))
            {
                return false;
            }
        }
        return true;
    }

    private static bool JumpReal(CpuState* cpu, int selector, uint offset)
    {
        if (offset > 0xFFFF && offset > cpu->Segments[Seg.CS].Limit)
        {
            return Fault.GP(cpu);
        }
        Segmentation.SetReal(cpu, Seg.CS, selector);
        cpu->Rip = offset;
        return false;
    }

    private static bool ReadTarget(CpuState* cpu, int selector, out Descriptor target)
    {
        target = default;
        return (selector & 0xFFFC) == 0 ? Fault.GP(cpu) : Segmentation.Read(cpu, selector, Vector.GP, out target);
    }

    private static bool CheckDirect(CpuState* cpu, int selector, Descriptor code, uint offset)
    {
        uint error = Segmentation.ErrorCode(selector);
        if (!code.IsCode || (code.IsConforming ? code.Dpl > cpu->Cpl : (selector & 3) > cpu->Cpl || code.Dpl != cpu->Cpl))
        {
            return Fault.GP(cpu, error);
        }
        if (!code.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, error);
        }
        return offset <= code.Limit || Fault.GP(cpu);
    }

    private static bool CheckGate(CpuState* cpu, int selector, Descriptor gate, out Descriptor code)
    {
        code = default;
        uint error = Segmentation.ErrorCode(selector);
        if (gate.Dpl < cpu->Cpl || gate.Dpl < (selector & 3))
        {
            return Fault.GP(cpu, error);
        }
        if (!gate.IsPresent)
        {
            return Fault.Raise(cpu, Vector.NP, error);
        }
        if ((gate.GateSelector & 0xFFFC) == 0)
        {
            return Fault.GP(cpu);
        }
        if (!Segmentation.Read(cpu, gate.GateSelector, Vector.GP, out code))
        {
            return false;
        }
        uint codeError = Segmentation.ErrorCode(gate.GateSelector);
        if (!code.IsCode || code.Dpl > cpu->Cpl)
        {
            return Fault.GP(cpu, codeError);
        }
        return code.IsPresent || Fault.Raise(cpu, Vector.NP, codeError);
    }

    private static bool ToTask(CpuState* cpu, Insn* i, int selector, Descriptor target, TaskSwitchKind kind)
    {
        if (target.Dpl < cpu->Cpl || target.Dpl < (selector & 3))
        {
            return Fault.GP(cpu, Segmentation.ErrorCode(selector));
        }
        if (target.Type == Descriptor.TaskGate)
        {
            if (!target.IsPresent)
            {
                return Fault.Raise(cpu, Vector.NP, Segmentation.ErrorCode(selector));
            }
            selector = target.GateSelector;
        }
        if (!TaskSwitch.CheckTarget(cpu, selector, out Descriptor tss))
        {
            return false;
        }
        cpu->Rip = cpu->BlockRip + (ulong)i->NextOffset;
        TaskSwitch.Run(cpu, selector, tss, kind);
        return false;
    }

    private static bool Commit(CpuState* cpu, int selector, Descriptor code, ulong offset, ulong stackPointer)
    {
        if (!Segmentation.MarkAccessed(cpu, selector, ref code))
        {
            return false;
        }
        Segmentation.Set(cpu, Seg.CS, selector, code);
        cpu->Gpr[4] = stackPointer;
        cpu->Rip = offset;
        return false;
    }
}
