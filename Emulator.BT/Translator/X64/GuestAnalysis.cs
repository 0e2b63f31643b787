using Emulator.BT.Decode;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>Decides how each guest instruction is done on the host, by what Iced knows of it.</summary>
internal sealed unsafe class GuestAnalysis
{
    private readonly InstructionInfoFactory factory = new();

    /// <summary>Looks at one instruction.</summary>
    /// <param name="x">As decoded.</param>
    /// <param name="record">The interpreter's record of it.</param>
    /// <param name="isUndefined">The processor model does not have it.</param>
    public GuestInsn Analyse(in Instruction x, Insn* record, bool isUndefined)
    {
        var i = new GuestInsn { X = x, Record = record, Kind = isUndefined || x.IsInvalid ? HostKind.Trap : KindOf(in x) };
        if (i.IsOpaque || i.Kind == HostKind.Nop)
        {
            return i;
        }
        InstructionInfo info = factory.GetInfo(x);
        foreach (UsedRegister used in info.GetUsedRegisters())
        {
            if (used.Register.IsGPR())
            {
                int bit = 1 << used.Register.GetNumber() % 8;
                Register full = used.Register.GetFullRegister32();
                bit = full == Register.None ? bit : 1 << (full - Register.EAX);
                i.Reads |= IsRead(used.Access) ? bit : 0;
                i.Writes |= IsWrite(used.Access) ? bit : 0;
            }
        }
        i.FlagsRead = x.RflagsRead & GuestInsn.Arithmetic;
        i.FlagsWritten = x.RflagsModified & GuestInsn.Arithmetic;
        i.FlagsUndefined = x.RflagsUndefined & GuestInsn.Arithmetic;
        i.SetsAll = i.FlagsWritten == GuestInsn.Arithmetic;
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) == OpKind.Memory && x.Mnemonic != Mnemonic.Lea)
            {
                i.MemoryBytes = x.MemorySize.GetSize();
                i.WritesMemory = IsWrite(info.GetOpAccess(n));
            }
        }
        i.Unit = IsSimd(in x) ? HostUnits.Simd : i.Kind == HostKind.LoadControl || X87Rules.IsCopied(in x) || X87Rules.IsMmx(in x) ? HostUnits.Fpu : 0;
        i.SetsPointers = X87Rules.SetsPointers(in x);
        i.IsAligned = i.Unit == HostUnits.Simd && i.MemoryBytes == 16 && x.Mnemonic is not (Mnemonic.Movups or Mnemonic.Movupd or Mnemonic.Movdqu);
        ShiftRules(in x, ref i);
        if (i.Kind == HostKind.Divide)
        {
            // The semantics leave the flags alone.
            i.FlagsWritten = i.FlagsUndefined = 0;
            i.SetsAll = false;
        }
        return Settle(in x, i);
    }

    private static void ShiftRules(in Instruction x, ref GuestInsn i)
    {
        i.Fix = x.Mnemonic switch
        {
            Mnemonic.Shl or Mnemonic.Sal => FlagFix.ShiftLeft,
            Mnemonic.Shr => FlagFix.ShiftRight,
            Mnemonic.Sar => FlagFix.ShiftArithmetic,
            Mnemonic.Rol or Mnemonic.Rcl => FlagFix.RotateLeft,
            Mnemonic.Ror or Mnemonic.Rcr => FlagFix.RotateRight,
            Mnemonic.Shld or Mnemonic.Shrd => FlagFix.DoubleShift,
            Mnemonic.Mul or Mnemonic.Imul => FlagFix.Multiply,
            Mnemonic.Bsf or Mnemonic.Bsr => FlagFix.Scan,
            _ => FlagFix.None,
        };
        bool counts = i.Fix is >= FlagFix.ShiftLeft and <= FlagFix.RotateRight or FlagFix.DoubleShift;
        if (!counts)
        {
            return;
        }
        int last = x.OpCount - 1;
        i.CountInCl = x.GetOpKind(last) == OpKind.Register;
        int count = i.CountInCl ? -1 : (int)x.GetImmediate(last) & 31;
        if (count == 0)
        {
            i.FlagsWritten = i.FlagsUndefined = 0;
            i.Fix = FlagFix.None;
        }
        else if (count == 1 && i.Fix is FlagFix.RotateLeft or FlagFix.RotateRight)
        {
            i.Fix = FlagFix.None;
            i.FlagsUndefined = 0;
        }
        else
        {
            i.FlagsUndefined |= RflagsBits.OF;
            // Two zeros or more came in on top.
            i.Fix = count > 1 && i.Fix == FlagFix.ShiftRight ? FlagFix.ShiftArithmetic : i.Fix;
        }
        i.SetsAll &= !i.CountInCl && count != 0;
        int width = i.MemoryBytes != 0 && x.GetOpKind(0) == OpKind.Memory ? i.MemoryBytes * 8 : x.Op0Register.GetSize() * 8;
        bool throughCarry = x.Mnemonic is Mnemonic.Rcl or Mnemonic.Rcr;
        bool shifts = i.Fix is FlagFix.ShiftLeft or FlagFix.ShiftRight or FlagFix.ShiftArithmetic or FlagFix.DoubleShift;
        if (width < 32 && (shifts || throughCarry) && (i.CountInCl || count >= width))
        {
            // Bits shifted out beyond the operand: the manual leaves CF undefined (double shifts: the result as well).
            i.Kind = HostKind.Trap;
        }
    }

    // Forms whose encoding or rules 64-bit code has not.
    private static GuestInsn Settle(in Instruction x, GuestInsn i)
    {
        bool high = false, stack = false;
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) == OpKind.Register)
            {
                high |= IsHighByte(x.GetOpRegister(n));
                stack |= x.GetOpRegister(n) is Register.ESP or Register.SP;
            }
        }
        bool implicitAl = x.Mnemonic is Mnemonic.Cmpxchg or Mnemonic.Mul or Mnemonic.Imul or Mnemonic.Div or Mnemonic.Idiv;
        bool bitString = x.Mnemonic is Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && i.MemoryBytes != 0 && x.Op1Kind == OpKind.Register;
        if ((high && (stack || (implicitAl && i.MemoryBytes != 0))) || bitString)
        {
            i.Kind = HostKind.Trap;
        }
        return i;
    }

    /// <summary>True for AH CH DH BH, which no instruction with a REX prefix can name.</summary>
    public static bool IsHighByte(Register r) => r is Register.AH or Register.CH or Register.DH or Register.BH;

    private static bool IsRead(OpAccess a) => a is OpAccess.Read or OpAccess.CondRead or OpAccess.ReadWrite or OpAccess.ReadCondWrite;

    private static bool IsWrite(OpAccess a) => a is OpAccess.Write or OpAccess.CondWrite or OpAccess.ReadWrite or OpAccess.ReadCondWrite;

    private static HostKind KindOf(in Instruction x)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Add or Mnemonic.Adc or Mnemonic.Sub or Mnemonic.Sbb or Mnemonic.Cmp or Mnemonic.And or Mnemonic.Or or Mnemonic.Xor
                or Mnemonic.Test or Mnemonic.Inc or Mnemonic.Dec or Mnemonic.Neg or Mnemonic.Not or Mnemonic.Movzx or Mnemonic.Movsx
                or Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg or Mnemonic.Cmpxchg8b or Mnemonic.Cbw or Mnemonic.Cwde or Mnemonic.Cwd or Mnemonic.Cdq
                or Mnemonic.Shl or Mnemonic.Sal or Mnemonic.Shr or Mnemonic.Sar or Mnemonic.Rol or Mnemonic.Ror or Mnemonic.Rcl or Mnemonic.Rcr
                or Mnemonic.Shld or Mnemonic.Shrd or Mnemonic.Mul or Mnemonic.Imul or Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr
                or Mnemonic.Btc or Mnemonic.Bsf or Mnemonic.Bsr or Mnemonic.Clc or Mnemonic.Stc or Mnemonic.Cmc or Mnemonic.Lahf or Mnemonic.Sahf:
                return HostKind.Copy;
            case Mnemonic.Mov:
                return IsPlain(in x, 0) && IsPlain(in x, 1) ? HostKind.Copy
                    : x.Op0Kind == OpKind.Register && x.Op0Register.IsGPR() && x.Op1Register.IsSegmentRegister() ? HostKind.ReadSegment
                    : IsLoadable(in x) ? HostKind.LoadSegment : HostKind.Trap;
            case Mnemonic.Bswap:
                return x.Op0Register.IsGPR32() ? HostKind.Copy : HostKind.Trap;
            case Mnemonic.Lea:
                return x.Op1Kind == OpKind.Memory ? HostKind.Lea : HostKind.Trap;
            case Mnemonic.Nop or Mnemonic.Pause or Mnemonic.Reservednop:
                return HostKind.Nop;
            case Mnemonic.Push:
                return IsPlain(in x, 0) ? HostKind.Push : x.Op0Register.IsSegmentRegister() ? HostKind.PushSegment : HostKind.Trap;
            case Mnemonic.Pusha or Mnemonic.Pushad:
                return HostKind.PushAll;
            case Mnemonic.Popa or Mnemonic.Popad:
                return HostKind.PopAll;
            case Mnemonic.Pop:
                return x.Op0Kind == OpKind.Register && x.Op0Register.IsGPR() ? HostKind.Pop : IsLoadable(in x) ? HostKind.LoadSegment : HostKind.Trap;
            case Mnemonic.Sysenter or Mnemonic.Sysexit or Mnemonic.Int or Mnemonic.Iretd:
                return HostKind.PrivilegeChange;
            case Mnemonic.Les or Mnemonic.Lds or Mnemonic.Lfs or Mnemonic.Lgs:
                return x.Op1Kind == OpKind.Memory ? HostKind.LoadSegment : HostKind.Trap;
            case Mnemonic.Leave:
                return HostKind.Leave;
            case Mnemonic.Div or Mnemonic.Idiv:
                return x.MemorySize.GetSize() == 4 || (x.Op0Kind == OpKind.Register && x.Op0Register.IsGPR32()) ? HostKind.Divide : HostKind.Trap;
            case Mnemonic.Jmp or Mnemonic.Call or Mnemonic.Ret or Mnemonic.Loop or Mnemonic.Jecxz or Mnemonic.Jcxz:
                return x.FlowControl switch
                {
                    FlowControl.UnconditionalBranch => IsNear(in x) ? HostKind.Jump : HostKind.Trap,
                    FlowControl.IndirectBranch => IsFar(in x) ? HostKind.Trap : HostKind.JumpIndirect,
                    FlowControl.Call => IsNear(in x) ? HostKind.Call : HostKind.Trap,
                    FlowControl.IndirectCall => IsFar(in x) ? HostKind.Trap : HostKind.CallIndirect,
                    FlowControl.Return => HostKind.Return,
                    _ => IsNear(in x) ? HostKind.Loop : HostKind.Trap,
                };
            case Mnemonic.Cli or Mnemonic.Sti or Mnemonic.Cld or Mnemonic.Std or Mnemonic.Pushf or Mnemonic.Pushfd or Mnemonic.Popf or Mnemonic.Popfd:
                return HostKind.FlagControl;
            case Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd or Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd:
                return x.HasRepPrefix || x.HasRepnePrefix ? HostKind.Repeat : HostKind.StringOnce;
            case Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd or Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd
                when x.IsStringInstruction:
                return x.HasRepPrefix || x.HasRepnePrefix ? HostKind.Repeat : HostKind.StringOnce;
            case Mnemonic.Sfence or Mnemonic.Lfence or Mnemonic.Mfence or Mnemonic.Prefetcht0 or Mnemonic.Prefetcht1 or Mnemonic.Prefetcht2 or Mnemonic.Prefetchnta:
                return HostKind.Nop;
            default:
                break;
        }
        if (x.Mnemonic == Mnemonic.Fldcw)
        {
            return HostKind.LoadControl;
        }
        if (IsSimd(in x) || X87Rules.IsCopied(in x) || X87Rules.IsMmx(in x))
        {
            return HostKind.Copy;
        }
        if (x.ConditionCode == ConditionCode.None || x.Mnemonic is Mnemonic.Loope or Mnemonic.Loopne)
        {
            return HostKind.Trap;
        }
        return x.FlowControl == FlowControl.ConditionalBranch ? IsNear(in x) ? HostKind.Jcc : HostKind.Trap
            : x.OpCount == 1 || x.Op0Register.IsGPR() ? HostKind.Copy : HostKind.Trap;
    }

    // SS holds interrupts off, and CS cannot be loaded so.
    private static bool IsLoadable(in Instruction x) =>
        x.Op0Kind == OpKind.Register && x.Op0Register is Register.ES or Register.DS or Register.FS or Register.GS;

    // SSE and SSE2 on XMM registers, but for what reads or writes MXCSR or MMX registers, and the approximations, which differ between makers.
    private static bool IsSimd(in Instruction x)
    {
        foreach (CpuidFeature feature in x.CpuidFeatures)
        {
            if (feature is not (CpuidFeature.SSE or CpuidFeature.SSE2))
            {
                return false;
            }
        }
        for (int n = 0; n < x.OpCount; n++)
        {
            if (x.GetOpKind(n) is not (OpKind.Register or OpKind.Memory or OpKind.Immediate8) || (x.GetOpKind(n) == OpKind.Register && x.GetOpRegister(n).IsMM()))
            {
                return false;
            }
        }
        return x.CpuidFeatures.Length > 0 && x.OpCount > 1
            && x.Mnemonic is not (Mnemonic.Rcpps or Mnemonic.Rcpss or Mnemonic.Rsqrtps or Mnemonic.Rsqrtss or Mnemonic.Maskmovdqu);
    }

    private static bool IsFar(in Instruction x) => x.MemorySize is MemorySize.SegPtr16 or MemorySize.SegPtr32 or MemorySize.SegPtr64;

    // Not where 32-bit code cuts its target to 16 bits: that depends on where the code lies.
    private static bool IsNear(in Instruction x) => x.Op0Kind == OpKind.NearBranch32 || (x.Op0Kind == OpKind.NearBranch16 && x.CodeSize == CodeSize.Code16);

    // A general register, memory or an immediate.
    private static bool IsPlain(in Instruction x, int n) =>
        x.GetOpKind(n) is OpKind.Memory or >= OpKind.Immediate8 and <= OpKind.Immediate32to64 || (x.GetOpKind(n) == OpKind.Register && x.GetOpRegister(n).IsGPR());
}
