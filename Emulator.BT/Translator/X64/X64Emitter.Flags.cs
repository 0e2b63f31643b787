using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// The guest's flags. After an instruction they are in the host's flags; the check before a memory operand destroys those, so that flags that
/// somebody may still see go to the state's image first (LAHF's byte and OF), or are left to be made again from registers
/// that still hold the operands: <c>CMP</c> once more, <c>ADD</c> undone and done again.
/// </summary>
internal sealed unsafe partial class X64Emitter
{
    private const int LahfAf = 0x10;

    private FlagPlaces flags;

    /// <summary>Where the flags are at a point; nowhere when nobody can see them any more.</summary>
    private struct FlagPlaces
    {
        /// <summary>In the host's flags (undefined ones as the host has them where <see cref="Fix"/> says so); in the image.</summary>
        public bool Host, Image;

        /// <summary>Host instructions that make them again; null: there are none.</summary>
        public Instruction[]? Again;

        /// <summary>These start from the flags in the image.</summary>
        public bool AgainFromImage;

        /// <summary>Guest registers that these need unchanged.</summary>
        public int AgainRegisters;

        /// <summary>What is still undefined then, with the result in a register.</summary>
        public FlagFix Fix;

        /// <summary>Where <see cref="Again"/> leaves the result.</summary>
        public Register FixResult;
    }

    // Before something that destroys the host's flags while the guest can still see its own.
    private void KeepFlags()
    {
        if (flags.Image || (!flags.Host && flags.Again == null))
        {
            return;
        }
        if (flags.Again == null || !AgainSuffices(index, flags.AgainRegisters))
        {
            SaveFlags();
        }
    }

    // Before an instruction that reads flags or leaves some of them: undefined ones among those are made good first.
    private void FixFor(ref GuestInsn i, bool leaves)
    {
        // Hosts differ in them: after IMUL an AMD processor leaves ZF as it was.
        RflagsBits undefined = flags.Fix switch
        {
            FlagFix.None => 0,
            FlagFix.Multiply => RflagsBits.SF | RflagsBits.ZF | RflagsBits.AF | RflagsBits.PF,
            FlagFix.Scan => GuestInsn.Arithmetic & ~RflagsBits.ZF,
            _ => RflagsBits.OF | RflagsBits.AF,
        };
        if (flags.Fix != FlagFix.None && (leaves || (i.FlagsRead & undefined) != 0))
        {
            SaveFlags();
        }
    }

    // The host's flags are destroyed now.
    private void LoseHostFlags() => flags.Host = false;

    // Into the image, from wherever they are.
    private void SaveFlags()
    {
        if (flags.Image || (!flags.Host && flags.Again == null))
        {
            return;
        }
        if (flags.Fix != FlagFix.None)
        {
            flags.Host = false;
            NeedHostFlags();
            FixIntoImage(flags.Fix, flags.FixResult, flags.FixResult.GetSize());
            return;
        }
        NeedHostFlags();
        EmitFlagsToImage();
        flags = new FlagPlaces { Image = true, Host = true };
    }

    // Into the host's flags, from wherever they are.
    private void NeedHostFlags()
    {
        if (flags.Host)
        {
            return;
        }
        if (flags.Again != null)
        {
            if (flags.AgainFromImage)
            {
                EmitReload();
            }
            foreach (ref Instruction x in flags.Again.AsSpan())
            {
                Encode(in x);
            }
        }
        else if (flags.Image)
        {
            EmitReload();
        }
        flags.Host = true;
    }

    // The host's flags into the image; they stay.
    private void EmitFlagsToImage()
    {
        code.Move(HostRegister.Scratch, HostRegister.Rax, wide: true);
        code.Byte(0x9F);
        code.RegReg(0x0F90, 0, HostRegister.Rax);
        EmitStoreImage();
        code.Move(HostRegister.Rax, HostRegister.Scratch, wide: true);
    }

    private void EmitStoreImage() => code.RegMem(0x6689, HostRegister.Rax, HostRegister.State, HostOffsets.FlagsImage);

    private void EmitReload()
    {
        code.Move(HostRegister.Scratch, HostRegister.Rax, wide: true);
        code.RegMem(0x0FB7, HostRegister.Rax, HostRegister.State, HostOffsets.FlagsImage);
        // OF: 7F + 1 overflows. SAHF leaves it alone.
        code.Byte(0x04);
        code.Byte(0x7F);
        code.Byte(0x9E);
        code.Move(HostRegister.Rax, HostRegister.Scratch, wide: true);
    }

