using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>FCOM, FCOMP, FCOMPP and FUCOM...: ST(0) with ST(i), then 0-2 pops.</summary>
    public static void Compare(FpuState* f, int i, int pops, bool quiet)
    {
        uint flags = AnyEmpty(f, 0, i)
            ? FpuStatus.IE | FpuStatus.SF | SoftFloat80.Unordered
            : SoftFloat80.Compare(Register(f, 0), Register(f, i), quiet, f->Control);
        FinishCompare(f, flags, pops);
    }

    /// <summary>FCOM m, FCOMP m, FICOM, FICOMP: ST(0) with raw bits in a <see cref="MemoryFormat"/>.</summary>
    public static void CompareMemory(FpuState* f, ulong raw, int format, bool pop)
    {
        Float80 operand;
        uint control = f->Control | Widen(&operand, raw, format);
        uint flags = IsEmpty(f, 0)
            ? FpuStatus.IE | FpuStatus.SF | SoftFloat80.Unordered
            : SoftFloat80.Compare(Register(f, 0), &operand, false, control);
        FinishCompare(f, flags, pop ? 1 : 0);
    }

    /// <summary>FTST.</summary>
    public static void Test(FpuState* f) => CompareMemory(f, 0, MemoryFormat.Int64, false);

    /// <summary>
    /// FCOMI, FCOMIP, FUCOMI, FUCOMIP: the result goes to ZF PF CF; OF SF AF become 0. Unmasked exceptions don't stop that; C1 stays
    /// but for stack faults.
    /// </summary>
    public static void CompareToFlags(CpuState* s, int i, bool pop, bool quiet)
    {
        FpuState* f = &s->Fpu;
        uint flags = AnyEmpty(f, 0, i)
            ? FpuStatus.IE | FpuStatus.SF | SoftFloat80.Unordered
            : SoftFloat80.Compare(Register(f, 0), Register(f, i), quiet, f->Control);
        s->SetArithmeticFlags(((flags & FpuStatus.C0) != 0 ? Eflags.CF : 0) | ((flags & FpuStatus.C2) != 0 ? Eflags.PF : 0)
            | ((flags & FpuStatus.C3) != 0 ? Eflags.ZF : 0));
        uint c1 = (flags & FpuStatus.SF) != 0 ? 0u : f->Status & FpuStatus.C1;
        Finish(f, (flags & ~FpuStatus.Conditions) | c1, pop);
    }

    /// <summary>FXAM: C3 C2 C0 = class, C1 = sign, of an empty register too.</summary>
    public static void Examine(FpuState* f)
    {
        Float80* a = Register(f, 0);
        uint conditions = IsEmpty(f, 0) ? FpuStatus.C3 | FpuStatus.C0
            : SoftFloat80.IsUnsupported(a) ? 0
            : SoftFloat80.IsNaN(a) ? FpuStatus.C0
            : SoftFloat80.IsInfinity(a) ? FpuStatus.C2 | FpuStatus.C0
            : SoftFloat80.IsZero(a) ? FpuStatus.C3
            : SoftFloat80.IsDenormal(a) ? FpuStatus.C3 | FpuStatus.C2
            : FpuStatus.C2;
        RaiseWithConditions(f, conditions | (SoftFloat80.Sign(a) != 0 ? FpuStatus.C1 : 0));
    }

    private static void FinishCompare(FpuState* f, uint flags, int pops)
    {
        // The condition codes are set even with an unmasked exception, which only keeps the operands on the stack.
        RaiseWithConditions(f, flags);
        if (IsStopped(f, flags))
        {
            return;
        }
        for (int n = 0; n < pops; n++)
        {
            Pop(f);
        }
    }
}
