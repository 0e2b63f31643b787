using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>What came of decoding one instruction.</summary>
internal enum DecodeResult
{
    /// <summary>An instruction, possibly an undefined one.</summary>
    Ok,

    /// <summary>The bytes ended before the instruction did.</summary>
    NeedsMore,
}

/// <summary>Turns bytes into <see cref="Insn"/> records: Iced decodes, <see cref="InsnTable"/> gives the meaning.</summary>
internal sealed unsafe class InsnDecoder
{
    // What came after the P6 under old opcodes: TZCNT, LZCNT and WBNOINVD run as BSF, BSR and WBINVD there.
    internal const DecoderOptions Options = DecoderOptions.ForceReservedNop | DecoderOptions.NoMPFX_0FBC | DecoderOptions.NoMPFX_0FBD | DecoderOptions.NoWbnoinvd;
    private readonly HostCodeReader reader = new();
    private readonly Decoder decoder16;
    private readonly Decoder decoder32;
    private readonly CpuModel model;

    public InsnDecoder(CpuModel model)
    {
        this.model = model;
        decoder16 = Decoder.Create(16, reader, Options);
        decoder32 = Decoder.Create(32, reader, Options);
    }

    /// <summary>How the last instruction that ended a block goes on.</summary>
    public BlockFlow LastFlow { get; private set; }

    /// <summary>
    /// Decodes one instruction at <paramref name="bytes"/>, of which <paramref name="available"/> are there.
    /// </summary>
    /// <param name="bytes">Host address of the first byte.</param>
    /// <param name="available">Bytes that may be read, at most.</param>
    /// <param name="codeMode">A <see cref="CodeMode"/> value.</param>
    /// <param name="rip">RIP of the instruction.</param>
    /// <param name="offset">Its offset from the start of the block.</param>
    /// <param name="i">Where it goes.</param>
    /// <param name="ends">What it does to the block.</param>
    public DecodeResult Decode(byte* bytes, int available, int codeMode, ulong rip, int offset, out Insn i, out BlockEnd ends)
    {
        Decoder decoder = codeMode == CodeMode.Bits32 ? decoder32 : decoder16;
        reader.Set(bytes, Math.Min(available, 15));
        decoder.IP = rip;
        decoder.Decode(out Instruction x);
        i = default;
        ends = BlockEnd.Hard;
        int undefinedLength = x.IsInvalid ? OpcodeLength.Measure(bytes, Math.Min(available, 15), codeMode == CodeMode.Bits32, model) : 0;
        if (x.IsInvalid && undefinedLength == 0 && available < 15)
        {
            return DecodeResult.NeedsMore;
        }
        i.Offset = (ushort)offset;
        i.Base = i.Index = CpuState.ZeroOffset;
        Row row;
        if (x.IsInvalid)
        {
            // 15 bytes without an end is #GP, everything else #UD.
            i.Length = (byte)(undefinedLength == 0 ? 15 : undefinedLength);
            i.Imm = Vector.GP;
            row = undefinedLength == 0 ? InsnTable.Hard(&Helpers.InterruptInsns.FetchFault) : InsnTable.Undefined;
        }
        else
        {
            i.Length = (byte)x.Length;
            byte* opcode = Prefixes(bytes, codeMode, ref i);
            Operands(in x, rip - (ulong)offset, ref i);
            if ((*opcode & 0xF8) == 0xD8)
            {
                i.Extra |= InsnFlags.Escape;
                i.Imm = (opcode[0] & 7) << 8 | opcode[1];
            }
            row = InsnTable.Find(in x, model, ref i);
        }
        i.Handler = row.Interpret;
        ends = row.Ends;
        if (ends != BlockEnd.No)
        {
            LastFlow = ends == BlockEnd.Branch ? Flow(in x) : IsString(in x) ? BlockFlow.String : BlockFlow.Helper;
        }
        return DecodeResult.Ok;
    }

    private static BlockFlow Flow(in Instruction x) => x.FlowControl switch
    {
        FlowControl.ConditionalBranch => BlockFlow.Conditional,
        FlowControl.UnconditionalBranch => BlockFlow.Jump,
        FlowControl.Call => BlockFlow.Call,
        FlowControl.IndirectCall => BlockFlow.IndirectCall,
        FlowControl.IndirectBranch => BlockFlow.IndirectJump,
        FlowControl.Return => BlockFlow.Return,
        _ => BlockFlow.Helper,
    };

