using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Memory operands. In words:
/// <code>
/// linear = the address (with segment limit and base where the segment is not flat)
/// delta  = shadow table of this kind of access [linear >> 12]
/// no delta, or not aligned and across the page's end: trap
/// the operand is at delta + linear
/// </code>
/// Where the region uses the window, the host's MMU does the looking, and the operand is at GS:linear.
/// </summary>
internal sealed unsafe partial class X64Emitter
{
    private const int Zero = 4, NotZero = 5, BelowOrEqual = 6, Less = 12, LessOrEqual = 14, Greater = 15, Above = 7;

    // The record of the present instruction, made when it is first asked for.
    private int trap = -1;
    private int trapLabel;
    private bool trapFindsHostFlags;

    // Where the operand is, after EmitCheck: in the window at a register plus a displacement, or at Delta + Linear.
    private bool isInWindow, windowResumes;
    private int windowBase = HostRegister.Linear, windowDisplacement;

    // Accesses through the window, and where each goes on when it faults and cannot be helped.
    private readonly List<(int Access, int Trap)> windowSites = [];

    // Label of the trap of the present instruction, when it can only be done by the interpreter. The flags are where they are now.
    private int TrapLabel(bool resumes)
    {
        if (trap >= 0 && trapFindsHostFlags == flags.Host)
        {
            return trapLabel;
        }
        if (trap >= 0)
        {
            // Another part of the same instruction, with the flags elsewhere.
            return TrapLabelFrom(trap);
        }
        trap = NewTrap(byOperand: true);
        trapFindsHostFlags = flags.Host;
        resumeAfter = resumes ? code.NewLabel() : -1;
        trapLabel = TrapLabelFrom(trap);
        return trapLabel;
    }

    private int TrapLabelFrom(int number)
    {
        int label = code.NewLabel();
        Later(() =>
        {
            code.Bind(label);
            SaveFlags();
            EmitTrap(number);
        });
        return label;
    }

    private int resumeAfter = -1;

    private int NewTrap(bool byOperand)
    {
        traps[trapCount] = new TrapRecord
        {
            Insn = block.Insns[index],
            BlockRip = block.Rip,
            Dead = plan.DeadCell,
            Remaining = block.Count - index - 1,
            Key = plan.Key,
            Counter = TrapCounters.Of(blocks[blockIndex][index].X.Mnemonic, byOperand),
        };
        return trapCount++;
    }

    private void EmitTrap(int number)
    {
        code.MovePointer(HostRegister.Linear, (nint)(traps + number));
        code.JumpTo(stubs.Trap);
    }

    // After the present instruction, if it has a trap: where the dispatcher comes back to, with the flags in the image.
    private void EmitResumePoint()
    {
        if (trap < 0)
        {
            return;
        }
        int number = trap, after = resumeAfter;
        trap = -1;
        resumeAfter = -1;
        if (after < 0)
        {
            return;
        }
        code.Bind(after);
        FlagPlaces now = flags;
        Later(() =>
        {
            int label = code.NewLabel();
            code.Bind(label);
            resumeLabels.Add((number, label));
            EmitUnits(block.Rip + (ulong)block.Insns[index].NextOffset, block.Count - index - 1);
            if (now.Host)
            {
                EmitReload();
            }
            code.Jump(after);
        });
    }

    // Linear and Delta of the memory operand of an instruction.
    private void EmitOperand(Insn* i, int bytes, bool write, bool resumes = true, bool aligned = false)
    {
        KeepFlagsForCheck(i->Segment, write);
        EmitAddress(i, HostRegister.Linear);
        EmitCheck(i->Segment, bytes, write, resumes, aligned);
    }

    // True when an operand in the segment needs no look at anything before it is touched: the host's MMU looks.
    private bool IsPlainlyInWindow(int segment, bool write) => plan.UsesWindow && RegionKey.IsFlat(plan.Key, segment, write);

    // Before EmitCheck: that may destroy the host's flags.
    private void KeepFlagsForCheck(int segment, bool write)
    {
        if (!IsPlainlyInWindow(segment, write))
        {
            KeepFlags();
        }
    }

    // Here comes an access through the window.
    private void EmitSite(bool resumes)
    {
        int to = TrapLabel(resumes), access = code.NewLabel();
        code.Bind(access);
        windowSites.Add((access, to));
    }

    // Offset part of the address, cut to the address size.
    private void EmitAddress(Insn* i, int to)
    {
        int baseRegister = i->Base == CpuState.ZeroOffset ? -1 : HostRegister.Of(i->Base >> 3);
        int indexRegister = i->Index == CpuState.ZeroOffset ? -1 : HostRegister.Of(i->Index >> 3);
        if (baseRegister < 0 && indexRegister < 0)
        {
            code.MoveImmediate(to, i->AddressShift == 48 ? (ushort)i->Disp : (uint)i->Disp);
            return;
        }
        if (indexRegister < 0 && i->Disp == 0)
        {
            code.Move(to, baseRegister);
        }
        else if (indexRegister < 0)
        {
            code.Lea(to, baseRegister, i->Disp);
        }
        else
        {
            code.RegIndexed(0x8D, to, baseRegister, indexRegister, i->Scale, i->Disp);
        }
        if (i->AddressShift == 48)
        {
            code.RegReg(0x0FB7, to, to);
        }
    }

