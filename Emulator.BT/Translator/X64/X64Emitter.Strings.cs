using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Repeated string instructions: the host's own, over the elements that lie in one page at either end, again and again until the count
/// or the condition ends it. Backwards, across a page's end, devices and code: a trap.
/// </summary>
internal sealed unsafe partial class X64Emitter
{
    private const int Carry = 2;

    // Elements of MOVS and STOS.
    private const int MostInLoop = 32;

    private void EmitRepeat(ref GuestInsn i)
    {
        const int count = HostRegister.Scratch, rcx = HostRegister.Rcx, rsi = HostRegister.Rsi, rdi = HostRegister.Rdi;
        Insn* r = i.Record;
        bool narrow = r->AddressShift == 48;
        bool compares = IsCompare(i.X.Mnemonic), source = i.X.Mnemonic is not (Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd);
        bool target = i.X.Mnemonic is not (Mnemonic.Lodsb or Mnemonic.Lodsw or Mnemonic.Lodsd);
        int size = r->Sub, again = code.NewLabel(), done = code.NewLabel(), more = code.NewLabel();

        SaveFlags();
        LoseHostFlags();
        bool resumes = !IsOtherPage(block.NextRip);
        int trapTo = TrapLabel(resumes);
        traps[trap].EndDelta = resumes ? block.Delta : 0;
        code.Bind(again);
        EmitIndex(count, rcx, narrow);
        code.RegReg(0x85, count, count);
        code.JumpIf(Zero, done);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FlagsOther);
        code.Int((int)Eflags.DF);
        code.JumpIf(NotZero, trapTo);
        if (source)
        {
            EmitRun(r->Segment, rsi, size, write: false, narrow, trapTo);
            code.Store(HostRegister.State, HostOffsets.Spill(0), HostRegister.Delta, wide: true);
        }
        if (target)
        {
            EmitRun(Seg.ES, rdi, size, write: !compares, narrow, trapTo);
        }
        code.RegReg(0x85, count, count);
        code.JumpIf(Zero, trapTo);
        if (source)
        {
            EmitRunLimit(r->Segment, rsi, size, write: false, narrow, trapTo);
        }
        if (target)
        {
            EmitRunLimit(Seg.ES, rdi, size, write: !compares, narrow, trapTo);
        }

