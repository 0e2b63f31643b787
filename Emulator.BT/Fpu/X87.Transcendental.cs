using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>F2XM1.</summary>
    public static void Exp2Minus1(FpuState* f)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Exp2Minus1(Register(f, 0), Register(f, 0), f->Control));
    }

    /// <summary>FYL2X: ST(1) = ST(1) * log2 ST(0), pop.</summary>
    public static void YLog2X(FpuState* f)
    {
        if (AnyEmpty(f, 0, 1))
        {
            StackUnderflow(f, 1, true);
            return;
        }
        Finish(f, SoftFloat80.YLog2X(Register(f, 1), Register(f, 1), Register(f, 0), f->Control), true);
    }

    /// <summary>FYL2XP1: ST(1) = ST(1) * log2(ST(0) + 1), pop.</summary>
    public static void YLog2XPlus1(FpuState* f)
    {
        if (AnyEmpty(f, 0, 1))
        {
            StackUnderflow(f, 1, true);
            return;
        }
        Finish(f, SoftFloat80.YLog2XPlus1(Register(f, 1), Register(f, 1), Register(f, 0), f->Control), true);
    }

    /// <summary>FPATAN: ST(1) = arctan(ST(1) / ST(0)), pop.</summary>
    public static void Arctangent(FpuState* f)
    {
        if (AnyEmpty(f, 0, 1))
        {
            StackUnderflow(f, 1, true);
            return;
        }
        Finish(f, SoftFloat80.Arctangent(Register(f, 1), Register(f, 1), Register(f, 0), f->Control), true);
    }

    /// <summary>FSIN. C2 tells an operand out of range.</summary>
    public static void Sine(FpuState* f)
    {
        ClearIncomplete(f);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Sine(Register(f, 0), Register(f, 0), f->Control));
    }

    /// <summary>FCOS.</summary>
    public static void Cosine(FpuState* f)
    {
        ClearIncomplete(f);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Cosine(Register(f, 0), Register(f, 0), f->Control));
    }

    /// <summary>FSINCOS: sine to ST(1), cosine to ST(0).</summary>
    public static void SineCosine(FpuState* f)
    {
        ClearIncomplete(f);
        if (!CanReplaceByPair(f))
        {
            return;
        }
        Float80 sine, cosine;
        uint flags = SoftFloat80.Sine(&sine, Register(f, 0), f->Control);
        if ((flags & FpuStatus.C2) != 0)
        {
            Raise(f, flags);
            return;
        }
        flags |= SoftFloat80.Cosine(&cosine, Register(f, 0), f->Control);
        PushPair(f, &sine, &cosine, flags);
    }

    /// <summary>FPTAN: tangent to ST(1), 1.0 to ST(0).</summary>
    public static void Tangent(FpuState* f)
    {
        ClearIncomplete(f);
        if (!CanReplaceByPair(f))
        {
            return;
        }
        Float80 tangent, one;
        uint flags = SoftFloat80.Tangent(&tangent, Register(f, 0), f->Control);
        if ((flags & FpuStatus.C2) != 0)
        {
            Raise(f, flags);
            return;
        }
        // A NaN is pushed again in place of 1.0.
        one = tangent;
        if (!SoftFloat80.IsNaN(&tangent))
        {
            SoftFloat80.Set(&one, SoftFloat80.Bias, SoftFloat80.IntegerBit);
        }
        PushPair(f, &tangent, &one, flags);
    }

    private static void ClearIncomplete(FpuState* f) => f->Status &= unchecked((ushort)~FpuStatus.C2);
}
