using Emulator.BT.Decode;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>PUSH, POP, PUSHA, POPA, LEAVE, and how others reach the stack.</summary>
internal sealed unsafe partial class X64Emitter
{
    // The stack pointer plus a distance, cut to the stack's size.
    private void EmitStackAddress(int distance)
    {
        if (distance != 0)
        {
            code.Lea(HostRegister.Linear, HostRegister.GuestSp, distance);
        }
        else
        {
            code.Move(HostRegister.Linear, HostRegister.GuestSp);
        }
        if (!IsBigStack)
        {
            code.RegReg(0x0FB7, HostRegister.Linear, HostRegister.Linear);
        }
    }

    // Ready for an access at the stack pointer plus a distance.
    private void EmitStackOperand(int distance, int bytes, bool write, bool resumes)
    {
        if (IsPlainlyInWindow(Seg.SS, write) && IsBigStack)
        {
            (isInWindow, windowResumes, windowBase, windowDisplacement) = (true, resumes, HostRegister.GuestSp, distance);
            return;
        }
        KeepFlagsForCheck(Seg.SS, write);
        EmitStackAddress(distance);
        EmitCheck(Seg.SS, bytes, write, resumes);
    }

    private bool IsBigStack => RegionKey.StackMask(plan.Key) != 0xFFFF;

    // ESP or SP += distance; flags stay.
    private void EmitMoveStack(int distance)
    {
        if (IsBigStack)
        {
            code.Lea(HostRegister.GuestSp, HostRegister.GuestSp, distance);
        }
        else
        {
            code.Lea(HostRegister.Linear, HostRegister.GuestSp, distance);
            code.RegReg(0x6689, HostRegister.Linear, HostRegister.GuestSp);
        }
        RegistersChange(1 << 4);
    }

    private static int OperandBytes(Insn* i) => (i->Extra & InsnFlags.Operand32) != 0 ? 4 : 2;

    private void EmitPush(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record), from = HostRegister.Scratch;
        if (i.MemoryBytes != 0)
        {
            EmitOperand(i.Record, bytes, write: false);
            EmitAccess(store: false, HostRegister.Linear, bytes);
            // The alignment check needs Scratch: the value waits in the state, where only a trap could be disturbed, and is not.
            code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Linear);
        }
        EmitStackOperand(-bytes, bytes, write: true, resumes: true);
        if (i.MemoryBytes != 0)
        {
            code.Load(from, HostRegister.State, HostOffsets.PendingSlot);
        }
        else if (i.X.Op0Kind == OpKind.Register)
        {
            from = HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX);
        }
        else
        {
            code.MoveImmediate(from, (uint)i.Record->Imm);
        }
        EmitAccess(store: true, from, bytes);
        EmitMoveStack(-bytes);
    }

    private void EmitPop(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record), to = HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX);
        EmitStackOperand(0, bytes, write: false, resumes: true);
        if (to == HostRegister.GuestSp)
        {
            EmitAccess(store: false, HostRegister.Scratch, bytes);
            EmitMoveStack(bytes);
            code.RegReg(bytes == 2 ? 0x6689 : 0x89, HostRegister.Scratch, to);
        }
        else
        {
            EmitAccess(store: false, to, bytes);
            EmitMoveStack(bytes);
        }
        RegistersChange(i.Writes);
    }

    private void EmitPushAll(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        KeepFlags();
        EmitStackAddress(-8 * bytes);
        EmitCheckOfAll(Seg.SS, 8 * bytes, write: true, resumes: true);
        for (int n = 0; n < 8; n++)
        {
            code.RegIndexed(bytes == 2 ? 0x6689 : 0x89, HostRegister.Of(n), HostRegister.Delta, HostRegister.Linear, 0, (7 - n) * bytes);
        }
        EmitMoveStack(-8 * bytes);
    }

    private void EmitPopAll(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        KeepFlags();
        EmitStackAddress(0);
        EmitCheckOfAll(Seg.SS, 8 * bytes, write: false, resumes: true);
        for (int n = 0; n < 8; n++)
        {
            if (n != 4)
            {
                code.RegIndexed(bytes == 2 ? 0x668B : 0x8B, HostRegister.Of(n), HostRegister.Delta, HostRegister.Linear, 0, (7 - n) * bytes);
            }
        }
        EmitMoveStack(8 * bytes);
        RegistersChange(i.Writes);
    }

    // With 32-bit operand size P6 writes 16 bits and moves ESP by four.
    private void EmitPushSegment(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        EmitStackOperand(-bytes, 2, write: true, resumes: true);
        code.RegMem(0x0FB7, HostRegister.Scratch, HostRegister.State, HostOffsets.Segment(i.Record->Dst, HostOffsets.Selector));
        EmitAccess(store: true, HostRegister.Scratch, 2);
        EmitMoveStack(-bytes);
    }

    private void EmitLeave(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        KeepFlagsForCheck(Seg.SS, write: false);
        code.Move(HostRegister.Linear, HostRegister.Rbp);
        if (!IsBigStack)
        {
            code.RegReg(0x0FB7, HostRegister.Linear, HostRegister.Linear);
        }
        EmitCheck(Seg.SS, bytes, write: false, resumes: true);
        EmitAccess(store: false, HostRegister.Scratch, bytes);
        code.Lea(HostRegister.Linear, HostRegister.Rbp, bytes);
        code.RegReg(IsBigStack ? 0x89 : 0x6689, HostRegister.Linear, HostRegister.GuestSp);
        code.RegReg(bytes == 2 ? 0x6689 : 0x89, HostRegister.Scratch, HostRegister.Rbp);
        RegistersChange(i.Writes);
    }
}
