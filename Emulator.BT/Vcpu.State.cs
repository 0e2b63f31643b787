using Emulator.Core.Cpu;
using Emulator.Core.State;

namespace Emulator.BT;

/// <summary>Saved state of the processor: what the architecture has, pending events, and the count of instructions. Decoded code is none of it.</summary>
public sealed unsafe partial class Vcpu : IStateful
{
    // What a guest brought about; the rest are requests of this process, or follow from registers.
    private const int GuestAttention =
        Attention.Interrupt | Attention.InterruptShadow | Attention.DebugShadow | Attention.Halted | Attention.Shutdown | Attention.Nmi;

    private const int TopOfStack = 7;

    /// <inheritdoc/>
    public int StateVersion => 1;

    /// <summary>Saves or loads, between two slices. Translations are dropped by both, so that a machine goes on as its copy does.</summary>
    public void Transfer(StateTransfer state)
    {
        CpuState* cpu = State;
        for (int n = 0; n < 16; n++)
        {
            cpu->Gpr[n] = state.UInt64(cpu->Gpr[n]);
        }
        cpu->Rip = state.UInt64(cpu->Rip);
        cpu->FlagsResult = state.UInt64(cpu->FlagsResult);
        cpu->FlagsAux = state.UInt64(cpu->FlagsAux);
        cpu->FlagsOther = state.UInt64(cpu->FlagsOther);
        TransferSegments(state);
        TransferControl(state);
        TransferUnits(state);
        Msrs.Transfer(state);
        retiredBefore = state.Int64(InstructionsRetired);
        sliceBudget = cpu->Budget = 0;
        sampledAt = retiredBefore;
        if (state.IsLoading)
        {
            cpu->FaultVector = -1;
            cpu->RegionKey = 0;
            cpu->ForgetCopies();
            Mmu.SelectPrivilege();
            DebugRegistersChanged();
        }
        Mmu.FlushAll();
    }

    private void TransferSegments(StateTransfer state)
    {
        for (int n = 0; n < 6; n++)
        {
            Transfer(state, ref State->Segments[n]);
        }
        Transfer(state, ref State->Ldtr);
        Transfer(state, ref State->Tr);
        Transfer(state, ref State->Gdtr);
        Transfer(state, ref State->Idtr);
        State->StackMask = state.UInt64(State->StackMask);
        State->CodeMode = state.Int32(State->CodeMode, CodeMode.Bits16, CodeMode.Bits32);
        State->Cpl = state.Int32(State->Cpl, 0, 3);
    }

    private static void Transfer(StateTransfer state, ref SegmentRegister segment)
    {
        segment.Base = state.UInt64(segment.Base);
        segment.Limit = state.UInt32(segment.Limit);
        segment.Selector = state.UInt16(segment.Selector);
        segment.Access = state.UInt16(segment.Access);
        segment.UpdateLimits();
    }

    private static void Transfer(StateTransfer state, ref TableRegister table)
    {
        table.Base = state.UInt64(table.Base);
        table.Limit = state.UInt32(table.Limit);
    }

    private void TransferControl(StateTransfer state)
    {
        State->Cr0 = state.UInt64(State->Cr0);
        State->Cr2 = state.UInt64(State->Cr2);
        State->Cr3 = state.UInt64(State->Cr3);
        State->Cr4 = state.UInt64(State->Cr4);
        State->Efer = state.UInt64(State->Efer);
        for (int n = 0; n < 8; n++)
        {
            State->Dr[n] = state.UInt64(State->Dr[n]);
        }
        State->TscOffset = state.Int64(State->TscOffset);
        State->NmiBlocked = state.Bool(State->NmiBlocked);
        State->NmiLatched = state.Bool(State->NmiLatched);
        int attention = state.Int32(State->AttentionFlags & GuestAttention);
        State->ClearAttention(GuestAttention & ~attention);
        State->RaiseAttention(GuestAttention & attention);
        State->InterruptLine = state.Bool(State->InterruptLine != 0) ? 1 : 0;
        IgnoresFpuErrors = state.Bool(IgnoresFpuErrors);
    }

    private void TransferUnits(StateTransfer state)
    {
        ref FpuState fpu = ref State->Fpu;
        for (int n = 0; n < 8; n++)
        {
            fpu.R[n].Significand = state.UInt64(fpu.R[n].Significand);
            fpu.R[n].SignExponent = state.UInt16(fpu.R[n].SignExponent);
        }
        fpu.Control = state.UInt16(fpu.Control);
        fpu.Status = state.UInt16(fpu.Status);
        fpu.Top = state.Int32(fpu.Top, 0, TopOfStack);
        fpu.EmptyMask = state.Byte(fpu.EmptyMask);
        fpu.Opcode = state.UInt16(fpu.Opcode);
        fpu.InstructionPointer = state.UInt64(fpu.InstructionPointer);
        fpu.InstructionSelector = state.UInt16(fpu.InstructionSelector);
        fpu.DataSelector = state.UInt16(fpu.DataSelector);
        fpu.DataPointer = state.UInt64(fpu.DataPointer);
        for (int n = 0; n < 16; n++)
        {
            // SAFETY: 16 registers of 16 bytes in CpuState, which lives as long as the processor.
            state.Bytes(new Span<byte>((byte*)&State->Xmm + (n * 16), 16));
        }
        // The host takes it into its own register: reserved bits would fault there.
        State->Mxcsr = (uint)state.Int32((int)State->Mxcsr, 0, ushort.MaxValue);
    }
}
