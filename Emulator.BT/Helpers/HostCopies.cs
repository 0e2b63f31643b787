using System.Runtime.InteropServices;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;

namespace Emulator.BT.Helpers;

/// <summary>
/// Notes what a change of privilege or a segment load did, after it was done in full and when nothing but the noted bytes can make it turn out
/// otherwise, so that host code does it again by copying. The interpreter itself never uses the notes.
/// </summary>
internal static unsafe class HostCopies
{
    /// <summary>After SYSENTER or SYSEXIT.</summary>
    public static void NoteCall(CpuState* cpu, ref FastCall call)
    {
        fixed (ulong* segments = call.Segments)
        {
            NativeMemory.Copy((SegmentRegister*)&cpu->Segments + Seg.CS, segments, (nuint)(2 * sizeof(SegmentRegister)));
        }
        (call.Rip, call.Rsp, call.Key) = (cpu->Rip, cpu->Gpr[4], (uint)(RegionKey.Of(cpu) & RegionKey.CodeAndStackBits));
        call.IsNoted = 1;
    }

    /// <summary>After INT n went from privilege 3 to 0 through a 32-bit gate.</summary>
    public static void NoteInterrupt(CpuState* cpu, int vector, Descriptor gate, Descriptor code, Descriptor stack)
    {
        ref GateCall call = ref cpu->GateCalls[vector % GateCall.Count];
        call.Call.IsNoted = 0;
        call.Gate = new DescriptorProof { Raw = gate.Raw, Address = (uint)(cpu->Idtr.Base + (ulong)(vector * 8)) };
        call.StackPointerAddress = (uint)(cpu->Tr.Base + 4);
        Vcpu vcpu = Vcpu.From(cpu);
        if (vcpu.LogsInterrupts || !call.Gate.IsInOnePage || (call.StackPointerAddress & 0xFFF) > 0xFF8 || (cpu->Tr.Access & 8) == 0 || !TryNote(cpu, ref call, code, stack))
        {
            return;
        }
        call.Delivered = vcpu.CounterOf(vector);
        call.Vector = (uint)vector;
        call.FlagsKept = ~(Eflags.TF | Eflags.NT | Eflags.RF | Eflags.VM | ((gate.Type & 1) == 0 ? Eflags.IF : 0));
    }

    /// <summary>After IRET went from privilege 0 to 3.</summary>
    public static void NoteOuterReturn(CpuState* cpu, Descriptor code)
    {
        cpu->OuterReturn.Call.IsNoted = 0;
        if (Segmentation.TryRead(cpu, cpu->Segments[Seg.SS].Selector, out Descriptor stack))
        {
            TryNote(cpu, ref cpu->OuterReturn, code, stack);
        }
    }

    /// <summary>After IRET stayed in privilege 0.</summary>
    public static void NoteInnerReturn(CpuState* cpu, Descriptor code)
    {
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        cpu->InnerReturnSelector = 0;
        if (RegionKey.IsFlatCode(RegionKey.Of(cpu)) && TryProve(cpu, cs.Selector, code, out cpu->InnerReturn))
        {
            cpu->InnerReturnSelector = cs.Selector | (uint)cs.Access << 16;
        }
    }

    /// <summary>After a data segment register was loaded from a descriptor.</summary>
    public static void NoteSegment(CpuState* cpu, int segment, int selector, Descriptor descriptor)
    {
        ref LoadedSegment loaded = ref cpu->LoadedSegments[(selector >> 3) % LoadedSegment.Count];
        loaded.Tag = 0;
        if (TryProve(cpu, selector, descriptor, out loaded.Proof))
        {
            loaded.Segment = cpu->Segments[segment];
            loaded.FlatBits = (uint)RegionKey.FlatBits(ref loaded.Segment);
            loaded.Tag = (uint)selector | (uint)cpu->Cpl << 16 | LoadedSegment.IsNoted;
        }
    }

    // What calls and returns have in common; false, and nothing noted, where it is not all flat.
    private static bool TryNote(CpuState* cpu, ref GateCall call, Descriptor code, Descriptor stack)
    {
        int key = RegionKey.Of(cpu);
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS], ss = ref cpu->Segments[Seg.SS];
        bool flat = RegionKey.IsFlatCode(key) && RegionKey.StackMask(key) == uint.MaxValue && RegionKey.IsFlat(key, Seg.SS, write: true);
        if (!flat || !TryProve(cpu, cs.Selector, code, out call.Code) || !TryProve(cpu, ss.Selector, stack, out call.Stack))
        {
            return false;
        }
        (call.CodeSelector, call.StackSelector) = (cs.Selector, ss.Selector);
        NoteCall(cpu, ref call.Call);
        return true;
    }

    private static bool TryProve(CpuState* cpu, int selector, Descriptor descriptor, out DescriptorProof proof)
    {
        proof = new DescriptorProof { Raw = descriptor.Raw };
        if (!Segmentation.TryLocate(cpu, selector, out ulong address))
        {
            return false;
        }
        proof.Address = (uint)address;
        return proof.IsInOnePage;
    }
}
