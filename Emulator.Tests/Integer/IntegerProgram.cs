using Iced.Intel;

namespace Emulator.Tests.Integer;

/// <summary>
/// A straight run of random instructions, with what makes each safe before it (constants into address registers, pointers into memory)
/// and what makes it comparable after it: undefined flags are cleared, ESP is stored and set back.
/// </summary>
internal sealed class IntegerProgram
{
    private static readonly Register[] Loadable = [Register.ES, Register.SS, Register.DS, Register.FS, Register.GS];

    private readonly Random random;
    private readonly List<byte> bytes = [];
    private readonly int bits;

    public IntegerProgram(Random random, IReadOnlyList<Code> forms, int bits)
    {
        this.random = random;
        this.bits = bits;
        Local = random.Next(3) == 0;
        foreach (Code form in forms)
        {
            if (TryAdd(form))
            {
                Forms.Add(form);
            }
        }
    }

    /// <summary>True when DS and ES are the 64 KiB segment, so that 16-bit addresses can be used.</summary>
    public bool Local { get; }

    /// <summary>The forms that it has.</summary>
    public List<Code> Forms { get; } = [];

    // EIP: 16-bit code has a segment of its own.
    private uint Here => Start + (uint)bytes.Count;

    private uint Start => bits == 16 ? 0 : Window.Code;

    private ushort CodeSelector => bits == 16 ? Window.Code16Selector : Window.CodeSelector;

    /// <summary>The program for the host.</summary>
    public byte[] ForHost() => bits == 16
        ? [.. bytes, 0x66, 0xEA, .. BitConverter.GetBytes(Window.Finish32), .. BitConverter.GetBytes(Window.CodeSelector)]
        : [.. bytes, 0xE9, .. BitConverter.GetBytes(Window.Finish32 - (Here + 5))];

    /// <summary>The program for the guest.</summary>
    public byte[] ForGuest() => [.. bytes, 0xCD, 0x80, 0x90, 0x90, 0x90];

    /// <summary>The program as text.</summary>
    public string Listing()
    {
        Decoder decoder = Decoder.Create(bits, bytes.ToArray(), DecoderOptions.ForceReservedNop);
        decoder.IP = Start;
        var lines = new List<string>();
        while (decoder.IP < Here)
        {
            decoder.Decode(out Instruction x);
            lines.Add($"{x.IP:x8} {Convert.ToHexString(bytes.ToArray(), (int)(x.IP - Start), Math.Min(x.Length, (int)(Here - x.IP))),-20} {x}");
        }
        return string.Join('\n', lines);
    }

    private bool TryAdd(Code code)
    {
        OpCodeInfo info = code.ToOpCode();
        var plan = new OperandPlan(random, Local);
        var memory = new List<(uint Linear, uint Value)>();
        var x = new Instruction { Code = code };
        uint target = Window.Middle + (uint)random.Next(0x1000 - 64);
        target = random.Next(2) == 0 ? target & ~7u : target;
        int count = 0;
        if (Local && (IsSegmentLoad(info) || info.Mnemonic is Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lss or Mnemonic.Lfs or Mnemonic.Lgs))
        {
            return false;
        }
        bool hasMemory = false;
        for (int n = 0; n < info.OpCount; n++)
        {
            if (!SetRegister(ref x, n, info.GetOpKind(n), out bool isMemory) && !SetOther(ref x, n, info.GetOpKind(n), isMemory))
            {
                return false;
            }
            hasMemory |= isMemory;
        }
        Prepare(ref x, info, plan, memory, target, ref count);
        bool linked = x.FlowControl is FlowControl.IndirectBranch or FlowControl.IndirectCall or FlowControl.Return;
        if (hasMemory)
        {
            bool moffs = Enumerable.Range(0, info.OpCount).Any(n => info.GetOpKind(n) == OpCodeOperandKind.mem_offs);
            plan.StackBias = x.Mnemonic == Mnemonic.Pop ? info.OperandSize / 8 : 0;
            plan.SetMemory(ref x, target, moffs, free: x.Mnemonic == Mnemonic.Lea);
            x.HasLockPrefix = info.CanUseLockPrefix && random.Next(6) == 0;
        }
        if (linked && !hasMemory && x.FlowControl != FlowControl.Return && !plan.TryClaim(x.Op0Register.GetFullRegister32(), 0))
        {
            return false;
        }
        return Emit(in x, info, plan, memory, target, linked, hasMemory, count);
    }

