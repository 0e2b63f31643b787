using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Guest instructions that are no transfers.</summary>
internal sealed unsafe partial class X64Emitter
{
    // False when control does not go on behind it.
    private bool EmitInsn(ref GuestInsn i)
    {
        if (i.Kind is HostKind.PushAll or HostKind.PopAll && !IsBigStack)
        {
            // Each element wraps around at 64 KiB.
            i.Kind = HostKind.Trap;
        }
        if ((i.Fix != FlagFix.None && MustInterpret(ref i)) || (i.Unit == HostUnits.Fpu && i.MemoryBytes != 0 && !RegionKey.IsFlat(plan.Key, i.Record->Segment, write: false)))
        {
            // The second: the x87 keeps the operand's offset, and only a flat segment has it at hand.
            i.Kind = HostKind.Trap;
        }
        if (i.Kind == HostKind.LoadSegment && i.MemoryBytes > 2 && i.Record->AddressShift == 48 && RegionKey.IsFlat(plan.Key, i.Record->Segment, write: false))
        {
            // Wraps around at 64 KiB, and no limit says so.
            i.Kind = HostKind.Trap;
        }
        if (i.Kind == HostKind.FlagControl && plan.ExactBudget && i.X.Mnemonic is Mnemonic.Sti or Mnemonic.Popf or Mnemonic.Popfd)
        {
            // A slice may end right behind it.
            i.Kind = HostKind.Trap;
        }
        if (i.Kind == HostKind.Repeat && RepeatsInInterpreter(ref i))
        {
            i.Kind = HostKind.Trap;
        }
        if (flags.Fix != FlagFix.None && (flags.AgainRegisters & i.Writes) != 0)
        {
            // What is undefined among the flags can't be made good any more afterwards, even if the host still has them.
            KeepFlags();
        }
        switch (i.Kind)
        {
            case HostKind.Nop: return true;
            case HostKind.Trap: return EmitAlwaysTrap();
            case HostKind.Copy: EmitCopy(ref i); break;
            case HostKind.Lea: EmitLea(ref i); break;
            case HostKind.Push: EmitPush(ref i); break;
            case HostKind.Pop: EmitPop(ref i); break;
            case HostKind.PushAll: EmitPushAll(ref i); break;
            case HostKind.PopAll: EmitPopAll(ref i); break;
            case HostKind.PushSegment: EmitPushSegment(ref i); break;
            case HostKind.ReadSegment: EmitReadSegment(ref i); break;
            case HostKind.Leave: EmitLeave(ref i); break;
            case HostKind.Divide: EmitDivide(ref i); break;
            case HostKind.StringOnce: EmitStringOnce(ref i); break;
            case HostKind.PrivilegeChange: return EmitPrivilegeChange(ref i);
            case HostKind.LoadSegment: EmitLoadSegment(ref i); break;
            case HostKind.FlagControl: EmitFlagControl(ref i); break;
            case HostKind.Repeat: EmitRepeat(ref i); break;
            case HostKind.LoadControl: EmitLoadControl(ref i); break;
            default: return EmitTransfer(ref i);
        }
        EmitResumePoint();
        return true;
    }

    // Undefined flags that somebody may see, in a form that is too rare for code of its own.
    private bool MustInterpret(ref GuestInsn i) =>
        ((i.Fix == FlagFix.DoubleShift && i.MemoryBytes != 0) || (i.X.Op0Kind == OpKind.Register && GuestAnalysis.IsHighByte(i.X.Op0Register))) && SeesUndefined(ref i);

    private bool SeesUndefined(ref GuestInsn i) => heads.AreObserved(blockIndex, index + 1, out RflagsBits read) || (read & i.FlagsUndefined) != 0;

    private bool EmitAlwaysTrap()
    {
        SaveFlags();
        bool ends = index == block.Count - 1 && block.Flow != BlockFlow.Next;
        trap = NewTrap(byOperand: false);
        EmitTrap(trap);
        if (ends && (!EndsSoftly(in blocks[blockIndex][index].X) || IsOtherPage(block.NextRip)))
        {
            trap = -1;
            return false;
        }
        traps[trap].EndDelta = ends ? block.Delta : 0;
        int label = code.NewLabel();
        code.Bind(label);
        resumeLabels.Add((trap, label));
        EmitUnits(block.Rip + (ulong)block.Insns[index].NextOffset, block.Count - index - 1);
        trap = -1;
        flags = new FlagPlaces { Image = true };
        return true;
    }

