using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

public static unsafe partial class X87
{
    /// <summary>FNINIT; also the reset state but for the data registers.</summary>
    public static void Initialize(FpuState* f)
    {
        f->Control = FpuControl.Initial;
        f->Status = 0;
        f->Top = 0;
        f->EmptyMask = 0xFF;
        f->Opcode = 0;
        f->InstructionPointer = 0;
        f->InstructionSelector = 0;
        f->DataPointer = 0;
        f->DataSelector = 0;
    }

    /// <summary>FNCLEX.</summary>
    public static void ClearExceptions(FpuState* f) => f->Status &= (ushort)FpuStatus.Conditions;

    /// <summary>FLDCW. Flags that become unmasked are pending from now on.</summary>
    public static void LoadControl(FpuState* f, uint value)
    {
        f->Control = (ushort)((value & FpuControl.Writable) | FpuControl.AlwaysOne);
        UpdateSummary(f);
    }

    /// <summary>FNSTCW.</summary>
    public static ushort GetControl(FpuState* f) => f->Control;

    /// <summary>FNSTSW: the status word with TOP.</summary>
    public static ushort GetStatus(FpuState* f) => (ushort)(f->Status | f->Top << 11);

    /// <summary>FINCSTP.</summary>
    public static void IncrementTop(FpuState* f)
    {
        f->Top = (f->Top + 1) & 7;
        Raise(f, 0);
    }

    /// <summary>FDECSTP.</summary>
    public static void DecrementTop(FpuState* f)
    {
        f->Top = (f->Top - 1) & 7;
        Raise(f, 0);
    }

    /// <summary>FFREE, and FFREEP with a pop.</summary>
    public static void Free(FpuState* f, int i, bool pop)
    {
        f->EmptyMask |= (byte)(1 << ((f->Top + i) & 7));
        Raise(f, 0);
        if (pop)
        {
            Pop(f);
        }
    }

    /// <summary>FXCH.</summary>
    public static void Exchange(FpuState* f, int i)
    {
        if (AnyEmpty(f, 0, i))
        {
            ExchangeEmpty(f, i);
            return;
        }
        Float80* a = Register(f, 0), b = Register(f, i);
        (*a, *b) = (*b, *a);
        Raise(f, 0);
    }

    /// <summary>FCMOVcc: ST(0) = ST(i) when the condition holds. Empty registers count even when it doesn't; C1 stays.</summary>
    public static void MoveIf(FpuState* f, int i, bool condition)
    {
        if (AnyEmpty(f, 0, i))
        {
            StackUnderflow(f, 0, false);
            return;
        }
        if (condition)
        {
            *Register(f, 0) = *Register(f, i);
        }
    }

    /// <summary>What every MMX instruction but EMMS does to the stack: TOP 0, all registers valid.</summary>
    public static void EnterMmx(FpuState* f)
    {
        f->Top = 0;
        f->EmptyMask = 0;
    }

    /// <summary>EMMS.</summary>
    public static void EmptyMmx(FpuState* f)
    {
        f->Top = 0;
        f->EmptyMask = 0xFF;
    }

    private static void ExchangeEmpty(FpuState* f, int i)
    {
        Raise(f, FpuStatus.IE | FpuStatus.SF);
        if ((f->Control & FpuStatus.IE) == 0)
        {
            return;
        }
        Float80* a = Register(f, 0), b = Register(f, i);
        if (IsEmpty(f, 0))
        {
            SoftFloat80.SetIndefinite(a);
        }
        if (IsEmpty(f, i))
        {
            SoftFloat80.SetIndefinite(b);
        }
        MarkValid(f, 0);
        MarkValid(f, i);
        (*a, *b) = (*b, *a);
    }

    /// <summary>ES and B follow the flags and masks when either was loaded.</summary>
    private static void UpdateSummary(FpuState* f)
    {
        bool pending = (f->Status & ~f->Control & FpuStatus.Exceptions) != 0;
        f->Status = (ushort)(pending ? f->Status | FpuStatus.Summary : f->Status & ~FpuStatus.Summary);
    }
}