    // True when whoever still sees these flags finds the registers unchanged that they are made from.
    private bool AgainSuffices(int from, int registers)
    {
        GuestInsn[] insns = blocks[blockIndex];
        bool holds = true;
        for (int q = from; q < insns.Length; q++)
        {
            ref GuestInsn i = ref insns[q];
            if (!holds && (i.Observes || i.FlagsRead != 0 || i.SetsSome))
            {
                return false;
            }
            if (i.SetsAll || i.SetsSome)
            {
                return true;
            }
            holds &= (i.Writes & registers) == 0 && !i.IsOpaque;
        }
        RflagsBits read = 0;
        return holds || !(heads.EdgesObserve(blockIndex, ref read) || read != 0);
    }

    // An instruction without flags of its own changes registers.
    private void RegistersChange(int written)
    {
        if ((flags.AgainRegisters & written) != 0)
        {
            bool host = flags.Host && flags.Fix == FlagFix.None;
            flags = new FlagPlaces { Host = host, Image = flags.Image };
        }
    }

    // The host has just run a guest instruction that sets flags; 'stashed': a copy of what it read is in the state.
    private void FlagsSet(ref GuestInsn i, in Instruction host, bool stashed)
    {
        FlagPlaces before = flags;
        flags = new FlagPlaces { Host = true };
        Register to = host.Op0Kind == OpKind.Register ? host.Op0Register : Register.None;
        Mnemonic m = i.X.Mnemonic;
        bool isMemory = i.MemoryBytes != 0;
        if (m is Mnemonic.And or Mnemonic.Or or Mnemonic.Xor && to != Register.None)
        {
            SetAgain(i.Writes, Test(to));
        }
        else if (m is Mnemonic.Cmp or Mnemonic.Test && (!isMemory || stashed))
        {
            SetAgain(isMemory ? OperandBits(in i.X) : i.Reads, isMemory ? OnStash(in host) : host);
        }
        else if (m is Mnemonic.Add or Mnemonic.Sub && !ReadsItsTarget(in i.X) && (!isMemory || (stashed && to != Register.None)))
        {
            Instruction again = isMemory ? OnStash(in host) : host;
            SetAgain(isMemory ? OperandBits(in i.X) : i.Reads | i.Writes, Undo(in again), again);
        }
        else if (m == Mnemonic.Sub && !isMemory && host.Op1Kind == OpKind.Register && host.Op1Register == to)
        {
            SetAgain(i.Writes, Test(to));
        }
        else if (m == Mnemonic.Neg && !isMemory)
        {
            SetAgain(i.Writes, host, host);
        }
        else if (stashed && i.Fix is FlagFix.ShiftLeft or FlagFix.ShiftRight or FlagFix.ShiftArithmetic)
        {
            Register scratch = to.IsGPR8() ? Register.R10L : to.IsGPR16() ? Register.R10W : Register.R10D;
            Instruction again = host;
            again.SetOpRegister(0, scratch);
            SetAgain(0, Instruction.Create(Code.Mov_r32_rm32, Register.R10D, Stash), again);
            flags.Fix = i.Fix;
            flags.FixResult = scratch;
        }
        else if (stashed && i.Fix == FlagFix.Multiply)
        {
            // IMUL r, r/m[, imm]: into a scratch register, from the operands that are still there and the copy of one that is not.
            Instruction again = host;
            again.Op0Register = Register.R10D;
            bool squares = again.Op1Register == to;
            if (again.OpCount == 3)
            {
                SetAgain(i.Reads, again);
            }
            else
            {
                again = squares ? Instruction.Create(Code.Imul_r32_rm32, Register.R10D, Stash) : again;
                SetAgain(squares ? 0 : i.Reads & ~i.Writes, Instruction.Create(Code.Mov_r32_rm32, Register.R10D, Stash), again);
            }
            flags.Fix = FlagFix.Multiply;
            flags.FixResult = Register.R10D;
        }
        else if (!isMemory && to != Register.None && !i.CountInCl && (before.Again != null || before.Image) && before.Fix == FlagFix.None
            && m is Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Bt && (before.AgainRegisters & i.Writes) == 0)
        {
            flags.Again = m == Mnemonic.Bt ? [.. before.Again ?? [], host] : [.. before.Again ?? [], Undo(in host), host];
            flags.AgainFromImage = before.Again == null || before.AgainFromImage;
            flags.AgainRegisters = before.AgainRegisters | i.Writes | (m == Mnemonic.Bt ? i.Reads : 0);
            flags.Fix = i.Fix;
            flags.FixResult = to;
        }
    }

    // Guest registers that are operands themselves, not parts of an address.
    private static int OperandBits(in Instruction x)
    {
        int bits = 0;
        for (int n = 0; n < x.OpCount; n++)
        {
            bits |= x.GetOpKind(n) == OpKind.Register ? 1 << (x.GetOpRegister(n).GetFullRegister32() - Register.EAX) : 0;
        }
        return bits;
    }

