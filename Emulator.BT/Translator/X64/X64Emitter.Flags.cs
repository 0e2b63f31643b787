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
        public bool Host, Image;

        /// <summary>Host instructions that make them again; null: there are none.</summary>
        public Instruction[]? Again;

        /// <summary>Guest registers that these need unchanged.</summary>
        public int AgainRegisters;
    }

    // Before something that destroys the host's flags while the guest can still see its own.
    private void KeepFlags()
    {
        if (flags.Image || (!flags.Host && flags.Again == null))
        {
            return;
        }
        if (flags.Again == null || !AgainSuffices())
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
        NeedHostFlags();
        code.Move(HostRegister.Scratch, HostRegister.Rax, wide: true);
        code.Byte(0x9F);
        code.RegReg(0x0F90, 0, HostRegister.Rax);
        EmitStoreImage();
        code.Move(HostRegister.Rax, HostRegister.Scratch, wide: true);
        flags.Image = true;
    }

    private void EmitStoreImage() => code.RegMem(0x6689, HostRegister.Rax, HostRegister.State, HostOffsets.FlagsImage);

    // Into the host's flags, from wherever they are.
    private void NeedHostFlags()
    {
        if (flags.Host)
        {
            return;
        }
        if (flags.Again != null)
        {
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
    private bool AgainSuffices()
    {
        GuestInsn[] insns = blocks[blockIndex];
        bool holds = true;
        for (int q = index; q < insns.Length; q++)
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
            holds &= (i.Writes & flags.AgainRegisters) == 0 && i.Kind != HostKind.Trap;
        }
        RflagsBits read = 0;
        return holds || !(heads.EdgesObserve(blockIndex, ref read) || read != 0);
    }

    // An instruction without flags of its own changes registers.
    private void RegistersChange(int written)
    {
        if ((flags.AgainRegisters & written) != 0)
        {
            flags.Again = null;
            flags.AgainRegisters = 0;
        }
    }

    // The host has just run a guest instruction that sets flags.
    private void FlagsSet(ref GuestInsn i, in Instruction host)
    {
        FlagPlaces before = flags;
        flags = new FlagPlaces { Host = true };
        if (i.MemoryBytes != 0 && i.X.Mnemonic is not (Mnemonic.And or Mnemonic.Or or Mnemonic.Xor))
        {
            return;
        }
        Register to = host.Op0Kind == OpKind.Register ? host.Op0Register : Register.None;
        switch (i.X.Mnemonic)
        {
            case Mnemonic.Cmp or Mnemonic.Test:
                flags.Again = [host];
                flags.AgainRegisters = i.Reads;
                break;
            case Mnemonic.And or Mnemonic.Or or Mnemonic.Xor when to != Register.None:
            case Mnemonic.Sub when host.Op1Kind == OpKind.Register && host.Op1Register == to:
                flags.Again = [Test(to)];
                flags.AgainRegisters = i.Writes;
                break;
            case Mnemonic.Add or Mnemonic.Sub when !ReadsItsTarget(in i.X):
                flags.Again = [Undo(in host), host];
                flags.AgainRegisters = i.Reads | i.Writes;
                break;
            case Mnemonic.Neg:
                flags.Again = [host, host];
                flags.AgainRegisters = i.Writes;
                break;
            case Mnemonic.Inc or Mnemonic.Dec when before.Again != null && (before.AgainRegisters & i.Writes) == 0:
                flags.Again = [.. before.Again, Undo(in host), host];
                flags.AgainRegisters = before.AgainRegisters | i.Writes;
                break;
            default:
                break;
        }
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
            code.RegReg(0x0F90, 0, rax);
            EmitStoreImage();
            code.Move(rax, scratch, wide: true);
            code.RegMem(0x08, other, HostRegister.State, HostOffsets.FlagsImage, bytes: true);
            code.RegMem(0x08, other, HostRegister.State, HostOffsets.FlagsImage + 1, bytes: true);
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
            code.RegIndexed(load, HostRegister.Delta, HostRegister.Delta, HostRegister.Linear, 0, 0);
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
