using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Helpers;

/// <summary>PUSHA, POPA, ENTER, CMPXCHG8B, SYSENTER, SYSEXIT.</summary>
public static unsafe class Misc
{
    /// <summary>PUSHA, PUSHAD: SP as it was before. No room for all of it is #GP in real mode (SP 1, 3 and 5: not even for the exception's frame), #SS elsewhere.</summary>
    public static bool Pusha(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        var stack = new GuestStack(cpu);
        if (!stack.HasRoom(8, size))
        {
            return cpu->UsesRealSegments ? Fault.GP(cpu) : false;
        }
        for (int n = 0; n < 8; n++)
        {
            if (!stack.Push(cpu->Gpr[n], size))
            {
                return false;
            }
        }
        cpu->Gpr[4] = stack.Pointer;
        return true;
    }

    /// <summary>POPA, POPAD: the SP image is skipped.</summary>
    public static bool Popa(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i);
        Span<ulong> values = stackalloc ulong[8];
        var stack = new GuestStack(cpu);
        for (int n = 7; n >= 0; n--)
        {
            if (!stack.Pop(size, out values[n]))
            {
                return false;
            }
        }
        for (int n = 0; n < 8; n++)
        {
            if (n != 4)
            {
                Operand.SetRegister(cpu, n * 8, size, values[n]);
            }
        }
        cpu->Gpr[4] = stack.Pointer;
        return true;
    }

    /// <summary>ENTER imm16, imm8: Imm is the frame size, Sub the nesting level.</summary>
    public static bool Enter(CpuState* cpu, Insn* i)
    {
        int size = Operand.Size(i), level = i->Sub & 31;
        ulong mask = cpu->StackMask;
        var stack = new GuestStack(cpu);
        if (!stack.Push(cpu->Gpr[5], size))
        {
            return false;
        }
        ulong frame = stack.Pointer, bp = cpu->Gpr[5];
        for (int n = 1; n < level; n++)
        {
            bp = (bp & ~mask) | ((bp - (ulong)size) & mask);
            if (!Operand.Load(cpu, i, Seg.SS, bp & mask, size, out ulong link) || !stack.Push(link, size))
            {
                return false;
            }
        }
        if (level > 0 && !stack.Push(frame, size))
        {
            return false;
        }
        ulong newSp = (stack.Pointer & ~mask) | ((stack.Pointer - (ulong)i->Imm) & mask);
        if (!SlowAccess.ProbeSegment(cpu, Seg.SS, newSp & mask, 1, write: true))
        {
            return false;
        }
        Operand.SetRegister(cpu, 5 * 8, size, frame);
        cpu->Gpr[4] = newSp;
        return true;
    }

    /// <summary>CMPXCHG8B.</summary>
    public static bool Cmpxchg8b(CpuState* cpu, Insn* i)
    {
        if (!i->IsMemory)
        {
            return Fault.UD(cpu);
        }
        if (!SlowAccess.BeginModify(cpu, i->Segment, Operand.Address(cpu, i), 8, out ulong old))
        {
            return false;
        }
        ulong expected = cpu->Gpr[2] << 32 | (uint)cpu->Gpr[0];
        bool equal = old == expected;
        SlowAccess.EndModify(cpu, 8, equal ? cpu->Gpr[1] << 32 | (uint)cpu->Gpr[3] : old);
        if (!equal)
        {
            cpu->Gpr[0] = (uint)old;
            cpu->Gpr[2] = old >> 32;
        }
        SegmentInsns.SetZero(cpu, equal);
        return true;
    }

    /// <summary>SYSENTER (SDM Vol. 2).</summary>
    public static bool Sysenter(CpuState* cpu, Insn* i)
    {
        Vcpu vcpu = Vcpu.From(cpu);
        int cs = (int)vcpu.Msrs.SysenterCs & 0xFFFC;
        if (!cpu->IsProtected || cs == 0)
        {
            return Fault.GP(cpu);
        }
        cpu->FlagsOther &= ~(ulong)(Eflags.VM | Eflags.IF | Eflags.RF);
        Segmentation.Set(cpu, Seg.CS, cs, Flat(code: true, dpl: 0));
        Segmentation.Set(cpu, Seg.SS, cs + 8, Flat(code: false, dpl: 0));
        Segmentation.SetCpl(cpu, 0);
        cpu->Gpr[4] = (uint)vcpu.Msrs.SysenterEsp;
        cpu->Rip = (uint)vcpu.Msrs.SysenterEip;
        HostCopies.NoteCall(cpu, ref cpu->Sysenter);
        return false;
    }

    /// <summary>SYSEXIT: EDX is the target, ECX the stack.</summary>
    public static bool Sysexit(CpuState* cpu, Insn* i)
    {
        int cs = (int)Vcpu.From(cpu).Msrs.SysenterCs & 0xFFFC;
        if (!cpu->IsProtected || cs == 0 || cpu->Cpl != 0)
        {
            return Fault.GP(cpu);
        }
        Segmentation.Set(cpu, Seg.CS, (cs + 16) | 3, Flat(code: true, dpl: 3));
        Segmentation.Set(cpu, Seg.SS, (cs + 24) | 3, Flat(code: false, dpl: 3));
        Segmentation.SetCpl(cpu, 3);
        cpu->Gpr[4] = (uint)cpu->Gpr[1];
        cpu->Rip = (uint)cpu->Gpr[2];
        HostCopies.NoteCall(cpu, ref cpu->Sysexit);
        return false;
    }

    // Present, accessed, 4 GiB, 32-bit.
    private static Descriptor Flat(bool code, int dpl) =>
        new(0x00CF_9100_0000_FFFF | (code ? 0xAul << 40 : 0x2ul << 40) | (ulong)dpl << 45);
}