        // The host's pointers for the guest's, and the way back in Linear and Delta; the rest of the count in Scratch.
        if (source)
        {
            code.Load(HostRegister.Linear, HostRegister.State, HostOffsets.Spill(0), wide: true);
            EmitToHost(rsi, HostRegister.Linear, narrow, HostOffsets.Spill(1));
        }
        if (target)
        {
            EmitToHost(rdi, HostRegister.Delta, narrow, HostOffsets.Spill(2));
        }
        code.RegReg(0x87, rcx, count, wide: true);
        code.RegReg(0x29, rcx, count);
        EmitElements(in i.X, size);
        code.RegIndexed(0x8D, rcx, rcx, count, 0, 0);
        if (source)
        {
            EmitToGuest(rsi, HostRegister.Linear, narrow, HostOffsets.Spill(1));
        }
        if (target)
        {
            EmitToGuest(rdi, HostRegister.Delta, narrow, HostOffsets.Spill(2));
        }
        if (compares)
        {
            // The flags are the guest's only when it is over (SDM Vol. 2, REP: a fault on the way shows those before the instruction).
            int over = code.NewLabel();
            code.JumpIf(i.X.HasRepnePrefix ? Zero : NotZero, over);
            EmitSkipJumpIfCountIsZero();
            code.Jump(more);
            code.Bind(over);
            EmitFlagsToImage();
        }
        else
        {
            code.RegReg(narrow ? 0x6685 : 0x85, rcx, rcx);
            code.JumpIf(NotZero, more);
        }
        code.Bind(done);
        flags = new FlagPlaces { Image = true };
        ulong rip = block.Rip + r->Offset;
        Later(() =>
        {
            int stop = code.NewLabel();
            code.Bind(more);
            EmitStopCheck(1, stop);
            code.Lea(HostRegister.Budget, HostRegister.Budget, -1, wide: true);
            code.Jump(again);
            EmitStop(stop, rip);
        });
    }

    private static bool IsCompare(Mnemonic m) => m is Mnemonic.Cmpsb or Mnemonic.Cmpsw or Mnemonic.Cmpsd or Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd;

    // True where the instruction is left to the interpreter: the count in CX cannot be looked at without the flags.
    private static bool RepeatsInInterpreter(ref GuestInsn i) => i.Record->AddressShift == 48 && IsCompare(i.X.Mnemonic);

    private void EmitIndex(int to, int from, bool narrow)
    {
        if (narrow)
        {
            code.RegReg(0x0FB7, to, from);
        }
        else
        {
            code.Move(to, from);
        }
    }

    // Delta: host address minus offset. Scratch: at most the elements up to the page's end.
    private void EmitRun(int segment, int index, int size, bool write, bool narrow, int trapTo)
    {
        bool flat = RegionKey.IsFlat(plan.Key, segment, write);
        int segmentBase = HostOffsets.Segment(segment, StateOffsets.SegmentBase);
        EmitIndex(HostRegister.Linear, index, narrow);
        if (!flat)
        {
            code.RegMem(0x03, HostRegister.Linear, HostRegister.State, segmentBase);
            code.JumpIf(Carry, trapTo);
        }
        EmitDelta(write, trapTo);
        code.RegImm(4, HostRegister.Linear, 0xFFF);
        code.RegImm(6, HostRegister.Linear, 0xFFF);
        code.Lea(HostRegister.Linear, HostRegister.Linear, 1);
        if (size > 1)
        {
            code.ShiftRight(HostRegister.Linear, size == 2 ? 1 : 2);
        }
        code.RegReg(0x39, HostRegister.Linear, HostRegister.Scratch);
        code.RegReg(0x0F47, HostRegister.Scratch, HostRegister.Linear);
        if (!flat)
        {
            code.RegMem(0x03, HostRegister.Delta, HostRegister.State, segmentBase, wide: true);
        }
    }

    // The last byte's offset: inside the segment, and inside 64 KiB where offsets are cut.
    private void EmitRunLimit(int segment, int index, int size, bool write, bool narrow, int trapTo)
    {
        bool flat = RegionKey.IsFlat(plan.Key, segment, write);
        if (flat && !narrow)
        {
            return;
        }
        EmitIndex(HostRegister.Linear, index, narrow);
        code.RegIndexed(0x8D, HostRegister.Linear, HostRegister.Linear, HostRegister.Scratch, size >> 1, -1, wide: true);
        if (!flat)
        {
            int limit = write ? StateOffsets.SegmentWriteLimit : StateOffsets.SegmentReadLimit;
            code.RegMem(0x3B, HostRegister.Linear, HostRegister.State, HostOffsets.Segment(segment, limit), wide: true);
            code.JumpIf(Greater, trapTo);
        }
        if (narrow)
        {
            code.RegImm(7, HostRegister.Linear, 0xFFFF);
            code.JumpIf(Above, trapTo);
        }
    }

    // Index register += delta; the delta's negative stays for the way back.
    private void EmitToHost(int index, int delta, bool narrow, int spill)
    {
        if (narrow)
        {
            code.Store(HostRegister.State, spill, index);
            code.RegReg(0x0FB7, index, index);
        }
        code.RegReg(0x01, delta, index, wide: true);
        code.RegReg(0xF7, 3, delta, wide: true);
    }

    // MOV and LEA: the flags stay.
    private void EmitToGuest(int index, int delta, bool narrow, int spill)
    {
        if (narrow)
        {
            code.RegIndexed(0x8D, delta, index, delta, 0, 0);
            code.Load(index, HostRegister.State, spill);
            code.RegReg(0x6689, delta, index);
        }
        else
        {
            code.RegIndexed(0x8D, index, index, delta, 0, 0);
        }
    }

    // The elements, RCX of them, at the host's pointers. Below some tens of bytes a loop is faster than the host's own REP, whose start
    // alone takes as long; comparing, always.
    private void EmitElements(in Instruction x, int size)
    {
        int loop = code.NewLabel(), done = code.NewLabel();
        if (IsCompare(x.Mnemonic))
        {
            EmitCompareLoop(in x, size);
            return;
        }
        bool moves = x.Mnemonic is Mnemonic.Movsb or Mnemonic.Movsw or Mnemonic.Movsd, stores = x.Mnemonic is Mnemonic.Stosb or Mnemonic.Stosw or Mnemonic.Stosd;
        int value = moves ? HostRegister.Scratch : HostRegister.Rax;
        if (moves || stores)
        {
            int many = code.NewLabel();
            code.RegImm(7, HostRegister.Rcx, MostInLoop);
            code.JumpIf(Above, many);
            if (moves)
            {
                code.Store(HostRegister.State, HostOffsets.Spill(3), HostRegister.Scratch);
            }
            code.Bind(loop);
            if (moves)
            {
                code.RegMem(size == 1 ? 0x0FB6 : size == 2 ? 0x0FB7 : 0x8B, value, HostRegister.Rsi, 0);
                code.Lea(HostRegister.Rsi, HostRegister.Rsi, size, wide: true);
            }
            code.RegMem(size == 1 ? 0x88 : size == 2 ? 0x6689 : 0x89, value, HostRegister.Rdi, 0);
            code.Lea(HostRegister.Rdi, HostRegister.Rdi, size, wide: true);
            code.RegImm(5, HostRegister.Rcx, 1);
            code.JumpIf(NotZero, loop);
            if (moves)
            {
                code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.Spill(3));
            }
            code.Bind(done);
            Later(() =>
            {
                code.Bind(many);
                EmitStringInsn(moves ? 0xA4 : 0xAA, size);
                code.Jump(done);
            });
            return;
        }
        EmitStringInsn(0xAC, size);
    }

    // Ends with the flags of the last comparison.
    private void EmitCompareLoop(in Instruction x, int size)
    {
        int loop = code.NewLabel(), over = code.NewLabel(), value = HostRegister.Rax;
        bool scans = x.Mnemonic is Mnemonic.Scasb or Mnemonic.Scasw or Mnemonic.Scasd;
        code.Store(HostRegister.State, HostOffsets.Spill(3), HostRegister.Scratch);
        code.Bind(loop);
        if (!scans)
        {
            value = HostRegister.Scratch;
            code.RegMem(size == 1 ? 0x0FB6 : size == 2 ? 0x0FB7 : 0x8B, value, HostRegister.Rsi, 0);
            code.Lea(HostRegister.Rsi, HostRegister.Rsi, size, wide: true);
        }
        code.RegMem(size == 1 ? 0x3A : size == 2 ? 0x663B : 0x3B, value, HostRegister.Rdi, 0);
        code.Lea(HostRegister.Rdi, HostRegister.Rdi, size, wide: true);
        code.Lea(HostRegister.Rcx, HostRegister.Rcx, -1, wide: true);
        code.JumpIf(x.HasRepnePrefix ? Zero : NotZero, over);
        EmitSkipJumpIfCountIsZero();
        code.Jump(loop);
        code.Bind(over);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.Spill(3));
    }

    // JRCXZ over the jump that follows: it leaves the flags alone.
    private void EmitSkipJumpIfCountIsZero()
    {
        code.Byte(0xE3);
        code.Byte(5);
    }

    // REP with the opcode of its byte form.
    private void EmitStringInsn(int opcode, int size)
    {
        code.Byte(0xF3);
        if (size == 2)
        {
            code.Byte(0x66);
        }
        code.Byte(opcode | (size == 1 ? 0 : 1));
    }
}
