using System.Runtime.CompilerServices;
using Emulator.BT.Helpers;
using Emulator.BT.Model;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Decode;

/// <summary>
/// One row for each instruction: which semantics or helper means it. Whatever has no row, or belongs to a feature that the
/// processor model lacks, is #UD.
/// </summary>
public static unsafe class InsnTable
{
    /// <summary>The row of an instruction; sets the sub-operation bits of <paramref name="i"/> where the row needs them.</summary>
    public static Row Find(in Instruction x, CpuModel model, ref Insn i)
    {
        if (x.Code == Code.INVALID)
        {
            return Undefined;
        }
        bool wide = (i.Extra & InsnFlags.Operand32) != 0;
        int width = wide ? 32 : 16;
        switch (x.Mnemonic)
        {
            case Mnemonic.Add: return Forms.Binary<Add>(in x);
            case Mnemonic.Adc: return Forms.Binary<Adc>(in x);
            case Mnemonic.Sub: return Forms.Binary<Sub>(in x);
            case Mnemonic.Sbb: return Forms.Binary<Sbb>(in x);
            case Mnemonic.Cmp: return Forms.Binary<Cmp>(in x);
            case Mnemonic.And: return Forms.Binary<And>(in x);
            case Mnemonic.Or: return Forms.Binary<Or>(in x);
            case Mnemonic.Xor: return Forms.Binary<Xor>(in x);
            case Mnemonic.Test: return Forms.Binary<Test>(in x);
            case Mnemonic.Inc: return Forms.Unary<Inc>(in x);
            case Mnemonic.Dec: return Forms.Unary<Dec>(in x);
            case Mnemonic.Neg: return Forms.Unary<Neg>(in x);
            case Mnemonic.Not: return Forms.Unary<Not>(in x);
            case Mnemonic.Mov: return Move(in x, ref i);
            case Mnemonic.Movzx: return Forms.Extend<No>(in x);
            case Mnemonic.Movsx: return Forms.Extend<Yes>(in x);
            case Mnemonic.Lea: return Forms.Plain<Lea>(in x);
            case Mnemonic.Xchg: return Forms.Plain<Xchg>(in x);
            case Mnemonic.Xadd: return Forms.Plain<Xadd>(in x);
            case Mnemonic.Cmpxchg: return Forms.Plain<Cmpxchg>(in x);
            case Mnemonic.Bswap: return Forms.Unary<Bswap>(in x);
            case Mnemonic.Cbw: return Row.Of<Plain<Cbw, W16>>();
            case Mnemonic.Cwde: return Row.Of<Plain<Cbw, W32>>();
            case Mnemonic.Cwd: return Row.Of<Plain<Cwd, W16>>();
            case Mnemonic.Cdq: return Row.Of<Plain<Cwd, W32>>();
            case Mnemonic.Xlatb: return Row.Of<Plain<Xlat, W8>>();
            case Mnemonic.Shl or Mnemonic.Sal: return Forms.Shift<Shl>(in x);
            case Mnemonic.Shr: return Forms.Shift<Shr>(in x);
            case Mnemonic.Sar: return Forms.Shift<Sar>(in x);
            case Mnemonic.Rol: return Forms.Shift<Rol>(in x);
            case Mnemonic.Ror: return Forms.Shift<Ror>(in x);
            case Mnemonic.Rcl: return RotateThroughCarry(in x, ref i, 0);
            case Mnemonic.Rcr: return RotateThroughCarry(in x, ref i, RotateCarry.Right);
            case Mnemonic.Shld: SetSub(ref i, x.Op2Kind == OpKind.Register ? 1 : 0); return Forms.Plain<Shld>(Forms.Width(in x, 1));
            case Mnemonic.Shrd: SetSub(ref i, x.Op2Kind == OpKind.Register ? 1 : 0); return Forms.Plain<Shrd>(Forms.Width(in x, 1));
            case Mnemonic.Mul: return Forms.Plain<Mul>(in x);
            case Mnemonic.Imul: return x.OpCount switch { 1 => Forms.Plain<Imul1>(in x), 2 => Forms.Binary<Imul2>(in x), _ => Forms.Plain<Imul3>(in x) };
            case Mnemonic.Div: return Forms.Plain<Div>(in x);
            case Mnemonic.Idiv: return Forms.Plain<Idiv>(in x);
            case Mnemonic.Aam: return Helper(&Divide.Aam);
            case Mnemonic.Aad: return Helper(&Divide.Aad);
            case Mnemonic.Aaa: return Helper(&Divide.AsciiAdjust);
            case Mnemonic.Aas: SetSub(ref i, 1); return Helper(&Divide.AsciiAdjust);
            case Mnemonic.Daa: return Helper(&Divide.DecimalAdjust);
            case Mnemonic.Das: SetSub(ref i, 1); return Helper(&Divide.DecimalAdjust);
            case Mnemonic.Bt: return Forms.Bit<Bt>(in x);
            case Mnemonic.Bts: return Forms.Bit<Bts>(in x);
            case Mnemonic.Btr: return Forms.Bit<Btr>(in x);
            case Mnemonic.Btc: return Forms.Bit<Btc>(in x);
            case Mnemonic.Bsf: return Forms.Binary<Bsf>(in x);
            case Mnemonic.Bsr: return Forms.Binary<Bsr>(in x);
            case Mnemonic.Push: return PushRow(in x, ref i, width);
            case Mnemonic.Pop: return PopRow(in x, ref i, width);
            case Mnemonic.Pusha or Mnemonic.Pushad: return Helper(&Misc.Pusha);
            case Mnemonic.Popa or Mnemonic.Popad: return Helper(&Misc.Popa);
            case Mnemonic.Pushf or Mnemonic.Pushfd: return Helper(&InterruptInsns.Pushf);
            case Mnemonic.Popf or Mnemonic.Popfd: return Hard(&InterruptInsns.Popf);
            case Mnemonic.Enter: SetSub(ref i, x.Immediate8_2nd); return Helper(&Misc.Enter);
            case Mnemonic.Leave: return Forms.Plain<Leave>(width);
            case Mnemonic.Nop or Mnemonic.Pause:
                return Row.Of<Plain<Nop, W32>>();
            // NOPs, and hints since SSE, from the Pentium Pro on (SDM Vol. 2B, NOP).
            case Mnemonic.Reservednop: return model.Family >= 6 ? Row.Of<Plain<Nop, W32>>() : Undefined;
            case Mnemonic.Clc: return Row.Of<Plain<Clc, W32>>();
            case Mnemonic.Stc: return Row.Of<Plain<Stc, W32>>();
            case Mnemonic.Cmc: return Row.Of<Plain<Cmc, W32>>();
            case Mnemonic.Cld: return Row.Of<Plain<Cld, W32>>();
            case Mnemonic.Std: return Row.Of<Plain<Std, W32>>();
            case Mnemonic.Lahf: return Row.Of<Plain<Lahf, W32>>();
            case Mnemonic.Sahf: return Row.Of<Plain<Sahf, W32>>();
            case Mnemonic.Salc: return Row.Of<Plain<Salc, W32>>();
            case Mnemonic.Jmp: return JumpRow(in x, width);
            case Mnemonic.Call: return CallRow(in x, width);
            case Mnemonic.Ret: return Forms.Plain<RetNear>(width, BlockEnd.Branch);
            case Mnemonic.Retf: return Hard(&FarTransfers.Return);
            case Mnemonic.Loop: return LoopRow(ref i, 0, width);
            case Mnemonic.Loope: return LoopRow(ref i, 1, width);
            case Mnemonic.Loopne: return LoopRow(ref i, 2, width);
            case Mnemonic.Jcxz or Mnemonic.Jecxz: return LoopRow(ref i, 3, width);
            case Mnemonic.Cmpxchg8b: return model.Has(CpuFeatures.Cx8) ? Helper(&Misc.Cmpxchg8b) : Undefined;
            default: return FindConditional(in x, model, ref i, width) ?? FindString(in x, ref i) ?? FindSystem(in x, model, ref i) ?? FpuRows.Find(in x, model, ref i) ?? SimdRows.Find(in x, model, ref i) ?? Undefined;
        }
    }