    private void SetAgain(int registers, params Instruction[] again)
    {
        flags.Again = again;
        flags.AgainRegisters = registers;
    }

    // Where a copy of an operand waits, for host instructions that make flags again.
    private static MemoryOperand Stash => new(Register.R14, HostOffsets.FlagsStash, 8);

    private static Instruction OnStash(in Instruction host)
    {
        Instruction x = host;
        x.SegmentPrefix = Register.None;
        x.MemoryBase = Register.R14;
        x.MemoryIndex = Register.None;
        x.MemoryIndexScale = 1;
        x.MemoryDisplacement64 = (ulong)(long)HostOffsets.FlagsStash;
        x.MemoryDisplSize = 8;
        return x;
    }

    private static bool ReadsItsTarget(in Instruction x) =>
        x.Op1Kind == OpKind.Register && x.Op1Register.GetFullRegister32() == x.Op0Register.GetFullRegister32();

    private static Instruction Test(Register r) => Instruction.Create(
        r.IsGPR8() ? Code.Test_rm8_r8 : r.IsGPR16() ? Code.Test_rm16_r16 : Code.Test_rm32_r32, r, r);

    // The same operands, the opposite operation.
    private static Instruction Undo(in Instruction x)
    {
        Instruction undo = x;
        undo.Code = x.Code switch
        {
            Code.Add_rm8_r8 => Code.Sub_rm8_r8,
            Code.Add_rm16_r16 => Code.Sub_rm16_r16,
            Code.Add_rm32_r32 => Code.Sub_rm32_r32,
            Code.Add_r8_rm8 => Code.Sub_r8_rm8,
            Code.Add_r16_rm16 => Code.Sub_r16_rm16,
            Code.Add_r32_rm32 => Code.Sub_r32_rm32,
            Code.Add_AL_imm8 => Code.Sub_AL_imm8,
            Code.Add_AX_imm16 => Code.Sub_AX_imm16,
            Code.Add_EAX_imm32 => Code.Sub_EAX_imm32,
            Code.Add_rm8_imm8 => Code.Sub_rm8_imm8,
            Code.Add_rm16_imm16 => Code.Sub_rm16_imm16,
            Code.Add_rm32_imm32 => Code.Sub_rm32_imm32,
            Code.Add_rm16_imm8 => Code.Sub_rm16_imm8,
            Code.Add_rm32_imm8 => Code.Sub_rm32_imm8,
            Code.Sub_rm8_r8 => Code.Add_rm8_r8,
            Code.Sub_rm16_r16 => Code.Add_rm16_r16,
            Code.Sub_rm32_r32 => Code.Add_rm32_r32,
            Code.Sub_r8_rm8 => Code.Add_r8_rm8,
            Code.Sub_r16_rm16 => Code.Add_r16_rm16,
            Code.Sub_r32_rm32 => Code.Add_r32_rm32,
            Code.Sub_AL_imm8 => Code.Add_AL_imm8,
            Code.Sub_AX_imm16 => Code.Add_AX_imm16,
            Code.Sub_EAX_imm32 => Code.Add_EAX_imm32,
            Code.Sub_rm8_imm8 => Code.Add_rm8_imm8,
            Code.Sub_rm16_imm16 => Code.Add_rm16_imm16,
            Code.Sub_rm32_imm32 => Code.Add_rm32_imm32,
            Code.Sub_rm16_imm8 => Code.Add_rm16_imm8,
            Code.Sub_rm32_imm8 => Code.Add_rm32_imm8,
            Code.Rol_rm8_1 => Code.Ror_rm8_1,
            Code.Rol_rm16_1 => Code.Ror_rm16_1,
            Code.Rol_rm32_1 => Code.Ror_rm32_1,
            Code.Rol_rm8_imm8 => Code.Ror_rm8_imm8,
            Code.Rol_rm16_imm8 => Code.Ror_rm16_imm8,
            Code.Rol_rm32_imm8 => Code.Ror_rm32_imm8,
            Code.Ror_rm8_1 => Code.Rol_rm8_1,
            Code.Ror_rm16_1 => Code.Rol_rm16_1,
            Code.Ror_rm32_1 => Code.Rol_rm32_1,
            Code.Ror_rm8_imm8 => Code.Rol_rm8_imm8,
            Code.Ror_rm16_imm8 => Code.Rol_rm16_imm8,
            Code.Ror_rm32_imm8 => Code.Rol_rm32_imm8,
            Code.Inc_rm8 => Code.Dec_rm8,
            Code.Inc_rm16 => Code.Dec_rm16,
            Code.Inc_rm32 => Code.Dec_rm32,
            Code.Dec_rm8 => Code.Inc_rm8,
            Code.Dec_rm16 => Code.Inc_rm16,
            Code.Dec_rm32 => Code.Inc_rm32,
            _ => throw new InvalidOperationException($"{x.Code} has no opposite"),
        };
        return undo;
    }

