using System.Runtime.InteropServices;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Changes of privilege and segment loads by copying what the interpreter noted (<see cref="Helpers.HostCopies"/>), after a look that what it noted
/// still holds. In words, for INT n:
/// <code>
/// the note is there, for this vector; privilege 3, not virtual-8086 mode
/// gate, code and stack descriptor in memory are those of the note, SS0 in the TSS as well
/// SS ESP EFLAGS CS EIP to the five words below ESP0, all in one page that may be written
/// EFLAGS, CS and SS as noted, the view of memory of the new privilege; go on at the gate's target
/// </code>
/// </summary>
internal sealed unsafe partial class HostStubs
{
    private const int Below = 2, Zero = 4, NotZero = 5, Above = 7, LessOrEqual = 14;

    // Offset in a page above which a frame of five words crosses into the next.
    private const int LastFrame = 0x1000 - 20;

    // Words of the frame.
    private const int FrameRip = 0, FrameCs = 4, FrameFlags = 8, FrameSp = 12, FrameSs = 16;

    private readonly nint trapAgain;
    private readonly nint refuse;

    private static int FieldOf<T>(string name) => (int)Marshal.OffsetOf<T>(name);

    private static int InCall(string name) => FieldOf<FastCall>(name);

    private static int InGate(string name) => FieldOf<GateCall>(name);

    // A guest register is on the host's stack, and the trap's record in the state.
    private nint EmitTrapAgain()
    {
        var at = (nint)code.Position;
        Pop(HostRegister.Rax);
        code.MoveImmediate(HostRegister.Linear, (uint)RegionExit.Trap);
        code.JumpTo(Leave);
        return at;
    }

    // How a stub that was called says no: ZF clear.
    private nint EmitRefuse()
    {
        var at = (nint)code.Position;
        code.RegReg(0x85, HostRegister.State, HostRegister.State, wide: true);
        code.Byte(0xC3);
        return at;
    }

    private nint EmitSysenter()
    {
        var at = (nint)code.Position;
        EmitLeaCall(HostOffsets.Sysenter);
        code.MemImm(7, HostRegister.Scratch, InCall(nameof(FastCall.IsNoted)), 0);
        code.JumpToIf(Zero, Trap);
        code.MemImm(4, HostRegister.State, HostOffsets.FlagsOther, unchecked((int)~(Eflags.VM | Eflags.IF | Eflags.RF)));
        EmitAdopt(cpl: 0);
        code.Load(HostRegister.GuestSp, HostRegister.Scratch, InCall(nameof(FastCall.Rsp)));
        code.Load(HostRegister.Scratch, HostRegister.Scratch, InCall(nameof(FastCall.Rip)));
        code.JumpTo(Indirect);
        return at;
    }

    private nint EmitSysexit()
    {
        var at = (nint)code.Position;
        EmitLeaCall(HostOffsets.Sysexit);
        code.MemImm(7, HostRegister.Scratch, InCall(nameof(FastCall.IsNoted)), 0);
        code.JumpToIf(Zero, Trap);
        code.MemImm(7, HostRegister.State, HostOffsets.Cpl, 0);
        code.JumpToIf(NotZero, Trap);
        EmitTestFlagsOther(Eflags.AC | Eflags.VM);
        code.JumpToIf(NotZero, Trap);
        EmitAdopt(cpl: 3);
        code.Move(HostRegister.GuestSp, HostRegister.Rcx);
        code.Move(HostRegister.Scratch, HostRegister.Rdx);
        code.JumpTo(Indirect);
        return at;
    }