    // Linear holds the offset in the segment: makes it linear, and Delta unless the operand is in the window.
    private void EmitCheck(int segment, int bytes, bool write, bool resumes, bool aligned = false)
    {
        (isInWindow, windowResumes, windowBase, windowDisplacement) = (plan.UsesWindow, resumes, HostRegister.Linear, 0);
        if (!IsPlainlyInWindow(segment, write))
        {
            LoseHostFlags();
            EmitLimit(segment, bytes, write, TrapLabel(resumes));
        }
        if (!plan.UsesWindow)
        {
            EmitLook(bytes, write, TrapLabel(resumes), aligned);
        }
    }

    // The same where the operand is touched more than once, and no touch may be left undone: always at Delta + Linear.
    private void EmitCheckOfAll(int segment, int bytes, bool write, bool resumes)
    {
        LoseHostFlags();
        int trapTo = TrapLabel(resumes);
        isInWindow = false;
        EmitLimit(segment, bytes, write, trapTo);
        EmitLook(bytes, write, trapTo, aligned: false);
    }

    private void EmitLimit(int segment, int bytes, bool write, int trapTo)
    {
        if (!RegionKey.IsFlat(plan.Key, segment, write))
        {
            code.Lea(HostRegister.Delta, HostRegister.Linear, bytes - 1, wide: true);
            int limit = write ? StateOffsets.SegmentWriteLimit : StateOffsets.SegmentReadLimit;
            code.RegMem(0x3B, HostRegister.Delta, HostRegister.State, HostOffsets.Segment(segment, limit), wide: true);
            code.JumpIf(Greater, trapTo);
            code.RegMem(0x03, HostRegister.Linear, HostRegister.State, HostOffsets.Segment(segment, StateOffsets.SegmentBase));
        }
    }

    // Delta = what the shadow table has for the page of Linear.
    private void EmitDelta(bool write, int trapTo)
    {
        code.Move(HostRegister.Delta, HostRegister.Linear);
        code.ShiftRight(HostRegister.Delta, 12);
        code.RegIndexed(0x8B, HostRegister.Delta, write ? HostRegister.WriteTable : HostRegister.ReadTable, HostRegister.Delta, 3, 0, wide: true);
        code.RegReg(0x85, HostRegister.Delta, HostRegister.Delta, wide: true);
        code.JumpIf(Zero, trapTo);
    }

    // The same for a write; in a page with code, where the operand is none, as well.
    private void EmitWriteDelta(int bytes, int trapTo)
    {
        int traced = code.NewLabel(), known = code.NewLabel();
        EmitDelta(write: true, traced);
        code.Bind(known);
        Later(() =>
        {
            code.Bind(traced);
            code.MoveImmediate(HostRegister.Scratch, (uint)bytes - 1);
            code.CallTo(stubs.WriteTraced);
            code.JumpIf(Zero, known);
            code.Jump(trapTo);
        });
    }

    private void EmitLook(int bytes, bool write, int trapTo, bool aligned)
    {
        if (write)
        {
            EmitWriteDelta(bytes, trapTo);
        }
        else
        {
            EmitDelta(write, trapTo);
        }
        if (aligned)
        {
            code.RegReg(0xF6, 0, HostRegister.Linear, bytes: true);
            code.Byte(bytes - 1);
            code.JumpIf(NotZero, trapTo);
        }
        else if (bytes > 1)
        {
            EmitAlignment(bytes, trapTo);
        }
    }

    // Not aligned: only the page's end matters.
    private void EmitAlignment(int bytes, int trapTo)
    {
        int odd = code.NewLabel(), fine = code.NewLabel();
        int mask = (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)bytes) - 1;
        code.RegReg(0xF6, 0, HostRegister.Linear, bytes: true);
        code.Byte(mask);
        code.JumpIf(NotZero, odd);
        code.Bind(fine);
        Later(() =>
        {
            code.Bind(odd);
            code.Move(HostRegister.Scratch, HostRegister.Linear);
            code.RegImm(4, HostRegister.Scratch, 0xFFF);
            code.RegImm(7, HostRegister.Scratch, 0x1000 - bytes);
            code.JumpIf(BelowOrEqual, fine);
            code.Jump(trapTo);
        });
    }

    // MOV between a register and the operand, in either direction: opcode for 8, 16 or 32 bits.
    private void EmitAccess(bool store, int register, int bytes)
    {
        int opcode = (store ? 0x88 : 0x8A) + (bytes == 1 ? 0 : 1);
        EmitOnOperand(bytes == 2 ? 0x6600 | opcode : opcode, register);
    }

    // An opcode with a register and the operand.
    private void EmitOnOperand(int opcode, int register)
    {
        if (isInWindow)
        {
            EmitSite(windowResumes);
            code.RegWindow(opcode, register, windowBase, windowDisplacement);
        }
        else
        {
            code.RegIndexed(opcode, register, HostRegister.Delta, HostRegister.Linear, 0, 0);
        }
    }
}