    /// <summary>#UD.</summary>
    public static Row Undefined => Hard(&InterruptInsns.Undefined);

    /// <summary>Records sub-operation bits.</summary>
    internal static void SetSub(ref Insn i, int sub) => i.Extra = (ushort)((i.Extra & 0xFF) | sub << 8);

    internal static Row Helper(delegate*<CpuState*, Insn*, bool> helper, [CallerArgumentExpression(nameof(helper))] string name = "") =>
        Row.Helper(helper, BlockEnd.No, name);

    internal static Row Hard(delegate*<CpuState*, Insn*, bool> helper, [CallerArgumentExpression(nameof(helper))] string name = "") =>
        Row.Helper(helper, BlockEnd.Hard, name);

    private static Row Move(in Instruction x, ref Insn i)
    {
        Register to = x.Op0Kind == OpKind.Register ? x.Op0Register : Register.None, from = x.Op1Kind == OpKind.Register ? x.Op1Register : Register.None;
        if (to.IsSegmentRegister())
        {
            return to == Register.CS ? Undefined : to == Register.SS ? Hard(&SegmentInsns.MovToSegment) : Helper(&SegmentInsns.MovToSegment);
        }
        if (from.IsSegmentRegister())
        {
            return Helper(&SegmentInsns.MovFromSegment);
        }
        if (to.IsCR())
        {
            return Hard(&SystemRegisters.WriteControl);
        }
        if (from.IsCR())
        {
            return Helper(&SystemRegisters.ReadControl);
        }
        if (to.IsDR())
        {
            return Hard(&SystemRegisters.WriteDebug);
        }
        if (from.IsDR())
        {
            return Helper(&SystemRegisters.ReadDebug);
        }
        return to.IsTR() || from.IsTR() ? Undefined : Forms.Binary<Mov>(in x);
    }