    private bool Emit(in Instruction x, OpCodeInfo info, OperandPlan plan, List<(uint Linear, uint Value)> memory, uint target, bool linked, bool hasMemory, int count)
    {
        int start = bytes.Count;
        // Twice: the length must be known before the targets are.
        uint after = Here;
        for (int pass = 0; pass < 2; pass++)
        {
            bytes.RemoveRange(start, bytes.Count - start);
            foreach ((uint linear, uint value) in memory)
            {
                Store(linear, value);
            }
            if (linked && (hasMemory || x.FlowControl == FlowControl.Return))
            {
                uint link = hasMemory ? target : Window.Stack;
                Store(link, after);
                if (x.Mnemonic == Mnemonic.Retf || x.IsJmpFarIndirect || x.IsCallFarIndirect)
                {
                    Store(link + (uint)(info.OperandSize / 8), CodeSelector | (info.OperandSize == 16 ? 0 : (uint)random.Next(0x10000) << 16));
                }
            }
            foreach ((int register, uint value) in plan.Values)
            {
                bool link = linked && !hasMemory && x.FlowControl != FlowControl.Return && register == x.Op0Register.GetFullRegister32() - Register.EAX;
                Add32((byte)(0xB8 + register));
                bytes.AddRange(BitConverter.GetBytes(link ? after : value));
            }
            Instruction y = x;
            switch (y.OpCount == 0 ? OpKind.Register : y.Op0Kind)
            {
                case OpKind.NearBranch16: y.NearBranch16 = (ushort)after; break;
                case OpKind.NearBranch32: y.NearBranch32 = after; break;
                case OpKind.FarBranch16: (y.FarBranch16, y.FarBranchSelector) = ((ushort)after, CodeSelector); break;
                case OpKind.FarBranch32: (y.FarBranch32, y.FarBranchSelector) = (after, CodeSelector); break;
            }
            var sink = new ByteSink();
            if (!Encoder.Create(bits, sink).TryEncode(y, Here, out _, out _))
            {
                bytes.RemoveRange(start, bytes.Count - start);
                return false;
            }
            bytes.AddRange(sink.Bytes);
            bool transfers = x.FlowControl is not (FlowControl.Next or FlowControl.Interrupt or FlowControl.Exception);
            // What a branch that is taken leaves out.
            byte[] skipped = transfers ? [(byte)(0xB8 + (random.Next(2) == 0 ? 0 : 2)), 0x78, 0x56, 0x34, 0x12] : [];
            bytes.AddRange(skipped);
            after = Here;
        }
        Normalise(in x, info, count);
        return true;
    }

    private void Normalise(in Instruction x, OpCodeInfo info, int count)
    {
        var used = new InstructionInfoFactory();
        if (used.GetInfo(in x).GetUsedRegisters().Any(r => r.Register.GetFullRegister32() == Register.ESP && r.Access is not (OpAccess.Read or OpAccess.CondRead)))
        {
            // mov [ss:slot], esp; mov esp, Stack
            AddMemory32([0x36, 0x89, 0x25, .. BitConverter.GetBytes(Window.SavedStack + ((uint)Forms.Count * 4))]);
            Add32([0xBC, .. BitConverter.GetBytes(Window.Stack)]);
        }
        uint undefined = UndefinedFlags.After(in x, Width(in x, info), count);
        if (undefined != 0)
        {
            // pushfd; and dword [esp], ~undefined; popfd
            Add32(0x9C);
            AddMemory32([0x81, 0x24, 0x24, .. BitConverter.GetBytes(~undefined)]);
            Add32(0x9D);
        }
    }

    private static int Width(in Instruction x, OpCodeInfo info) =>
        x.OpCount == 0 ? info.OperandSize : x.Op0Kind == OpKind.Register ? x.Op0Register.GetSize() * 8 : x.MemorySize.GetSize() * 8;

    // mov dword [ss:linear], value
    private void Store(uint linear, uint value) => AddMemory32([0x36, 0xC7, 0x05, .. BitConverter.GetBytes(linear), .. BitConverter.GetBytes(value)]);

    // An instruction of 32-bit operand size, and one with a 32-bit address as well, whatever the code's width.
    private void Add32(params ReadOnlySpan<byte> instruction)
    {
        if (bits == 16)
        {
            bytes.Add(0x66);
        }
        bytes.AddRange(instruction);
    }