    // After a shift, a rotate or a multiplication whose undefined flags somebody may see: brings those to what the semantics say, in
    // the image. The result is in 'to', or in memory at Delta + Linear; 'bytes' wide.
    private void FixIntoImage(FlagFix fix, Register to, int bytes)
    {
        const int rax = HostRegister.Rax, scratch = HostRegister.Scratch, value = HostRegister.Delta, other = HostRegister.Linear;
        if (fix == FlagFix.Multiply)
        {
            code.RegReg(0x0F92, 0, other, bytes: true);
            Encode(Test(to));
            code.Move(scratch, rax, wide: true);
            code.Byte(0x9F);
            // AL = OF = CF, and CF into AH: OR AH, AL.
            code.RegReg(0x88, other, rax, bytes: true);
            code.RegReg(0x08, rax, 4);
            EmitStoreImage();
            code.Move(rax, scratch, wide: true);
            flags = new FlagPlaces { Image = true };
            return;
        }
        if (fix == FlagFix.DoubleShift)
        {
            // The operand as it was waits in 'value'.
            code.Move(scratch, rax, wide: true);
            code.Byte(0x9F);
            int result = to == Register.EAX || to == Register.AX ? scratch : to.GetFullRegister32() - Register.EAX;
            code.RegReg(0x31, result, value);
            code.ShiftRight(value, (bytes * 8) - 1);
            code.RegReg(0x88, value, rax, bytes: true);
            EmitAndAx((0xFF & ~LahfAf) << 8 | 1);
            EmitStoreImage();
            code.Move(rax, scratch, wide: true);
            flags = new FlagPlaces { Image = true };
            return;
        }
        bool needsTop = fix is FlagFix.RotateLeft or FlagFix.RotateRight or FlagFix.ShiftRight;
        if (needsTop)
        {
            // MOV and LEA leave the flags alone.
            EmitCopyOfResult(to, bytes);
        }
        code.Move(scratch, rax, wide: true);
        code.Byte(0x9F);
        if (needsTop && fix != FlagFix.RotateLeft)
        {
            code.RegIndexed(0x8D, other, value, value, 0, 0);
            code.RegReg(0x31, other, value);
        }
        if (needsTop)
        {
            code.ShiftRight(value, (bytes * 8) - 1);
            code.RegImm(4, value, 1);
        }
        switch (fix)
        {
            case FlagFix.RotateLeft:
                // AL = MSB xor CF.
                code.RegReg(0x88, 4, rax);
                code.RegReg(0x30, value, rax, bytes: true);
                EmitAndAx(0xFF01);
                break;
            case FlagFix.RotateRight:
                code.RegReg(0x88, value, rax, bytes: true);
                break;
            case FlagFix.ShiftRight:
                code.RegReg(0x88, value, rax, bytes: true);
                EmitAndAx((0xFF & ~LahfAf) << 8 | 1);
                break;
            case FlagFix.ShiftLeft:
                // AL = SF xor CF: bits 7 and 0 of AH.
                code.RegReg(0x88, 4, rax);
                code.RegReg(0xC0, 5, rax);
                code.Byte(7);
                code.RegReg(0x30, 4, rax);
                EmitAndAx((0xFF & ~LahfAf) << 8 | 1);
                break;
            default:
                EmitAndAx((0xFF & ~LahfAf) << 8);
                break;
        }
        EmitStoreImage();
        code.Move(rax, scratch, wide: true);
        flags = new FlagPlaces { Image = true };
    }

    private void EmitAndAx(int mask)
    {
        code.Byte(0x25);
        code.Int(mask);
    }

    private void EmitCopyOfResult(Register to, int bytes)
    {
        if (to == Register.None)
        {
            int load = bytes switch { 1 => 0x0FB6, 2 => 0x0FB7, _ => 0x8B };
            if (isInWindow)
            {
                // It was written just now: no fault.
                code.RegWindow(load, HostRegister.Delta, HostRegister.Linear, 0);
            }
            else
            {
                code.RegIndexed(load, HostRegister.Delta, HostRegister.Delta, HostRegister.Linear, 0, 0);
            }
            return;
        }
        int from = to.GetFullRegister32() - Register.EAX;
        switch (bytes)
        {
            case 1: code.RegReg(0x0FB6, HostRegister.Delta, from, bytes: true); break;
            case 2: code.RegReg(0x0FB7, HostRegister.Delta, from); break;
            default: code.Move(HostRegister.Delta, from); break;
        }
    }
}