    private static Row RotateThroughCarry(in Instruction x, ref Insn i, int direction)
    {
        SetSub(ref i, Forms.Width(in x, 0) / 8 | direction | (x.Op1Kind == OpKind.Register ? RotateCarry.CountInCl : 0));
        return Helper(&RotateCarry.Run);
    }

    private static Row PushRow(in Instruction x, ref Insn i, int width) =>
        x.Op0Kind == OpKind.Register && x.Op0Register.IsSegmentRegister() ? Helper(&SegmentInsns.PushSegment) : Forms.Push(in x, width);

    private static Row PopRow(in Instruction x, ref Insn i, int width)
    {
        if (x.Op0Kind == OpKind.Memory)
        {
            if (x.MemoryBase is Register.ESP)
            {
                i.Disp += width / 8;
            }
            return Forms.Plain<PopMemory>(width);
        }
        if (!x.Op0Register.IsSegmentRegister())
        {
            return Forms.Plain<PopRegister>(width);
        }
        return x.Op0Register == Register.SS ? Hard(&SegmentInsns.PopSegment) : Helper(&SegmentInsns.PopSegment);
    }

    private static Row JumpRow(in Instruction x, int width) => x.Op0Kind switch
    {
        OpKind.NearBranch16 or OpKind.NearBranch32 => Forms.Plain<JmpRelative>(width, BlockEnd.Branch),
        OpKind.FarBranch16 or OpKind.FarBranch32 => Hard(&FarTransfers.JmpImmediate),
        OpKind.Memory when IsFarPointer(in x) => Hard(&FarTransfers.JmpMemory),
        _ => Forms.Plain<JmpIndirect>(width, BlockEnd.Branch),
    };

    private static Row CallRow(in Instruction x, int width) => x.Op0Kind switch
    {
        OpKind.NearBranch16 or OpKind.NearBranch32 => Forms.Plain<CallRelative>(width, BlockEnd.Branch),
        OpKind.FarBranch16 or OpKind.FarBranch32 => Hard(&FarTransfers.CallImmediate),
        OpKind.Memory when IsFarPointer(in x) => Hard(&FarTransfers.CallMemory),
        _ => Forms.Plain<CallIndirect>(width, BlockEnd.Branch),
    };

    private static bool IsFarPointer(in Instruction x) => x.MemorySize is MemorySize.SegPtr16 or MemorySize.SegPtr32 or MemorySize.SegPtr64;

    private static Row LoopRow(ref Insn i, int kind, int width)
    {
        SetSub(ref i, kind);
        return (i.Extra & InsnFlags.Address32) != 0
            ? Forms.Plain<Loop<W32>>(width, BlockEnd.Branch)
            : Forms.Plain<Loop<W16>>(width, BlockEnd.Branch);
    }