    private static bool IsString(in Instruction x) => x.Mnemonic is Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Stosb or Mnemonic.Stosw
        or Mnemonic.Stosd or Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd
        or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd;

    // Sizes and repetition straight from the prefix bytes: helpers need them whatever the opcode. Returns the opcode's address.
    private static byte* Prefixes(byte* bytes, int codeMode, ref Insn i)
    {
        bool operand = false, address = false;
        for (; ; bytes++)
        {
            switch (*bytes)
            {
                case 0x66: operand = true; continue;
                case 0x67: address = true; continue;
                case 0xF0: i.Extra |= InsnFlags.Lock; continue;
                case 0xF2: i.Extra = (ushort)((i.Extra & ~InsnFlags.Rep) | InsnFlags.Repne); continue;
                case 0xF3: i.Extra = (ushort)((i.Extra & ~InsnFlags.Repne) | InsnFlags.Rep); continue;
                case 0x26 or 0x2E or 0x36 or 0x3E or 0x64 or 0x65: continue;
            }
            break;
        }
        bool wide = codeMode != CodeMode.Bits16;
        i.Extra |= (ushort)(operand != wide ? InsnFlags.Operand32 : 0);
        i.Extra |= (ushort)(address != wide ? InsnFlags.Address32 : 0);
        i.AddressShift = (byte)(address != wide ? 32 : 48);
        return bytes;
    }

    private static void Operands(in Instruction x, ulong blockRip, ref Insn i)
    {
        bool immediate = false;
        for (int n = 0; n < x.OpCount; n++)
        {
            switch (x.GetOpKind(n))
            {
                case OpKind.Register:
                    byte number = RegisterOperand(x.GetOpRegister(n));
                    if (n == 0)
                    {
                        i.Dst = number;
                    }
                    else if (n == 1)
                    {
                        i.Src = number;
                    }
                    break;
                case OpKind.NearBranch16 or OpKind.NearBranch32:
                    i.Imm = (long)(x.NearBranchTarget - blockRip);
                    break;
                case OpKind.FarBranch16:
                    i.Imm = (long)x.FarBranchSelector << 32 | x.FarBranch16;
                    break;
                case OpKind.FarBranch32:
                    i.Imm = (long)x.FarBranchSelector << 32 | x.FarBranch32;
                    break;
                case OpKind.Memory:
                    i.Extra |= InsnFlags.Memory;
                    i.Segment = SegmentNumber(x.MemorySegment);
                    i.Base = BaseOrIndex(x.MemoryBase);
                    i.Index = BaseOrIndex(x.MemoryIndex);
                    i.Scale = (byte)System.Numerics.BitOperations.Log2((uint)x.MemoryIndexScale);
                    i.Disp = (int)x.MemoryDisplacement64;
                    break;
                case OpKind.MemorySegSI or OpKind.MemorySegESI or OpKind.MemorySegDI or OpKind.MemorySegEDI:
                    i.Segment = SegmentNumber(x.MemorySegment);
                    break;
                case OpKind.MemoryESDI or OpKind.MemoryESEDI:
                    break;
                default:
                    if (!immediate)
                    {
                        i.Imm = (long)x.GetImmediate(n);
                        immediate = true;
                    }
                    break;
            }
        }
    }

    private static byte RegisterOperand(Register r)
    {
        if (r.IsGPR8())
        {
            int n = r - Register.AL;
            // AL CL DL BL AH CH DH BH, then the REX ones.
            return n is >= 4 and < 8 ? (byte)(((n - 4) * 8) + 1) : CpuState.GprOffset(n < 4 ? n : n - 4);
        }
        if (r.IsGPR())
        {
            return CpuState.GprOffset(r.GetNumber());
        }
        return (byte)r.GetNumber();
    }

    private static byte BaseOrIndex(Register r) => r == Register.None ? CpuState.ZeroOffset : CpuState.GprOffset(r.GetNumber());

    private static byte SegmentNumber(Register r) => (byte)(r - Register.ES);
}
