using Emulator.BT.Decode;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Segment loads and changes of privilege: by copying where the stubs can, else by the interpreter.</summary>
internal sealed unsafe partial class X64Emitter
{
    // MOV, POP, LES, LDS, LFS, LGS into ES, DS, FS or GS.
    private void EmitLoadSegment(ref GuestInsn i)
    {
        Insn* record = i.Record;
        const int selector = HostRegister.Scratch;
        bool isPop = i.X.Mnemonic == Mnemonic.Pop, isPointer = i.X.Mnemonic is not (Mnemonic.Pop or Mnemonic.Mov);
        int bytes = OperandBytes(record);
        SaveFlags();
        LoseHostFlags();
        if (isPop)
        {
            EmitStackOperand(0, 2, write: false, resumes: true);
            EmitOnOperand(0x0FB7, selector);
        }
        else if (isPointer)
        {
            EmitFarPointer(record, bytes);
        }
        else if (i.MemoryBytes != 0)
        {
            EmitOperand(record, 2, write: false);
            EmitOnOperand(0x0FB7, selector);
        }
        else
        {
            code.RegReg(0x0FB7, selector, HostRegister.Of(record->Src >> 3));
        }
        code.CallTo(stubs.LoadSegment(isPointer ? record->Sub : record->Dst));
        code.JumpIf(NotZero, TrapLabel(resumes: true));
        if (isPop)
        {
            EmitMoveStack(bytes);
        }
        else if (isPointer)
        {
            code.RegMem(bytes == 2 ? 0x668B : 0x8B, HostRegister.Of(record->Dst >> 3), HostRegister.State, HostOffsets.Spill(0));
        }
        RegistersChange(i.Writes);
    }

    // Selector in Scratch, offset aside.
    private void EmitFarPointer(Insn* record, int bytes)
    {
        if (bytes == 2)
        {
            EmitOperand(record, 4, write: false);
            EmitAccess(store: false, HostRegister.Scratch, 4);
            code.Store(HostRegister.State, HostOffsets.Spill(0), HostRegister.Scratch);
            code.ShiftRight(HostRegister.Scratch, 16);
            return;
        }
        EmitAddress(record, HostRegister.Linear);
        EmitCheckOfAll(record->Segment, 6, write: false, resumes: true);
        code.RegIndexed(0x8B, HostRegister.Scratch, HostRegister.Delta, HostRegister.Linear, 0, 0);
        code.Store(HostRegister.State, HostOffsets.Spill(0), HostRegister.Scratch);
        code.RegIndexed(0x0FB7, HostRegister.Scratch, HostRegister.Delta, HostRegister.Linear, 0, 4);
    }

    // SYSENTER, SYSEXIT, INT n, IRETD.
    private bool EmitPrivilegeChange(ref GuestInsn i)
    {
        SaveFlags();
        bool isReturn = i.X.Mnemonic == Mnemonic.Iretd;
        if (i.X.Mnemonic == Mnemonic.Int)
        {
            EmitRip(HostRegister.Delta, block.Rip + (ulong)i.Record->NextOffset);
            code.Store(HostRegister.State, HostOffsets.Rip, HostRegister.Delta, wide: true);
            code.MoveImmediate(HostRegister.Delta, (uint)i.Record->Imm & 0xFF);
        }
        code.MovePointer(HostRegister.Linear, (nint)(traps + NewTrap(byOperand: false)));
        bool byInterpreter = plan.ExactBudget || (isReturn && !(isFlatCode && IsBigStack && RegionKey.IsFlat(plan.Key, Seg.SS, write: false)));
        code.JumpTo(byInterpreter ? stubs.Trap : i.X.Mnemonic switch
        {
            Mnemonic.Sysenter => stubs.Sysenter,
            Mnemonic.Sysexit => stubs.Sysexit,
            Mnemonic.Int => stubs.Interrupt,
            _ => stubs.InterruptReturn,
        });
        return false;
    }
}