    private static Row? FindConditional(in Instruction x, CpuModel model, ref Insn i, int width)
    {
        ConditionCode condition = x.ConditionCode;
        if (condition == ConditionCode.None)
        {
            return null;
        }
        int code = (int)condition - 1;
        if (x.FlowControl == FlowControl.ConditionalBranch)
        {
            return code switch
            {
                0 => Forms.Plain<Jcc<CcO>>(width, BlockEnd.Branch),
                1 => Forms.Plain<Jcc<CcNo>>(width, BlockEnd.Branch),
                2 => Forms.Plain<Jcc<CcB>>(width, BlockEnd.Branch),
                3 => Forms.Plain<Jcc<CcAe>>(width, BlockEnd.Branch),
                4 => Forms.Plain<Jcc<CcE>>(width, BlockEnd.Branch),
                5 => Forms.Plain<Jcc<CcNe>>(width, BlockEnd.Branch),
                6 => Forms.Plain<Jcc<CcBe>>(width, BlockEnd.Branch),
                7 => Forms.Plain<Jcc<CcA>>(width, BlockEnd.Branch),
                8 => Forms.Plain<Jcc<CcS>>(width, BlockEnd.Branch),
                9 => Forms.Plain<Jcc<CcNs>>(width, BlockEnd.Branch),
                10 => Forms.Plain<Jcc<CcP>>(width, BlockEnd.Branch),
                11 => Forms.Plain<Jcc<CcNp>>(width, BlockEnd.Branch),
                12 => Forms.Plain<Jcc<CcL>>(width, BlockEnd.Branch),
                13 => Forms.Plain<Jcc<CcGe>>(width, BlockEnd.Branch),
                14 => Forms.Plain<Jcc<CcLe>>(width, BlockEnd.Branch),
                _ => Forms.Plain<Jcc<CcG>>(width, BlockEnd.Branch),
            };
        }
        SetSub(ref i, code);
        if (x.OpCount == 1)
        {
            return Row.Of<Plain<Setcc, W8>>();
        }
        return x.Op0Register.IsGPR() ? (model.Has(CpuFeatures.Cmov) ? Forms.Plain<Cmovcc>(in x) : Undefined) : null;
    }