    private void AddMemory32(ReadOnlySpan<byte> instruction)
    {
        if (bits == 16)
        {
            bytes.Add(0x67);
        }
        Add32(instruction);
    }

    private static bool IsSegmentLoad(OpCodeInfo info) =>
        (info.Mnemonic == Mnemonic.Mov && info.GetOpKind(0) == OpCodeOperandKind.seg_reg) || info.Code is Code.Popw_ES or Code.Popd_ES or Code.Popw_DS
            or Code.Popd_DS or Code.Popw_SS or Code.Popd_SS or Code.Popw_FS or Code.Popd_FS or Code.Popw_GS or Code.Popd_GS;

    private bool SetRegister(ref Instruction x, int n, OpCodeOperandKind kind, out bool isMemory)
    {
        bool memory = random.Next(2) == 0;
        isMemory = false;
        Register? r = kind switch
        {
            OpCodeOperandKind.r8_reg or OpCodeOperandKind.r8_opcode => Register.AL + random.Next(8),
            OpCodeOperandKind.r16_reg or OpCodeOperandKind.r16_opcode or OpCodeOperandKind.r16_rm or OpCodeOperandKind.r16_reg_mem => Register.AX + random.Next(8),
            OpCodeOperandKind.r32_reg or OpCodeOperandKind.r32_opcode or OpCodeOperandKind.r32_rm or OpCodeOperandKind.r32_reg_mem => Register.EAX + random.Next(8),
            OpCodeOperandKind.r8_or_mem => memory ? null : Register.AL + random.Next(8),
            OpCodeOperandKind.r16_or_mem => memory ? null : Register.AX + random.Next(8),
            OpCodeOperandKind.r32_or_mem => memory ? null : Register.EAX + random.Next(8),
            OpCodeOperandKind.r32_or_mem_mpx => memory ? null : Register.EAX + random.Next(8),
            OpCodeOperandKind.al => Register.AL,
            OpCodeOperandKind.cl => Register.CL,
            OpCodeOperandKind.ax => Register.AX,
            OpCodeOperandKind.dx => Register.DX,
            OpCodeOperandKind.eax => Register.EAX,
            OpCodeOperandKind.es => Register.ES,
            OpCodeOperandKind.cs => Register.CS,
            OpCodeOperandKind.ss => Register.SS,
            OpCodeOperandKind.ds => Register.DS,
            OpCodeOperandKind.fs => Register.FS,
            OpCodeOperandKind.gs => Register.GS,
            // CS can't be loaded.
            OpCodeOperandKind.seg_reg when n == 0 => Loadable[random.Next(IntegerHost.HasFsGs ? 5 : 3)],
            OpCodeOperandKind.seg_reg => Register.ES + random.Next(6),
            _ => Register.None,
        };
        if (r is null || kind is OpCodeOperandKind.mem or OpCodeOperandKind.mem_offs)
        {
            x.SetOpKind(n, OpKind.Memory);
            isMemory = true;
            return true;
        }
        if (r == Register.None)
        {
            return false;
        }
        x.SetOpKind(n, OpKind.Register);
        x.SetOpRegister(n, r.Value);
        return true;
    }

