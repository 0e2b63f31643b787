using System.Runtime.CompilerServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Fpu;

/// <summary>
/// The x87 instructions (SDM Vol. 1, chapter 8; Vol. 2) on the FPU state, apart from decoding, guest memory, CR0 checks and the
/// last-instruction pointers, which are the caller's. A waiting instruction asks <see cref="HasPendingException"/> first. An
/// unmasked exception only sets its bits here: it is delivered by the next waiting instruction.
/// </summary>
// SAFETY: every FpuState* points at the state of the virtual processor that runs, whose owner keeps it in unmanaged memory for as long
// as it runs; register numbers are masked to 0-7 before they index.
public static unsafe partial class X87
{
    /// <summary>True when an unmasked exception waits to be delivered as #MF or through FERR.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HasPendingException(FpuState* f) => (f->Status & FpuStatus.ES) != 0;

    /// <summary>ST(i).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80* Register(FpuState* f, int i) => (Float80*)f + ((f->Top + i) & 7);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsEmpty(FpuState* f, int i) => (f->EmptyMask >> ((f->Top + i) & 7) & 1) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AnyEmpty(FpuState* f, int i, int j) =>
        ((f->EmptyMask >> ((f->Top + i) & 7) | f->EmptyMask >> ((f->Top + j) & 7)) & 1) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MarkValid(FpuState* f, int i) => f->EmptyMask &= (byte)~(1 << ((f->Top + i) & 7));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Pop(FpuState* f)
    {
        f->EmptyMask |= (byte)(1 << f->Top);
        f->Top = (f->Top + 1) & 7;
    }

    /// <summary>Makes room for a new ST(0), marked valid; the caller has seen that it is empty.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float80* Push(FpuState* f)
    {
        f->Top = (f->Top - 1) & 7;
        f->EmptyMask &= (byte)~(1 << f->Top);
        return Register(f, 0);
    }

    /// <summary>Records what an operation raised; C1 becomes what the flags say, the other condition codes are added.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Raise(FpuState* f, uint flags)
    {
        uint status = (f->Status & ~FpuStatus.C1) | flags;
        if ((flags & ~(uint)f->Control & FpuStatus.Exceptions) != 0)
        {
            status |= FpuStatus.Summary;
        }
        f->Status = (ushort)status;
    }

    /// <summary>The same with all four condition codes replaced.</summary>
    private static void RaiseWithConditions(FpuState* f, uint flags)
    {
        f->Status &= unchecked((ushort)~FpuStatus.Conditions);
        Raise(f, flags);
    }

    /// <summary>True when the operation has no result because of an unmasked exception.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsStopped(FpuState* f, uint flags) => (flags & ~(uint)f->Control & FpuStatus.PreComputation) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(FpuState* f, uint flags, bool pop)
    {
        Raise(f, flags);
        if (pop && !IsStopped(f, flags))
        {
            Pop(f);
        }
    }

    /// <summary>A source register was empty: ST(i) becomes the indefinite QNaN.</summary>
    private static void StackUnderflow(FpuState* f, int i, bool pop)
    {
        if ((f->Control & FpuStatus.IE) != 0)
        {
            SoftFloat80.SetIndefinite(Register(f, i));
            MarkValid(f, i);
        }
        Finish(f, FpuStatus.IE | FpuStatus.SF, pop);
    }

    /// <summary>A push found its register in use: the indefinite QNaN is pushed.</summary>
    private static void StackOverflow(FpuState* f)
    {
        Raise(f, FpuStatus.IE | FpuStatus.SF | FpuStatus.C1);
        if ((f->Control & FpuStatus.IE) != 0)
        {
            SoftFloat80.SetIndefinite(Push(f));
        }
    }
}