    private nint EmitInterrupt()
    {
        const int note = HostRegister.Scratch, value = HostRegister.Delta, frame = HostRegister.Linear, other = HostRegister.Rax;
        var at = (nint)code.Position;
        EmitPark();
        // The note for the vector.
        code.Move(other, value);
        code.RegImm(4, other, GateCall.Count - 1);
        code.RegReg(0x69, note, other);
        code.Int(sizeof(GateCall));
        code.RegIndexed(0x8D, note, HostRegister.State, note, 0, HostOffsets.GateCalls, wide: true);
        code.MemImm(7, note, InCall(nameof(FastCall.IsNoted)), 0);
        code.JumpToIf(Zero, trapAgain);
        code.RegMem(0x3B, value, note, InGate(nameof(GateCall.Vector)));
        code.JumpToIf(NotZero, trapAgain);
        code.MemImm(7, HostRegister.State, HostOffsets.Cpl, 3);
        code.JumpToIf(NotZero, trapAgain);
        EmitTestFlagsOther(Eflags.VM);
        code.JumpToIf(NotZero, trapAgain);
        EmitProof(note, InGate(nameof(GateCall.Gate)), other, value, trapAgain);
        EmitProof(note, InGate(nameof(GateCall.Code)), other, value, trapAgain);
        EmitProof(note, InGate(nameof(GateCall.Stack)), other, value, trapAgain);
        EmitLoadSystem(note, InGate(nameof(GateCall.StackPointerAddress)), other, value, trapAgain);
        // ESP0 in the low half, SS0 above it.
        code.Move(frame, value);
        code.ShiftRight(value, 32, wide: true);
        code.RegReg(0x0FB7, value, value);
        code.RegMem(0x3B, value, note, InGate(nameof(GateCall.StackSelector)));
        code.JumpToIf(NotZero, trapAgain);
        code.Lea(frame, frame, -20);
        EmitFrame(frame, other, HostOffsets.SystemView + HostOffsets.ViewWriteTable);
        code.Store(HostRegister.State, HostOffsets.Spill(0), frame);
        code.RegReg(0x01, other, frame, wide: true);
        foreach ((int word, int segment) in ((int, int)[])[(FrameCs, Seg.CS), (FrameSs, Seg.SS)])
        {
            code.RegMem(0x0FB7, value, HostRegister.State, HostOffsets.Segment(segment, HostOffsets.Selector));
            code.Store(frame, word, value);
        }
        code.Load(value, HostRegister.State, HostOffsets.Rip);
        code.Store(frame, FrameRip, value);
        code.Store(frame, FrameSp, HostRegister.GuestSp);
        EmitEflags(value, other);
        code.Store(frame, FrameFlags, value);
        code.Load(value, note, InGate(nameof(GateCall.FlagsKept)));
        code.RegMem(0x21, value, HostRegister.State, HostOffsets.FlagsOther);
        code.Load(value, note, InGate(nameof(GateCall.Delivered)), wide: true);
        code.MemImm(0, value, 0, 1, wide: true);
        code.Load(HostRegister.GuestSp, HostRegister.State, HostOffsets.Spill(0));
        Pop(HostRegister.Rax);
        EmitAdopt(cpl: 0);
        code.Load(HostRegister.Scratch, note, InCall(nameof(FastCall.Rip)));
        code.JumpTo(Indirect);
        return at;
    }