    private bool SetOther(ref Instruction x, int n, OpCodeOperandKind kind, bool isMemory)
    {
        bool sixteen = Local && (x.Op0Kind is OpKind.MemoryESDI or OpKind.MemorySegSI || x.Op1Kind is OpKind.MemoryESDI or OpKind.MemorySegSI
            || (n == 0 ? random.Next(2) == 0 : false));
        switch (kind)
        {
            case OpCodeOperandKind.imm8: x.SetOpKind(n, n > 0 && x.GetOpKind(n - 1) == OpKind.Immediate16 ? OpKind.Immediate8_2nd : OpKind.Immediate8); break;
            case OpCodeOperandKind.imm8_const_1: x.SetOpKind(n, OpKind.Immediate8); x.Immediate8 = 1; return true;
            case OpCodeOperandKind.imm8sex16: x.SetOpKind(n, OpKind.Immediate8to16); x.Immediate8to16 = (sbyte)random.Next(256); return true;
            case OpCodeOperandKind.imm8sex32: x.SetOpKind(n, OpKind.Immediate8to32); x.Immediate8to32 = (sbyte)random.Next(256); return true;
            case OpCodeOperandKind.imm16: x.SetOpKind(n, OpKind.Immediate16); x.Immediate16 = (ushort)RandomValues.Next(random); return true;
            case OpCodeOperandKind.imm32: x.SetOpKind(n, OpKind.Immediate32); x.Immediate32 = RandomValues.Next(random); return true;
            case OpCodeOperandKind.seg_rSI: x.SetOpKind(n, sixteen ? OpKind.MemorySegSI : OpKind.MemorySegESI); return true;
            case OpCodeOperandKind.es_rDI: x.SetOpKind(n, sixteen ? OpKind.MemoryESDI : OpKind.MemoryESEDI); return true;
            case OpCodeOperandKind.seg_rBX_al:
                x.SetOpKind(n, OpKind.Memory);
                x.MemoryBase = sixteen ? Register.BX : Register.EBX;
                x.MemoryIndex = Register.AL;
                return true;
            case OpCodeOperandKind.br16_1 or OpCodeOperandKind.br16_2: x.SetOpKind(n, OpKind.NearBranch16); return true;
            case OpCodeOperandKind.br32_1 or OpCodeOperandKind.br32_4: x.SetOpKind(n, OpKind.NearBranch32); return true;
            case OpCodeOperandKind.farbr2_2: x.SetOpKind(n, OpKind.FarBranch16); return true;
            case OpCodeOperandKind.farbr4_2: x.SetOpKind(n, OpKind.FarBranch32); return true;
            default: return isMemory;
        }
        if (x.GetOpKind(n) == OpKind.Immediate8_2nd)
        {
            x.Immediate8_2nd = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(4));
        }
        else
        {
            x.Immediate8 = (byte)random.Next(256);
        }
        return true;
    }

    // What particular instructions need to run on, most of the time without an exception.
    private void Prepare(ref Instruction x, OpCodeInfo info, OperandPlan plan, List<(uint Linear, uint Value)> memory, uint target, ref int count)
    {
        uint any = RandomValues.Next(random);
        switch (x.Mnemonic)
        {
            case Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr or Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar:
                count = x.Op1Kind == OpKind.Register ? random.Next(256) : x.Immediate8;
                plan.TryClaim(x.Op1Kind == OpKind.Register ? Register.ECX : Register.ESP, (any & ~0xFFu) | (uint)count);
                break;
            case Mnemonic.Shld or Mnemonic.Shrd:
                // With more than 16 the 16-bit forms are undefined altogether.
                count = (random.Next(256) & ~31) | random.Next(info.OperandSize == 16 ? 17 : 32);
                if (x.Op2Kind == OpKind.Register)
                {
                    plan.TryClaim(Register.ECX, (any & ~0xFFu) | (uint)count);
                }
                else
                {
                    x.Immediate8 = (byte)count;
                }
                break;
            case Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc when x.Op0Kind == OpKind.Memory && x.Op1Kind == OpKind.Register:
                plan.TryClaim(x.Op1Register.GetFullRegister32(), info.OperandSize == 16 ? (any & ~0xFFFFu) | (ushort)random.Next(-0x7000, 0x7000) : (uint)random.Next(-0x7000, 0x7000));
                break;
            case Mnemonic.Div or Mnemonic.Idiv or Mnemonic.Aam when random.Next(4) != 0:
                plan.TryClaim(Register.EDX, x.Mnemonic == Mnemonic.Idiv && random.Next(2) == 0 ? ~(uint)random.Next(4) : (uint)random.Next(4));
                if (Width(in x, info) == 8)
                {
                    plan.TryClaim(Register.EAX, x.Mnemonic == Mnemonic.Idiv ? (uint)random.Next(-0x800, 0x800) : (uint)random.Next(0x1000));
                }
                break;
            case Mnemonic.Xlatb:
                plan.TryClaim(Register.EBX, x.MemoryBase == Register.BX ? (any & ~0xFFFFu) | (ushort)plan.Offset(target) : plan.Offset(target));
                break;
            case Mnemonic.Cmpxchg when random.Next(2) == 0:
                plan.TryClaim(Register.EAX, any);
                memory.Add((target, any));
                break;
            case Mnemonic.Cmpxchg8b when random.Next(2) == 0:
                plan.TryClaim(Register.EAX, any);
                plan.TryClaim(Register.EDX, ~any);
                memory.AddRange([(target, any), (target + 4, ~any)]);
                break;
            case Mnemonic.Enter:
                x.Immediate16 = (ushort)random.Next(0x100);
                plan.TryClaim(Register.EBP, Window.Stack + (uint)random.Next(0x200));
                break;
            case Mnemonic.Leave:
                plan.TryClaim(Register.EBP, Window.Stack + (uint)random.Next(0x200));
                break;
            case Mnemonic.Popf or Mnemonic.Popfd:
                // Not TF, AC, RF and VM.
                memory.Add((Window.Stack, any & ~(1u << 8 | 1u << 18 | 3u << 16)));
                break;
            case Mnemonic.Bound when random.Next(4) != 0:
                memory.AddRange(info.OperandSize == 16 ? [(target, 0x7FFF_8000)] : [(target, 0x8000_0000), (target + 4, 0x7FFF_FFFF)]);
                break;
            case Mnemonic.Lar or Mnemonic.Lsl or Mnemonic.Verr or Mnemonic.Verw:
                ReadOnlySpan<uint> selectors = [0, 3, 0x10, 0x13, 0x20, 0x23, 0x28, 0x2B];
                uint selector = selectors[random.Next(selectors.Length)] | (any & ~0xFFFFu);
                int source = x.OpCount - 1;
                memory.Add((target, selector));
                if (x.GetOpKind(source) == OpKind.Register)
                {
                    if (x.GetOpRegister(source).GetFullRegister32() == Register.ESP)
                    {
                        x.SetOpRegister(source, x.GetOpRegister(source) == Register.ESP ? Register.ECX : Register.CX);
                    }
                    plan.TryClaim(x.GetOpRegister(source).GetFullRegister32(), selector);
                }
                break;
            case Mnemonic.Mov when IsSegmentLoad(info):
                uint data = Window.DataSelector | (any & ~0xFFFFu);
                memory.Add((target, data));
                if (x.Op1Kind == OpKind.Register)
                {
                    if (x.Op1Register.GetFullRegister32() == Register.ESP)
                    {
                        x.Op1Register = x.Op1Register == Register.ESP ? Register.EBX : Register.BX;
                    }
                    plan.TryClaim(x.Op1Register.GetFullRegister32(), data);
                }
                break;
            case Mnemonic.Pop when IsSegmentLoad(info):
                memory.Add((Window.Stack, Window.DataSelector | (any & ~0xFFFFu)));
                break;
            case Mnemonic.Push when x.Op0Kind == OpKind.Register && x.Op0Register.IsSegmentRegister():
                // The upper half of a 32-bit push may or may not be written.
                memory.Add((Window.Stack - 4, 0));
                break;
            case Mnemonic.Lds or Mnemonic.Les or Mnemonic.Lss or Mnemonic.Lfs or Mnemonic.Lgs:
                memory.AddRange([(target, any), (target + (uint)(info.OperandSize / 8), Window.DataSelector)]);
                break;
        }
        PrepareString(ref x, plan);
    }

    private void PrepareString(ref Instruction x, OperandPlan plan)
    {
        bool sixteen = x.Op0Kind is OpKind.MemorySegSI or OpKind.MemoryESDI || x.Op1Kind is OpKind.MemorySegSI or OpKind.MemoryESDI;
        if (!sixteen && !(x.Op0Kind is OpKind.MemorySegESI or OpKind.MemoryESEDI || x.Op1Kind is OpKind.MemorySegESI or OpKind.MemoryESEDI))
        {
            return;
        }
        uint upper = sixteen ? (uint)random.Next(0x10000) << 16 : 0, from = plan.Offset(Window.Middle + (uint)random.Next(0x800)),
            to = random.Next(2) == 0 ? from + (uint)random.Next(-12, 13) : plan.Offset(Window.Middle + (uint)random.Next(0x800));
        plan.TryClaim(Register.ESI, upper | from);
        plan.TryClaim(Register.EDI, upper | to);
        if (random.Next(3) != 0)
        {
            plan.TryClaim(Register.ECX, (uint)random.Next(40) | upper);
            x.HasRepPrefix = random.Next(2) == 0;
            x.HasRepnePrefix = !x.HasRepPrefix;
        }
        if (random.Next(4) == 0 && (x.Op0Kind is OpKind.MemorySegSI or OpKind.MemorySegESI || x.Op1Kind is OpKind.MemorySegSI or OpKind.MemorySegESI))
        {
            x.SegmentPrefix = Loadable[random.Next(2) == 0 ? 0 : IntegerHost.HasFsGs ? random.Next(2, 5) : 2];
        }
    }
}