    private static Row? FindString(in Instruction x, ref Insn i)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Movsb: return Strings(ref i, 1, &StringOps.Movs);
            case Mnemonic.Movsw: return Strings(ref i, 2, &StringOps.Movs);
            case Mnemonic.Movsd when x.Code == Code.Movsd_m32_m32: return Strings(ref i, 4, &StringOps.Movs);
            case Mnemonic.Stosb: return Strings(ref i, 1, &StringOps.Stos);
            case Mnemonic.Stosw: return Strings(ref i, 2, &StringOps.Stos);
            case Mnemonic.Stosd: return Strings(ref i, 4, &StringOps.Stos);
            case Mnemonic.Lodsb: return Strings(ref i, 1, &StringOps.Lods);
            case Mnemonic.Lodsw: return Strings(ref i, 2, &StringOps.Lods);
            case Mnemonic.Lodsd: return Strings(ref i, 4, &StringOps.Lods);
            case Mnemonic.Cmpsb: return Strings(ref i, 1, &StringOps.Cmps);
            case Mnemonic.Cmpsw: return Strings(ref i, 2, &StringOps.Cmps);
            case Mnemonic.Cmpsd when x.Code == Code.Cmpsd_m32_m32: return Strings(ref i, 4, &StringOps.Cmps);
            case Mnemonic.Scasb: return Strings(ref i, 1, &StringOps.Scas);
            case Mnemonic.Scasw: return Strings(ref i, 2, &StringOps.Scas);
            case Mnemonic.Scasd: return Strings(ref i, 4, &StringOps.Scas);
            case Mnemonic.Insb: return Strings(ref i, 1, &PortIo.Ins);
            case Mnemonic.Insw: return Strings(ref i, 2, &PortIo.Ins);
            case Mnemonic.Insd: return Strings(ref i, 4, &PortIo.Ins);
            case Mnemonic.Outsb: return Strings(ref i, 1, &PortIo.Outs);
            case Mnemonic.Outsw: return Strings(ref i, 2, &PortIo.Outs);
            case Mnemonic.Outsd: return Strings(ref i, 4, &PortIo.Outs);
            default: return null;
        }
    }

    private static Row Strings(ref Insn i, int size, delegate*<CpuState*, Insn*, bool> helper, [CallerArgumentExpression(nameof(helper))] string name = "")
    {
        SetSub(ref i, size);
        return Hard(helper, name);
    }

    private static Row? FindSystem(in Instruction x, CpuModel model, ref Insn i)
    {
        switch (x.Mnemonic)
        {
            case Mnemonic.Int: return Hard(&InterruptInsns.Int);
            case Mnemonic.Int3: return Hard(&InterruptInsns.Int3);
            case Mnemonic.Int1: return Hard(&InterruptInsns.Int1);
            case Mnemonic.Into: return Hard(&InterruptInsns.Into);
            case Mnemonic.Iret or Mnemonic.Iretd: return Hard(&InterruptInsns.Iret);
            case Mnemonic.Bound: return Helper(&InterruptInsns.Bound);
            case Mnemonic.Cli: return Helper(&InterruptInsns.Cli);
            case Mnemonic.Sti: return Hard(&InterruptInsns.Sti);
            case Mnemonic.Hlt: return Hard(&InterruptInsns.Hlt);
            case Mnemonic.In: return Port(in x, ref i, x.Op1Kind == OpKind.Register ? &PortIo.InDx : &PortIo.InImmediate, x.Op0Register);
            case Mnemonic.Out: return Port(in x, ref i, x.Op0Kind == OpKind.Register ? &PortIo.OutDx : &PortIo.OutImmediate, x.Op1Register);
            case Mnemonic.Les: return FarPointer(ref i, Seg.ES);
            case Mnemonic.Lds: return FarPointer(ref i, Seg.DS);
            case Mnemonic.Lss: return FarPointer(ref i, Seg.SS);
            case Mnemonic.Lfs: return FarPointer(ref i, Seg.FS);
            case Mnemonic.Lgs: return FarPointer(ref i, Seg.GS);
            case Mnemonic.Lgdt: return Helper(&SystemRegisters.LoadTable);
            case Mnemonic.Lidt: SetSub(ref i, 1); return Helper(&SystemRegisters.LoadTable);
            case Mnemonic.Sgdt: return Helper(&SystemRegisters.StoreTable);
            case Mnemonic.Sidt: SetSub(ref i, 1); return Helper(&SystemRegisters.StoreTable);
            case Mnemonic.Lldt: return Helper(&SystemRegisters.LoadSystemSegment);
            case Mnemonic.Ltr: SetSub(ref i, 1); return Helper(&SystemRegisters.LoadSystemSegment);
            case Mnemonic.Sldt: return Helper(&SystemRegisters.StoreSystemSegment);
            case Mnemonic.Str: SetSub(ref i, 1); return Helper(&SystemRegisters.StoreSystemSegment);
            case Mnemonic.Lmsw: return Hard(&SystemRegisters.Lmsw);
            case Mnemonic.Smsw: return Helper(&SystemRegisters.Smsw);
            case Mnemonic.Clts: return Helper(&SystemRegisters.Clts);
            case Mnemonic.Invlpg: return Hard(&SystemRegisters.Invlpg);
            case Mnemonic.Invd or Mnemonic.Wbinvd: return Helper(&SystemRegisters.CacheFlush);
            case Mnemonic.Lar: return Helper(&SegmentInsns.LarLsl);
            case Mnemonic.Lsl: SetSub(ref i, 1); return Helper(&SegmentInsns.LarLsl);
            case Mnemonic.Verr: return Helper(&SegmentInsns.Verify);
            case Mnemonic.Verw: SetSub(ref i, 1); return Helper(&SegmentInsns.Verify);
            case Mnemonic.Arpl: return Helper(&SegmentInsns.Arpl);
            case Mnemonic.Cpuid: return Helper(&Identification.Cpuid);
            case Mnemonic.Rdtsc when model.Has(CpuFeatures.Tsc): return Hard(&Identification.Rdtsc);
            case Mnemonic.Rdmsr when model.Has(CpuFeatures.Msr): return Hard(&Identification.Rdmsr);
            case Mnemonic.Wrmsr when model.Has(CpuFeatures.Msr): return Hard(&Identification.Wrmsr);
            case Mnemonic.Rdpmc when model.HasRdpmc: return Hard(&Identification.Rdpmc);
            case Mnemonic.Sysenter when model.Has(CpuFeatures.Sep): return Hard(&Misc.Sysenter);
            case Mnemonic.Sysexit when model.Has(CpuFeatures.Sep): return Hard(&Misc.Sysexit);
            default: return null;
        }
    }

    private static Row Port(in Instruction x, ref Insn i, delegate*<CpuState*, Insn*, bool> helper, Register data, [CallerArgumentExpression(nameof(helper))] string name = "")
    {
        SetSub(ref i, data.GetSize());
        return Hard(helper, name);
    }

    private static Row FarPointer(ref Insn i, int segment)
    {
        SetSub(ref i, segment);
        return segment == Seg.SS ? Hard(&SegmentInsns.LoadFarPointer) : Helper(&SegmentInsns.LoadFarPointer);
    }
}
