using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>FADD, FADDP: ST(dst) += ST(src).</summary>
    public static void Add(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Add(d, d, Register(f, src), f->Control), pop);
    }

    /// <summary>FSUB, FSUBP: ST(dst) -= ST(src).</summary>
    public static void Subtract(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Subtract(d, d, Register(f, src), f->Control), pop);
    }

    /// <summary>FSUBR, FSUBRP: ST(dst) = ST(src) - ST(dst).</summary>
    public static void SubtractReversed(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Subtract(d, Register(f, src), d, f->Control), pop);
    }

    /// <summary>FMUL, FMULP: ST(dst) *= ST(src).</summary>
    public static void Multiply(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Multiply(d, d, Register(f, src), f->Control), pop);
    }

    /// <summary>FDIV, FDIVP: ST(dst) /= ST(src).</summary>
    public static void Divide(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Divide(d, d, Register(f, src), f->Control), pop);
    }

    /// <summary>FDIVR, FDIVRP: ST(dst) = ST(src) / ST(dst).</summary>
    public static void DivideReversed(FpuState* f, int dst, int src, bool pop)
    {
        if (AnyEmpty(f, dst, src))
        {
            StackUnderflow(f, dst, pop);
            return;
        }
        Float80* d = Register(f, dst);
        Finish(f, SoftFloat80.Divide(d, Register(f, src), d, f->Control), pop);
    }

    /// <summary>FADD m, FIADD: ST(0) += operand, raw bits in a <see cref="MemoryFormat"/>.</summary>
    public static void AddMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Add(d, d, &operand, control));
    }

    /// <summary>FSUB m, FISUB.</summary>
    public static void SubtractMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Subtract(d, d, &operand, control));
    }

    /// <summary>FSUBR m, FISUBR.</summary>
    public static void SubtractReversedMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Subtract(d, &operand, d, control));
    }

    /// <summary>FMUL m, FIMUL.</summary>
    public static void MultiplyMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Multiply(d, d, &operand, control));
    }

    /// <summary>FDIV m, FIDIV.</summary>
    public static void DivideMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Divide(d, d, &operand, control));
    }

    /// <summary>FDIVR m, FIDIVR.</summary>
    public static void DivideReversedMemory(FpuState* f, ulong raw, int format)
    {
        Float80 operand;
        Float80* d = Register(f, 0);
        uint control = f->Control | Widen(&operand, raw, format);
        if (IsEmpty(f, 0))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        Raise(f, SoftFloat80.Divide(d, &operand, d, control));
    }

    /// <summary>A memory operand as 80 bits; returns <see cref="SoftFloat80.DenormalOperand"/> or 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Widen(Float80* d, ulong raw, int format)
    {
        switch (format)
        {
            case MemoryFormat.Single:
                return SoftFloat80.FromSingle(d, (uint)raw);
            case MemoryFormat.Double:
                return SoftFloat80.FromDouble(d, raw);
            default:
                SoftFloat80.FromInteger(d, format == MemoryFormat.Int16 ? (short)raw : format == MemoryFormat.Int32 ? (int)raw : (long)raw);
                return 0;
        }
    }
}