    private nint EmitInterruptReturn()
    {
        const int note = HostRegister.Scratch, value = HostRegister.Delta, frame = HostRegister.Linear, other = HostRegister.Rax;
        const uint flagsByCopy = Eflags.Defined & ~(Eflags.Arithmetic | Eflags.RF);
        var at = (nint)code.Position;
        int inner = code.NewLabel();
        EmitPark();
        code.MemImm(7, HostRegister.State, HostOffsets.Cpl, 0);
        code.JumpToIf(NotZero, trapAgain);
        code.MemImm(7, HostRegister.State, HostOffsets.InterruptLine, 0);
        code.JumpToIf(NotZero, trapAgain);
        code.RegMem(0x0FB6, value, HostRegister.State, HostOffsets.NmiBlocked);
        code.RegReg(0x85, value, value);
        code.JumpToIf(NotZero, trapAgain);
        EmitTestFlagsOther(Eflags.VM | Eflags.NT);
        code.JumpToIf(NotZero, trapAgain);
        code.Move(frame, HostRegister.GuestSp);
        EmitFrame(frame, other, HostOffsets.ReadTable);
        code.RegReg(0x01, other, frame, wide: true);
        code.RegMem(0xF7, 0, frame, FrameFlags);
        code.Int((int)(Eflags.VM | Eflags.TF | Eflags.NT | Eflags.AC | Eflags.VIF | Eflags.VIP));
        code.JumpToIf(NotZero, trapAgain);
        code.RegMem(0x0FB7, value, frame, FrameCs);
        code.RegReg(0xF6, 0, value, bytes: true);
        code.Byte(3);
        code.JumpIf(Zero, inner);

        EmitLeaCall(HostOffsets.OuterReturn);
        code.MemImm(7, note, InCall(nameof(FastCall.IsNoted)), 0);
        code.JumpToIf(Zero, trapAgain);
        code.RegMem(0x3B, value, note, InGate(nameof(GateCall.CodeSelector)));
        code.JumpToIf(NotZero, trapAgain);
        code.RegMem(0x0FB7, value, frame, FrameSs);
        code.RegMem(0x3B, value, note, InGate(nameof(GateCall.StackSelector)));
        code.JumpToIf(NotZero, trapAgain);
        EmitProof(note, InGate(nameof(GateCall.Code)), other, value, trapAgain);
        EmitProof(note, InGate(nameof(GateCall.Stack)), other, value, trapAgain);
        foreach (int segment in (ReadOnlySpan<int>)[Seg.ES, Seg.DS, Seg.FS, Seg.GS])
        {
            EmitStaysUsable(segment, value, other);
        }
        code.Load(HostRegister.GuestSp, frame, FrameSp);
        EmitFlagsFrom(frame, value, other, flagsByCopy);
        code.Load(frame, frame, FrameRip);
        Pop(HostRegister.Rax);
        EmitAdopt(cpl: 3);
        code.Move(HostRegister.Scratch, frame);
        code.JumpTo(Indirect);

        code.Bind(inner);
        code.Load(other, HostRegister.State, HostOffsets.Segment(Seg.CS, HostOffsets.Selector));
        code.RegMem(0x3B, other, HostRegister.State, HostOffsets.InnerReturnSelector);
        code.JumpToIf(NotZero, trapAgain);
        code.RegReg(0x0FB7, other, other);
        code.RegReg(0x39, value, other);
        code.JumpToIf(NotZero, trapAgain);
        code.Lea(note, HostRegister.State, HostOffsets.InnerReturn, wide: true);
        EmitProof(note, 0, other, value, trapAgain);
        EmitFlagsFrom(frame, value, other, flagsByCopy);
        code.Load(note, frame, FrameRip);
        code.Lea(HostRegister.GuestSp, HostRegister.GuestSp, 12);
        Pop(HostRegister.Rax);
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.RegionKey);
        EmitShiftLeft(HostRegister.Delta, 32, wide: true);
        code.JumpTo(Indirect);
        return at;
    }

    private nint EmitMakeEflags()
    {
        var at = (nint)code.Position;
        EmitEflags(HostRegister.Scratch, HostRegister.Delta);
        code.RegImm(4, HostRegister.Scratch, unchecked((int)~(Eflags.VM | Eflags.RF)));
        code.Byte(0xC3);
        return at;
    }

    // An interrupt that waits, TF, and AC with CR0.AM want more than this.
    private nint EmitTakeEflags(bool wide)
    {
        const int popped = HostRegister.Scratch, value = HostRegister.Linear, other = HostRegister.Delta;
        const uint copied = Eflags.IF | Eflags.DF | Eflags.IOPL | Eflags.NT, more = Eflags.ID;
        uint mask = copied | (wide ? more : 0);
        var at = (nint)code.Position;
        int refused = code.NewLabel();
        code.MemImm(7, HostRegister.State, HostOffsets.Cpl, 0);
        code.JumpIf(NotZero, refused);
        code.MemImm(7, HostRegister.State, HostOffsets.InterruptLine, 0);
        code.JumpIf(NotZero, refused);
        code.RegReg(0xF7, 0, popped);
        code.Int((int)(Eflags.TF | (wide ? Eflags.AC : 0)));
        code.JumpIf(NotZero, refused);
        EmitTestFlagsOther(Eflags.AC | Eflags.TF | Eflags.RF);
        code.JumpIf(NotZero, refused);
        code.Load(value, HostRegister.State, HostOffsets.FlagsOther);
        code.RegImm(4, value, (int)~mask);
        code.Move(other, popped);
        code.RegImm(4, other, (int)mask);
        code.RegReg(0x09, other, value);
        code.Store(HostRegister.State, HostOffsets.FlagsOther, value, wide: true);
        code.Move(value, popped);
        EmitImageOf(value, other);
        code.RegReg(0x31, other, other);
        code.Bind(refused);
        code.Byte(0xC3);
        return at;
    }

    private nint EmitLoadSegment(int segment)
    {
        const int note = HostRegister.Linear, value = HostRegister.Delta, selector = HostRegister.Scratch;
        if (segment is Seg.CS or Seg.SS)
        {
            return 0;
        }
        var at = (nint)code.Position;
        int real = code.NewLabel(), isNull = code.NewLabel();
        int Of(int field) => HostOffsets.Segment(segment, field);
        void Done()
        {
            code.RegReg(0x31, value, value);
            code.Byte(0xC3);
        }

        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.Cr0);
        code.Int((int)Cr0.PE);
        code.JumpIf(Zero, real);
        EmitTestFlagsOther(Eflags.VM);
        code.JumpIf(NotZero, real);
        code.RegReg(0xF7, 0, selector);
        code.Int(0xFFFC);
        code.JumpIf(Zero, isNull);
        // Bits 3-6 of the selector, 64 bytes each.
        code.Move(note, selector);
        code.RegImm(4, note, (LoadedSegment.Count - 1) << 3);
        code.RegIndexed(0x8D, note, HostRegister.State, note, 3, HostOffsets.LoadedSegments, wide: true);
        code.Load(value, HostRegister.State, HostOffsets.Cpl);
        EmitShiftLeft(value, 16);
        code.RegReg(0x09, selector, value);
        code.RegImm(1, value, unchecked((int)LoadedSegment.IsNoted));
        code.RegMem(0x3B, value, note, FieldOf<LoadedSegment>(nameof(LoadedSegment.Tag)));
        code.JumpToIf(NotZero, refuse);
        EmitProof(note, FieldOf<LoadedSegment>(nameof(LoadedSegment.Proof)), selector, value, refuse);
        // Code that takes other segments for granted is another region.
        code.Load(value, HostRegister.State, HostOffsets.RegionKey);
        code.ShiftRight(value, segment);
        code.RegMem(0x33, value, note, FieldOf<LoadedSegment>(nameof(LoadedSegment.FlatBits)));
        code.RegReg(0xF7, 0, value);
        code.Int(RegionKey.FlatDataBits);
        code.JumpToIf(NotZero, refuse);
        for (int n = 0; n < sizeof(SegmentRegister); n += 8)
        {
            code.Load(value, note, n, wide: true);
            code.Store(HostRegister.State, Of(n), value, wide: true);
        }
        Done();

        // Neither flat before nor, with a limit below 4 GiB, afterwards.
        code.Bind(real);
        code.MemImm(7, HostRegister.State, Of(HostOffsets.Limit), -1);
        code.JumpToIf(Zero, refuse);
        code.RegMem(0x6689, selector, HostRegister.State, Of(HostOffsets.Selector));
        EmitShiftLeft(selector, 4);
        code.Store(HostRegister.State, Of(StateOffsets.SegmentBase), selector, wide: true);
        Done();

        code.Bind(isNull);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.RegionKey);
        code.Int(RegionKey.FlatDataBits << segment);
        code.JumpToIf(NotZero, refuse);
        code.Store(HostRegister.State, Of(HostOffsets.Selector), selector);
        code.MemImm(1, HostRegister.State, Of(HostOffsets.ReadLimit), -1, wide: true);
        code.MemImm(1, HostRegister.State, Of(HostOffsets.WriteLimit), -1, wide: true);
        Done();
        return at;
    }

    // CS and SS as noted at Scratch, privilege and what follows from it. Delta = the new key << 32, for Indirect.
    private void EmitAdopt(int cpl)
    {
        const int note = HostRegister.Scratch, value = HostRegister.Delta;
        for (int n = 0; n < 8; n++)
        {
            code.Load(value, note, 8 * n, wide: true);
            code.Store(HostRegister.State, HostOffsets.Segment(Seg.CS, 8 * n), value, wide: true);
        }
        int view = cpl == 0 ? HostOffsets.SystemView : HostOffsets.UserView;
        code.Load(HostRegister.ReadTable, HostRegister.State, view + HostOffsets.ViewReadTable, wide: true);
        code.Load(HostRegister.WriteTable, HostRegister.State, view + HostOffsets.ViewWriteTable, wide: true);
        code.Store(HostRegister.State, HostOffsets.ReadTable, HostRegister.ReadTable, wide: true);
        code.Store(HostRegister.State, HostOffsets.WriteTable, HostRegister.WriteTable, wide: true);
        code.Load(value, HostRegister.State, view + HostOffsets.ViewTracedTable, wide: true);
        code.Store(HostRegister.State, HostOffsets.TracedTable, value, wide: true);
        code.Load(value, HostRegister.State, view + HostOffsets.ViewWindow, wide: true);
        code.Store(HostRegister.State, HostOffsets.Window, value, wide: true);
        if (setsWindow)
        {
            EmitGsBase(WriteGsBase, value);
        }
        code.RegMem(0xC7, 0, HostRegister.State, HostOffsets.Cpl);
        code.Int(cpl);
        code.RegMem(0xC7, 0, HostRegister.State, HostOffsets.CodeMode);
        code.Int(CodeMode.Bits32);
        code.MoveImmediate(value, uint.MaxValue);
        code.Store(HostRegister.State, HostOffsets.StackMask, value, wide: true);
        code.Load(value, HostRegister.State, HostOffsets.RegionKey);
        code.RegImm(4, value, ~RegionKey.CodeAndStackBits);
        code.RegMem(0x0B, value, note, InCall(nameof(FastCall.Key)));
        code.Store(HostRegister.State, HostOffsets.RegionKey, value);
        EmitShiftLeft(value, 32, wide: true);
    }

    // The trap's record waits in the state, EAX on the host's stack.
    private void EmitPark()
    {
        code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Linear, wide: true);
        Push(HostRegister.Rax);
    }

    // value = the eight bytes at the linear address in note[field], as the processor itself reads them.
    private void EmitLoadSystem(int note, int field, int table, int value, nint refused)
    {
        code.Load(value, note, field);
        EmitLook(value, table, HostOffsets.SystemView + HostOffsets.ViewReadTable, refused);
        code.Load(value, note, field);
        code.RegIndexed(0x8B, value, table, value, 0, 0, wide: true);
    }

    // delta = what a shadow table has for the page of a linear address, which is lost.
    private void EmitLook(int address, int delta, int table, nint refused)
    {
        code.ShiftRight(address, 12);
        code.Load(delta, HostRegister.State, table, wide: true);
        code.RegIndexed(0x8B, delta, delta, address, 3, 0, wide: true);
        code.RegReg(0x85, delta, delta, wide: true);
        code.JumpToIf(Zero, refused);
    }

    private void EmitProof(int note, int proof, int table, int value, nint refused)
    {
        EmitLoadSystem(note, proof + FieldOf<DescriptorProof>(nameof(DescriptorProof.Address)), table, value, refused);
        code.RegMem(0x3B, value, note, proof + FieldOf<DescriptorProof>(nameof(DescriptorProof.Raw)), wide: true);
        code.JumpToIf(NotZero, refused);
    }

    // delta = what a shadow table has for the page of a frame, all of which has to be in it.
    private void EmitFrame(int frame, int delta, int table)
    {
        code.Move(delta, frame);
        code.RegImm(4, delta, 0xFFF);
        code.RegImm(7, delta, LastFrame);
        code.JumpToIf(Above, trapAgain);
        code.Move(HostRegister.Delta, frame);
        EmitLook(HostRegister.Delta, delta, table, trapAgain);
    }

    // A data segment that a program may keep: of its own privilege, or null already.
    private void EmitStaysUsable(int segment, int value, int other)
    {
        int fine = code.NewLabel();
        code.Load(value, HostRegister.State, HostOffsets.Segment(segment, HostOffsets.Selector));
        code.RegReg(0x85, value, value);
        code.JumpIf(Zero, fine);
        code.ShiftRight(value, 16);
        code.Move(other, value);
        code.RegImm(4, other, 0x60);
        code.RegImm(7, other, 0x60);
        code.JumpToIf(NotZero, trapAgain);
        code.Bind(fine);
    }

    // The flags in a frame to the image and the rest.
    private void EmitFlagsFrom(int frame, int value, int other, uint copied)
    {
        code.Load(value, frame, FrameFlags);
        code.Move(other, value);
        code.RegImm(4, other, (int)copied);
        code.RegImm(1, other, (int)Eflags.Fixed1);
        code.Store(HostRegister.State, HostOffsets.FlagsOther, other, wide: true);
        EmitImageOf(value, other);
    }

    // value = EFLAGS, of the image and the rest.
    private void EmitEflags(int value, int other)
    {
        code.Load(value, HostRegister.State, HostOffsets.FlagsImage);
        code.Move(other, value);
        code.RegImm(4, other, 1);
        EmitShiftLeft(other, 11);
        code.ShiftRight(value, 8);
        code.RegImm(4, value, 0xD5);
        code.RegReg(0x09, other, value);
        code.RegMem(0x0B, value, HostRegister.State, HostOffsets.FlagsOther);
    }

    // The image = the arithmetic flags in value; both registers are lost.
    private void EmitImageOf(int value, int other)
    {
        code.Move(other, value);
        code.ShiftRight(other, 11);
        code.RegImm(4, other, 1);
        code.RegImm(4, value, 0xD5);
        code.RegImm(1, value, 2);
        EmitShiftLeft(value, 8);
        code.RegReg(0x09, other, value);
        code.Store(HostRegister.State, HostOffsets.FlagsImage, value);
    }

    private void EmitTestFlagsOther(uint bits)
    {
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FlagsOther);
        code.Int((int)bits);
    }

    private void EmitLeaCall(int call) => code.Lea(HostRegister.Scratch, HostRegister.State, call, wide: true);

    private void EmitShiftLeft(int register, int count, bool wide = false)
    {
        code.RegReg(0xC1, 4, register, wide: wide);
        code.Byte(count);
    }
}
