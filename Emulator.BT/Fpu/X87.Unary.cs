using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>FCHS.</summary>
    public static void ChangeSign(FpuState* f)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Register(f, 0)->SignExponent ^= (ushort)SoftFloat80.SignBit;
        Raise(f, 0);
    }

    /// <summary>FABS.</summary>
    public static void Absolute(FpuState* f)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Register(f, 0)->SignExponent &= (ushort)SoftFloat80.ExponentMask;
        Raise(f, 0);
    }

    /// <summary>FSQRT.</summary>
    public static void SquareRoot(FpuState* f)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.SquareRoot(Register(f, 0), Register(f, 0), f->Control));
    }

    /// <summary>FRNDINT.</summary>
    public static void RoundToInteger(FpuState* f)
    {
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.RoundToInteger(Register(f, 0), Register(f, 0), f->Control));
    }

    /// <summary>FSCALE: ST(0) * 2^ST(1).</summary>
    public static void Scale(FpuState* f)
    {
        if (AnyEmpty(f, 0, 1))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Scale(Register(f, 0), Register(f, 0), Register(f, 1), f->Control));
    }

    /// <summary>FPREM, or FPREM1 with <paramref name="nearest"/>.</summary>
    public static void Remainder(FpuState* f, bool nearest)
    {
        if (AnyEmpty(f, 0, 1))
        {
            f->Status &= unchecked((ushort)~FpuStatus.C2);
            StackUnderflow(f, 0, false);
            return;
        }
        uint flags = SoftFloat80.Remainder(Register(f, 0), Register(f, 0), Register(f, 1), nearest, f->Control, out bool complete);
        // C0 and C3 change only with a quotient.
        f->Status &= unchecked((ushort)~(complete ? FpuStatus.Conditions : FpuStatus.C2));
        Raise(f, flags);
    }

    /// <summary>FXTRACT: exponent to ST(1), significand to ST(0).</summary>
    public static void Extract(FpuState* f)
    {
        if (!CanReplaceByPair(f))
        {
            return;
        }
        Float80 exponent, significand;
        uint flags = SoftFloat80.Extract(&exponent, &significand, Register(f, 0), f->Control);
        PushPair(f, &exponent, &significand, flags);
    }

    /// <summary>Room for an instruction that replaces ST(0) and pushes: stack faults give the QNaN in both.</summary>
    private static bool CanReplaceByPair(FpuState* f)
    {
        bool underflow = IsEmpty(f, 0);
        if (!underflow && IsEmpty(f, -1))
        {
            return true;
        }
        Raise(f, FpuStatus.IE | FpuStatus.SF | (underflow ? 0 : FpuStatus.C1));
        if ((f->Control & FpuStatus.IE) != 0)
        {
            SoftFloat80.SetIndefinite(Register(f, 0));
            MarkValid(f, 0);
            SoftFloat80.SetIndefinite(Push(f));
        }
        return false;
    }

    private static void PushPair(FpuState* f, Float80* lower, Float80* upper, uint flags)
    {
        Raise(f, flags);
        if (!IsStopped(f, flags))
        {
            *Register(f, 0) = *lower;
            *Push(f) = *upper;
        }
    }
}
