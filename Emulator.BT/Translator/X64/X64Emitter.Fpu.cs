using Emulator.BT.Fpu;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>What the x87 needs besides its own instructions.</summary>
internal sealed unsafe partial class X64Emitter
{
    private const int ExceptionMasks = 0x3F;

    // The last-instruction pointers, where somebody may see them before the next instruction sets them.
    private void EmitPointers(ref GuestInsn i)
    {
        if (ArePointersSeen(memoryOnly: false))
        {
            EmitRip(HostRegister.Scratch, block.Rip + i.Record->Offset);
            code.Store(HostRegister.State, HostOffsets.FpuInstruction, HostRegister.Scratch);
            code.RegMem(0x66C7, 0, HostRegister.State, HostOffsets.FpuOpcode);
            code.Byte((int)i.Record->Imm);
            code.Byte((int)i.Record->Imm >> 8);
            EmitSelector(Seg.CS, HostOffsets.FpuCode);
        }
        if (i.MemoryBytes != 0 && ArePointersSeen(memoryOnly: true))
        {
            code.Store(HostRegister.State, HostOffsets.FpuDataPointer, HostRegister.Linear);
            EmitSelector(i.Record->Segment, HostOffsets.FpuData);
        }
    }

    private void EmitSelector(int segment, int to)
    {
        code.RegMem(0x0FB7, HostRegister.Scratch, HostRegister.State, HostOffsets.Segment(segment, HostOffsets.Selector));
        code.RegMem(0x6689, HostRegister.Scratch, HostRegister.State, to);
    }

    // An x87 instruction sets them before it can fault itself.
    private bool ArePointersSeen(bool memoryOnly)
    {
        GuestInsn[] insns = blocks[blockIndex];
        for (int q = index + 1; q < insns.Length; q++)
        {
            if (insns[q].SetsPointers && (!memoryOnly || insns[q].MemoryBytes != 0))
            {
                return false;
            }
            if (insns[q].Observes)
            {
                return true;
            }
        }
        return true;
    }

    // FLDCW, as long as every exception stays masked. Reserved bits are the interpreter's, whatever the host makes of them.
    private void EmitLoadControl(ref GuestInsn i)
    {
        KeepFlags();
        EmitOperand(i.Record, 2, write: false);
        EmitAccess(store: false, HostRegister.Scratch, 2);
        LoseHostFlags();
        code.RegImm(4, HostRegister.Scratch, (int)FpuControl.Writable);
        code.RegImm(1, HostRegister.Scratch, (int)FpuControl.AlwaysOne);
        code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Scratch);
        code.RegImm(4, HostRegister.Scratch, ExceptionMasks);
        code.RegImm(7, HostRegister.Scratch, ExceptionMasks);
        code.JumpIf(NotZero, TrapLabel(resumes: true));
        code.RegMem(0xD9, 5, HostRegister.State, HostOffsets.PendingSlot);
    }
}
