using System.Runtime.CompilerServices;
using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;

namespace Emulator.BT;

/// <summary>Interrupts and exceptions as the run loop sees them: the pins, what is taken when, and who counts and logs it.</summary>
public sealed unsafe partial class Vcpu
{
    private const string ExceptionKind = "exception";

    /// <summary>Drives INTR.</summary>
    public void SetInterruptLine(bool level)
    {
        State->InterruptLine = level ? 1 : 0;
        if (level)
        {
            State->RaiseAttention(Attention.Interrupt);
        }
    }

    /// <summary>A pulse on NMI. While one is being handled a second waits for the handler's IRET; more are lost (SDM Vol. 3A, 6.7.1).</summary>
    public void RaiseNmi()
    {
        if (State->NmiBlocked)
        {
            State->NmiLatched = true;
        }
        else
        {
            State->RaiseAttention(Attention.Nmi);
        }
    }

    /// <summary>IRET: NMIs are taken again, even if it faults.</summary>
    public void UnblockNmi()
    {
        State->NmiBlocked = false;
        if (State->NmiLatched)
        {
            State->NmiLatched = false;
            State->RaiseAttention(Attention.Nmi);
        }
    }

    /// <summary>True when every interrupt is logged, so none may be taken in host code.</summary>
    internal bool LogsInterrupts => log.Has(LogItems.Int);

    /// <summary>Counter of the deliveries of a vector.</summary>
    // SAFETY: the array is pinned and lives as long as this.
    internal long* CounterOf(int vector) => (long*)Unsafe.AsPointer(ref Delivered[vector]);

    /// <summary>Logs a software interrupt for <c>-d int</c> and counts it.</summary>
    public void NoteInterrupt(int vector, string kind, ulong rip) => NoteInterrupt(vector, kind, rip, 0);

    private void NoteInterrupt(int vector, string kind, ulong rip, uint errorCode)
    {
        deliveries++;
        Delivered[vector]++;
        if (log.Has(LogItems.Int))
        {
            log.Write(LogItems.Int, $"{kind} {(kind == ExceptionKind ? $"e={errorCode:x4} " : "")}v={vector:x2} cpl={State->Cpl} ip={State->Segments[Seg.CS].Selector:x4}:{rip:x8} pc={State->Segments[Seg.CS].Base + rip:x8} " +
                $"sp={State->Segments[Seg.SS].Selector:x4}:{State->Gpr[4]:x8} eax={State->Gpr[0]:x8}" + (vector == Vector.PF ? $" cr2={State->Cr2:x8}" : ""));
        }
    }

    /// <summary>Delivers an exception whose return address is the present RIP; faults on the way become double and triple faults.</summary>
    public void DeliverException(int vector, uint errorCode)
    {
        CpuState* cpu = State;
        cpu->FaultVector = -1;
        if (vector == Vector.FerrWait)
        {
            // The instruction begins again when an interrupt has been handled.
            cpu->RaiseAttention(Attention.Halted);
            FpuError();
            return;
        }
        while (true)
        {
            Exceptions[vector]++;
            NoteInterrupt(vector, ExceptionKind, cpu->Rip, errorCode);
            uint? code = Fault.HasErrorCode(vector) && cpu->IsProtected ? errorCode : null;
            if (vector == Vector.DB)
            {
                Debug.Entered();
            }
            bool isFault = vector is not (Vector.BP or Vector.OF or Vector.DB or Vector.NMI);
            if (isFault)
            {
                cpu->FlagsOther |= Eflags.RF;
            }
            if (Interrupts.Deliver(cpu, vector, InterruptSource.Exception, code) || cpu->FaultVector < 0)
            {
                break;
            }
            int second = cpu->FaultVector;
            errorCode = cpu->FaultErrorCode;
            cpu->FaultVector = -1;
            if (vector == Vector.DF)
            {
                log.Write(LogItems.CpuReset, "Triple fault");
                cpu->RaiseAttention(Attention.Shutdown);
                return;
            }
            bool doubleFault = (Fault.IsContributory(vector) && Fault.IsContributory(second))
                || (vector == Vector.PF && (second == Vector.PF || Fault.IsContributory(second)));
            vector = doubleFault ? Vector.DF : second;
            errorCode = doubleFault ? 0 : errorCode;
        }
        UpdateStepping();
    }

    // True when one was delivered. The request stays noted while IF is clear; setting IF notes it again.
    private bool TakeInterrupt()
    {
        CpuState* cpu = State;
        int vector;
        if ((cpu->AttentionFlags & Attention.Nmi) != 0)
        {
            cpu->ClearAttention(Attention.Nmi);
            cpu->NmiBlocked = true;
            vector = Vector.NMI;
        }
        else
        {
            cpu->ClearAttention(Attention.Interrupt);
            if (cpu->InterruptLine == 0 || (cpu->FlagsOther & Eflags.IF) == 0)
            {
                return false;
            }
            vector = Acknowledge();
            if (cpu->InterruptLine != 0)
            {
                cpu->RaiseAttention(Attention.Interrupt);
            }
        }
        cpu->ClearAttention(Attention.Halted);
        NoteInterrupt(vector, "interrupt", cpu->Rip);
        if (!Interrupts.Deliver(cpu, vector, InterruptSource.External, null) && cpu->FaultVector >= 0)
        {
            DeliverRecorded();
        }
        UpdateStepping();
        return true;
    }

    // Takes one from the budget: a handler whose first instruction faults would otherwise keep the loop for ever.
    private void DeliverRecorded()
    {
        State->Budget--;
        if (State->FaultVector == Vector.UD && UndefinedOpcode != null)
        {
            State->FaultVector = -1;
            if (!UndefinedOpcode())
            {
                State->FaultVector = Vector.UD;
                State->FaultErrorCode = 0;
            }
            else if (State->FaultVector < 0)
            {
                return;
            }
        }
        DeliverException(State->FaultVector, State->FaultErrorCode);
    }
}
