using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Tests.Integer;
using Iced.Intel;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Tests.Coverage;

/// <summary>One instance of an instruction form, and the row of the table that it gets.</summary>
internal static unsafe class FormSample
{
    /// <summary>The row of a form with a register or a memory operand; null where there is no such form in code of this width.</summary>
    public static Row? Find(Code code, bool memory, CpuModel model)
    {
        foreach (int bits in (ReadOnlySpan<int>)[32, 16])
        {
            if (TryEncode(code.ToOpCode(), memory, bits) is { } bytes)
            {
                Decoder decoder = Decoder.Create(bits, bytes, InsnDecoder.Options);
                decoder.Decode(out Instruction x);
                // The hints came as names for what had been reserved NOPs.
                if (x.Code != code && x.Mnemonic != Mnemonic.Reservednop)
                {
                    continue;
                }
                bool wide = (bits == 32) != bytes.AsSpan().TrimStart((byte)0x67).StartsWith([(byte)0x66]);
                var i = new Insn { Extra = (ushort)((wide ? InsnFlags.Operand32 : 0) | InsnFlags.Address32) };
                int opcode = bytes.AsSpan().IndexOfAnyExcept([(byte)0x66, (byte)0x67, (byte)0x9B]);
                if (opcode >= 0 && (bytes[opcode] & 0xF8) == 0xD8)
                {
                    i.Extra |= InsnFlags.Escape;
                    i.Imm = ((bytes[opcode] & 7) << 8) | bytes[opcode + 1];
                }
                return InsnTable.Find(in x, model, ref i);
            }
        }
        return null;
    }

    /// <summary>Machine code of a form with a register or a memory operand; null where it has none in code of this width.</summary>
    public static byte[]? TryEncode(OpCodeInfo info, bool memory, int bits)
    {
        if (bits == 32 ? !info.Mode32 : !info.Mode16)
        {
            return null;
        }
        var x = new Instruction { Code = info.Code };
        bool usesMemory = false;
        for (int n = 0; n < info.OpCount; n++)
        {
            if (!SetOperand(ref x, n, info.GetOpKind(n), memory, bits, ref usesMemory))
            {
                return null;
            }
        }
        var sink = new ByteSink();
        return usesMemory == memory && Encoder.Create(bits, sink).TryEncode(x, 0x1000, out _, out _) ? [.. sink.Bytes] : null;
    }

    private static bool SetOperand(ref Instruction x, int n, OpCodeOperandKind kind, bool memory, int bits, ref bool usesMemory)
    {
        Register register = kind switch
        {
            OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode or OpCodeOperandKind.r8_or_mem => Register.CL,
            OpCodeOperandKind.al => Register.AL,
            OpCodeOperandKind.ax => Register.AX,
            OpCodeOperandKind.eax => Register.EAX,
            OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_reg_mem
                or OpCodeOperandKind.r16_or_mem => Register.CX,
            OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_reg_mem
                or OpCodeOperandKind.r32_or_mem or OpCodeOperandKind.r32_or_mem_mpx => Register.ECX,
            OpCodeOperandKind.cl => Register.CL,
            OpCodeOperandKind.dx => Register.DX,
            OpCodeOperandKind.es => Register.ES,
            OpCodeOperandKind.cs => Register.CS,
            OpCodeOperandKind.ss => Register.SS,
            OpCodeOperandKind.ds or OpCodeOperandKind.seg_reg => Register.DS,
            OpCodeOperandKind.fs => Register.FS,
            OpCodeOperandKind.gs => Register.GS,
            OpCodeOperandKind.cr_reg => Register.CR0,
            OpCodeOperandKind.dr_reg => Register.DR7,
            OpCodeOperandKind.tr_reg => Register.TR6,
            OpCodeOperandKind.st0 => Register.ST0,
            OpCodeOperandKind.sti_opcode => Register.ST1,
            OpCodeOperandKind.xmm_reg or OpCodeOperandKind.xmm_rm or OpCodeOperandKind.xmm_or_mem => Register.XMM1,
            OpCodeOperandKind.mm_reg or OpCodeOperandKind.mm_rm or OpCodeOperandKind.mm_or_mem => Register.MM1,
            _ => Register.None,
        };
        bool either = kind.ToString().EndsWith("_or_mem", StringComparison.Ordinal) || kind is OpCodeOperandKind.r32_or_mem_mpx;
        if (kind is OpCodeOperandKind.mem or OpCodeOperandKind.mem_offs || (either && memory))
        {
            x.SetOpKind(n, OpKind.Memory);
            (x.MemoryDisplSize, x.MemoryDisplacement64) = (bits / 8, 0x1234);
            usesMemory = true;
            return memory;
        }
        if (register != Register.None)
        {
            x.SetOpKind(n, OpKind.Register);
            x.SetOpRegister(n, register);
            return true;
        }
        OpKind? other = kind switch
        {
            OpCodeOperandKind.imm8 or OpCodeOperandKind.imm8_const_1 => n > 0 && x.GetOpKind(n - 1) == OpKind.Immediate16 ? OpKind.Immediate8_2nd : OpKind.Immediate8,
            OpCodeOperandKind.imm8sex16 => OpKind.Immediate8to16,
            OpCodeOperandKind.imm8sex32 => OpKind.Immediate8to32,
            OpCodeOperandKind.imm16 => OpKind.Immediate16,
            OpCodeOperandKind.imm32 => OpKind.Immediate32,
            OpCodeOperandKind.seg_rSI => bits == 32 ? OpKind.MemorySegESI : OpKind.MemorySegSI,
            OpCodeOperandKind.es_rDI => bits == 32 ? OpKind.MemoryESEDI : OpKind.MemoryESDI,
            OpCodeOperandKind.seg_rDI => bits == 32 ? OpKind.MemorySegEDI : OpKind.MemorySegDI,
            OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2 => OpKind.NearBranch16,
            OpCodeOperandKind.br32_1 or OpCodeOperandKind.br32_4 => OpKind.NearBranch32,
            OpCodeOperandKind.farbr2_2 => OpKind.FarBranch16,
            OpCodeOperandKind.farbr4_2 => OpKind.FarBranch32,
            OpCodeOperandKind.seg_rBX_al => OpKind.Memory,
            _ => null,
        };
        if (other is null)
        {
            return false;
        }
        x.SetOpKind(n, other.Value);
        switch (other)
        {
            case OpKind.Immediate8: x.Immediate8 = 1; break;
            case OpKind.NearBranch16: x.NearBranch16 = 0x1010; break;
            case OpKind.NearBranch32: x.NearBranch32 = 0x1010; break;
            case OpKind.Memory:
                x.MemoryBase = bits == 32 ? Register.EBX : Register.BX;
                x.MemoryIndex = Register.AL;
                break;
        }
        return true;
    }
}