    // Strings, ports and the clock: the block ends for the sake of time and interrupts, not because code may look different.
    private static bool EndsSoftly(in Instruction x) => x.IsStringInstruction || x.Mnemonic is Mnemonic.In or Mnemonic.Out or Mnemonic.Rdtsc;

    private void EmitCopy(ref GuestInsn i)
    {
        bool isMemory = i.MemoryBytes != 0, sees = i.Fix != FlagFix.None && SeesUndefined(ref i);
        Instruction host = ToHost(in i.X);
        bool stashed = isMemory ? StashesMemory(ref i, in host) : StashesRegister(ref i, sees);
        bool needed = i.SetsSome && (heads.AreObserved(blockIndex, index + 1, out RflagsBits read) || (i.CountInCl ? read : read & ~i.FlagsWritten) != 0);
        FixFor(ref i, needed);
        if (i.CountInCl && sees)
        {
            // A count of 0 leaves everything: the flags must be in the image for both ways.
            SaveFlags();
        }
        if (isMemory)
        {
            // A trap would come back without the stash.
            host = EmitCopyOperand(ref i, in host, resumes: !stashed);
        }
        int skip = -1;
        if (i.CountInCl && sees)
        {
            skip = code.NewLabel();
            code.RegReg(0xF6, 0, HostRegister.Rcx);
            code.Byte(31);
            code.JumpIf(Zero, skip);
            LoseHostFlags();
        }
        if (i.FlagsRead != 0 || needed || (i.CountInCl && sees))
        {
            NeedHostFlags();
        }
        bool isDouble = i.Fix == FlagFix.DoubleShift && sees;
        if (isDouble)
        {
            code.Move(HostRegister.Delta, HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX));
        }
        bool scansItself = i.Fix == FlagFix.Scan && sees && i.X.Op1Kind == OpKind.Register && i.X.Op0Register == i.X.Op1Register;
        if (scansItself)
        {
            // The source, which decides about SF and PF, is gone afterwards.
            code.Move(HostRegister.Scratch, HostRegister.Of(i.X.Op1Register.GetFullRegister32() - Register.EAX));
        }
        if (stashed && isMemory)
        {
            EmitWithStash(in host, i.MemoryBytes);
        }
        else
        {
            if (stashed)
            {
                code.Store(HostRegister.State, HostOffsets.FlagsStash, HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX));
            }
            EmitHost(in host, isMemory);
        }
        if (i.SetsPointers)
        {
            EmitPointers(ref i);
        }
        if (i.FlagsWritten == 0)
        {
            RegistersChange(i.Writes);
            return;
        }
        Register result = i.Fix == FlagFix.Multiply && i.X.OpCount == 1 ? LowHalf(ref i) : host.Op0Kind == OpKind.Register ? host.Op0Register : Register.None;
        if (i.Fix == FlagFix.Scan && sees)
        {
            if (scansItself)
            {
                Encode(Test(i.X.Op1Register.GetSize() == 2 ? Register.R10W : Register.R10D));
            }
            else
            {
                EmitTestOfSource(in host);
            }
            flags = new FlagPlaces { Host = true };
        }
        else if (i.Fix != FlagFix.None && sees && !stashed && !IsRotatedAgain(ref i))
        {
            FixIntoImage(i.Fix, result, isMemory && result == Register.None ? i.MemoryBytes : result.GetSize());
        }
        else
        {
            FlagsSet(ref i, in host, stashed);
        }
        if (skip >= 0)
        {
            code.Bind(skip);
        }
    }

    // True where a copy of the register before it is shifted is all it takes to make the flags again for whoever sees them.
    private static bool StashesRegister(ref GuestInsn i, bool sees) =>
        sees && !i.CountInCl && (i.Fix is FlagFix.ShiftLeft or FlagFix.ShiftRight or FlagFix.ShiftArithmetic || IsProductAlone(in i.X));

    // IMUL whose one result is a 32-bit register; with three operands it must not be one of them.
    private static bool IsProductAlone(in Instruction x) => x.Mnemonic == Mnemonic.Imul && x.Op0Kind == OpKind.Register && x.Op0Register.IsGPR32()
        && x.Op0Register != Register.ESP && x.OpCount > 1 && (x.OpCount == 2 || x.Op1Register != x.Op0Register);

    // The same for a memory operand that is only read.
    private bool StashesMemory(ref GuestInsn i, in Instruction host)
    {
        bool register = host.Op0Kind == OpKind.Register;
        // In the window the flags last until the end of the block.
        bool lasts = plan.UsesWindow && (index + 2 != block.Count || blocks[blockIndex][index + 1].Kind != HostKind.Jcc);
        return !lasts && !NamesHighByte(in host) && (i.X.Mnemonic is Mnemonic.Cmp or Mnemonic.Test || (i.X.Mnemonic is Mnemonic.Add or Mnemonic.Sub && register))
            && heads.AreObserved(blockIndex, index + 1, out _);
    }

    private void EmitWithStash(in Instruction host, int bytes)
    {
        Register scratch = bytes switch { 1 => Register.R10L, 2 => Register.R10W, _ => Register.R10D };
        if (isInWindow)
        {
            EmitSite(windowResumes);
            var operand = new MemoryOperand(host.MemoryBase, host.MemoryIndex, host.MemoryIndexScale, (long)host.MemoryDisplacement64, host.MemoryDisplSize, isBroadcast: false, Register.GS);
            Encode(Instruction.Create(bytes switch { 1 => Code.Movzx_r32_rm8, 2 => Code.Movzx_r32_rm16, _ => Code.Mov_r32_rm32 }, Register.R10D, operand));
        }
        else
        {
            code.RegIndexed(bytes switch { 1 => 0x0FB6, 2 => 0x0FB7, _ => 0x8B }, HostRegister.Scratch, HostRegister.Delta, HostRegister.Linear, 0, 0);
        }
        code.Store(HostRegister.State, HostOffsets.FlagsStash, HostRegister.Scratch);
        Instruction x = host;
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) == OpKind.Memory)
            {
                x.SetOpKind(n, OpKind.Register);
                x.SetOpRegister(n, scratch);
            }
        }
        Encode(in x);
    }

    // A rotate of a register whose flags can be made again from those before it.
    private bool IsRotatedAgain(ref GuestInsn i) => i.X.Mnemonic is Mnemonic.Rol or Mnemonic.Ror && i.MemoryBytes == 0 && !i.CountInCl
        && (flags.Again != null || flags.Image) && flags.Fix == FlagFix.None && (flags.AgainRegisters & i.Writes) == 0
        && AgainSuffices(index + 1, flags.AgainRegisters | i.Writes);

    // Makes the operand ready, and the host's instruction name it.
    private Instruction EmitCopyOperand(ref GuestInsn i, in Instruction host, bool resumes)
    {
        bool asItIs = IsPlainlyInWindow(i.Record->Segment, i.WritesMemory) && i.Record->AddressShift != 48;
        bool changesPlaces = NamesHighByte(in host) && (!asItIs || i.X.MemoryBase is Register.None or Register.ESP || i.Fix != FlagFix.None);
        if (changesPlaces || (i.CountInCl && i.WritesMemory))
        {
            // Registers change places around the instruction: it must not fault. With a count of 0 it may be left out, but the operand is looked at.
            KeepFlags();
            EmitAddress(i.Record, HostRegister.Linear);
            EmitCheckOfAll(i.Record->Segment, i.MemoryBytes, i.WritesMemory, resumes);
            return host;
        }
        if (asItIs)
        {
            (isInWindow, windowResumes, windowBase, windowDisplacement) = (true, resumes, HostRegister.Linear, 0);
            if ((i.X.MemoryBase == Register.None && i.X.MemoryIndex == Register.None) || i.SetsPointers || i.Fix != FlagFix.None)
            {
                // Somebody needs the address afterwards, or the host has no such form.
                EmitAddress(i.Record, HostRegister.Linear);
                return InWindow(in host, Register.R8D);
            }
            return AsItIs(in host, in i.X);
        }
        EmitOperand(i.Record, i.MemoryBytes, i.WritesMemory, resumes, i.IsAligned);
        return isInWindow ? InWindow(in host, Register.R8D) : host;
    }

    private static bool NamesHighByte(in Instruction x) =>
        (x.Op0Kind == OpKind.Register && GuestAnalysis.IsHighByte(x.Op0Register)) || (x.Op1Kind == OpKind.Register && GuestAnalysis.IsHighByte(x.Op1Register));

    private static Instruction InWindow(in Instruction host, Register address)
    {
        Instruction x = host;
        x.SegmentPrefix = Register.GS;
        x.MemoryBase = address;
        x.MemoryIndex = Register.None;
        x.MemoryIndexScale = 1;
        return x;
    }

    // The guest's own address, cut to 32 bits as there.
    private static Instruction AsItIs(in Instruction host, in Instruction guest)
    {
        Instruction x = host;
        x.SegmentPrefix = Register.GS;
        x.MemoryBase = guest.MemoryBase == Register.ESP ? Register.R15D : guest.MemoryBase;
        x.MemoryIndex = guest.MemoryIndex;
        x.MemoryIndexScale = guest.MemoryIndexScale;
        x.MemoryDisplacement64 = guest.MemoryDisplacement64;
        x.MemoryDisplSize = guest.MemoryDisplSize;
        return x;
    }

    private static Register LowHalf(ref GuestInsn i) => (i.MemoryBytes != 0 ? i.MemoryBytes : i.X.Op0Register.GetSize()) switch
    {
        1 => Register.AL,
        2 => Register.AX,
        _ => Register.EAX,
    };

    private void EmitTestOfSource(in Instruction host)
    {
        if (host.Op1Kind == OpKind.Register)
        {
            Encode(Test(host.Op1Register));
            return;
        }
        int bytes = host.MemorySize.GetSize();
        EmitAccess(store: false, HostRegister.Scratch, bytes);
        Encode(Test(bytes == 2 ? Register.R10W : Register.R10D));
    }

    // The guest's instruction, in host terms. High bytes can't be named next to R8 and R9: they change places with the low ones meanwhile.
    private void EmitHost(in Instruction host, bool isMemory)
    {
        if (isMemory)
        {
            for (int n = 0; n < host.OpCount; n++)
            {
                if (host.GetOpKind(n) == OpKind.Register && GuestAnalysis.IsHighByte(host.GetOpRegister(n)))
                {
                    Register high = host.GetOpRegister(n);
                    Instruction swap = Instruction.Create(Code.Xchg_rm8_r8, Low(high), high), with = host;
                    with.SetOpRegister(n, Low(high));
                    if (isInWindow)
                    {
                        break;
                    }
                    Encode(in swap);
                    Encode(in with);
                    Encode(in swap);
                    return;
                }
            }
            if (isInWindow)
            {
                EmitSite(windowResumes);
            }
        }
        Encode(in host);
    }

    private static Register Low(Register high) => high - 4;

    private static Instruction ToHost(in Instruction x)
    {
        Instruction host = x;
        host.Code = x.Code switch
        {
            Code.Inc_r16 => Code.Inc_rm16,
            Code.Inc_r32 => Code.Inc_rm32,
            Code.Dec_r16 => Code.Dec_rm16,
            Code.Dec_r32 => Code.Dec_rm32,
            Code.Mov_AL_moffs8 => Code.Mov_r8_rm8,
            Code.Mov_AX_moffs16 => Code.Mov_r16_rm16,
            Code.Mov_EAX_moffs32 => Code.Mov_r32_rm32,
            Code.Mov_moffs8_AL => Code.Mov_rm8_r8,
            Code.Mov_moffs16_AX => Code.Mov_rm16_r16,
            Code.Mov_moffs32_EAX => Code.Mov_rm32_r32,
            Code.Add_rm8_imm8_82 => Code.Add_rm8_imm8,
            Code.Or_rm8_imm8_82 => Code.Or_rm8_imm8,
            Code.Adc_rm8_imm8_82 => Code.Adc_rm8_imm8,
            Code.Sbb_rm8_imm8_82 => Code.Sbb_rm8_imm8,
            Code.And_rm8_imm8_82 => Code.And_rm8_imm8,
            Code.Sub_rm8_imm8_82 => Code.Sub_rm8_imm8,
            Code.Xor_rm8_imm8_82 => Code.Xor_rm8_imm8,
            Code.Cmp_rm8_imm8_82 => Code.Cmp_rm8_imm8,
            _ => x.Code,
        };
        host.HasLockPrefix = false;
        host.HasRepPrefix = host.HasRepnePrefix = false;
        for (int n = 0; n < host.OpCount; n++)
        {
            if (host.GetOpKind(n) == OpKind.Register)
            {
                Register r = host.GetOpRegister(n);
                host.SetOpRegister(n, r == Register.ESP ? Register.R15D : r == Register.SP ? Register.R15W : r);
            }
            else if (host.GetOpKind(n) == OpKind.Memory)
            {
                host.SegmentPrefix = Register.None;
                host.MemoryBase = Register.R9;
                host.MemoryIndex = Register.R8;
                host.MemoryIndexScale = 1;
                host.MemoryDisplacement64 = 0;
                host.MemoryDisplSize = 0;
            }
        }
        return host;
    }

    private void Encode(in Instruction x)
    {
        if (!encoder.TryEncode(in x, (ulong)code.Position, out _, out string? error))
        {
            throw new InvalidOperationException($"{x.Code}: {error}");
        }
    }

    private void EmitLea(ref GuestInsn i)
    {
        int to = HostRegister.Of(i.Record->Dst >> 3), size = i.X.Op0Register.GetSize();
        if (size == 4)
        {
            EmitAddress(i.Record, to);
        }
        else
        {
            EmitAddress(i.Record, HostRegister.Scratch);
            code.RegReg(0x6689, HostRegister.Scratch, to);
        }
        RegistersChange(i.Writes);
    }

    // MOV r, Sreg.
    private void EmitReadSegment(ref GuestInsn i)
    {
        int to = HostRegister.Of(i.X.Op0Register.GetFullRegister32() - Register.EAX), from = HostOffsets.Segment(i.Record->Src, HostOffsets.Selector);
        if (OperandBytes(i.Record) == 4)
        {
            code.RegMem(0x0FB7, to, HostRegister.State, from);
        }
        else
        {
            code.RegMem(0x668B, to, HostRegister.State, from);
        }
        RegistersChange(i.Writes);
    }

    // DIV and IDIV of 32 bits, where the quotient is sure to fit; else the interpreter decides. Flags stay, as the semantics have it.
    private void EmitDivide(ref GuestInsn i)
    {
        const int divisor = HostRegister.Scratch;
        if (heads.AreNeeded(blockIndex, index + 1))
        {
            // DIV destroys the registers that flags could be made from again.
            SaveFlags();
        }
        if (i.MemoryBytes != 0)
        {
            KeepFlags();
            EmitOperand(i.Record, 4, write: false);
            EmitAccess(store: false, divisor, 4);
        }
        else
        {
            KeepFlags();
            code.Move(divisor, HostRegister.Of(i.X.Op0Register - Register.EAX));
        }
        LoseHostFlags();
        int trapTo = TrapLabel(resumes: true);
        if (i.X.Mnemonic == Mnemonic.Div)
        {
            code.RegReg(0x39, divisor, HostRegister.Rdx);
            code.JumpIf(3, trapTo);
        }
        else
        {
            // EDX is EAX's sign, and the divisor neither 0 nor -1.
            code.Move(HostRegister.Linear, HostRegister.Rax);
            code.RegReg(0xC1, 7, HostRegister.Linear);
            code.Byte(31);
            code.RegReg(0x39, HostRegister.Linear, HostRegister.Rdx);
            code.JumpIf(NotZero, trapTo);
            code.Lea(HostRegister.Linear, divisor, 1);
            code.RegImm(7, HostRegister.Linear, 1);
            code.JumpIf(BelowOrEqual, trapTo);
        }
        code.RegReg(0xF7, i.X.Mnemonic == Mnemonic.Div ? 6 : 7, divisor);
        RegistersChange(i.Writes);
    }
}
