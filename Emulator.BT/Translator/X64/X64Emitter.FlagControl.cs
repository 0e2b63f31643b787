using Emulator.BT.Decode;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Sensitive instructions on EFLAGS as a kernel in privilege 0 uses them (which includes real mode); what else there is, and what has consequences beyond the flags,
/// traps to the interpreter.
/// </summary>
internal sealed unsafe partial class X64Emitter
{
    private const uint InterruptFlag = Eflags.IF, Direction = Eflags.DF;

    private void EmitFlagControl(ref GuestInsn i)
    {
        switch (i.X.Mnemonic)
        {
            case Mnemonic.Cld:
            case Mnemonic.Std:
                KeepFlags();
                LoseHostFlags();
                EmitChangeFlag(Direction, set: i.X.Mnemonic == Mnemonic.Std);
                break;
            case Mnemonic.Cli:
                EmitNeedsPrivilege();
                EmitChangeFlag(InterruptFlag, set: false);
                break;
            case Mnemonic.Sti:
                // Nothing waits for it, so nothing has to be held off for an instruction either.
                EmitNeedsPrivilege();
                code.MemImm(7, HostRegister.State, HostOffsets.InterruptLine, 0);
                code.JumpIf(NotZero, TrapLabel(resumes: true));
                EmitChangeFlag(InterruptFlag, set: true);
                break;
            case Mnemonic.Pushf or Mnemonic.Pushfd:
                EmitPushFlags(ref i);
                break;
            default:
                EmitPopFlags(ref i);
                break;
        }
    }

    private void EmitNeedsPrivilege()
    {
        KeepFlags();
        LoseHostFlags();
        code.MemImm(7, HostRegister.State, HostOffsets.Cpl, 0);
        code.JumpIf(NotZero, TrapLabel(resumes: true));
    }

    private void EmitChangeFlag(uint flag, bool set) =>
        code.MemImm(set ? 1 : 4, HostRegister.State, HostOffsets.FlagsOther, (int)(set ? flag : ~flag));

    private void EmitPushFlags(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        SaveFlags();
        LoseHostFlags();
        int trapTo = TrapLabel(resumes: true);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FlagsOther);
        code.Int((int)Eflags.VM);
        code.JumpIf(NotZero, trapTo);
        code.CallTo(stubs.MakeEflags);
        code.Store(HostRegister.State, HostOffsets.Spill(0), HostRegister.Scratch);
        EmitStackOperand(-bytes, bytes, write: true, resumes: true);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.Spill(0));
        EmitAccess(store: true, HostRegister.Scratch, bytes);
        EmitMoveStack(-bytes);
    }

    private void EmitPopFlags(ref GuestInsn i)
    {
        int bytes = OperandBytes(i.Record);
        SaveFlags();
        LoseHostFlags();
        EmitStackOperand(0, bytes, write: false, resumes: true);
        EmitLoadTarget(bytes);
        code.CallTo(bytes == 2 ? stubs.TakeFlags : stubs.TakeEflags);
        code.JumpIf(NotZero, TrapLabel(resumes: true));
        EmitMoveStack(bytes);
        flags = new FlagPlaces { Image = true };
    }
}
