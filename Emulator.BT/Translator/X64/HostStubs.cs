using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// The fixed pieces of host code: the way in, which loads the guest's registers and goes to an address, and the ways out. Between them
/// the stack pointer stays where it is; nothing calls.
/// </summary>
internal sealed unsafe partial class HostStubs
{
    private static readonly int[] SavedUnix = [HostRegister.Rbx, HostRegister.Rbp, 12, 13, 14, 15];
    private static readonly int[] SavedWindows = [HostRegister.Rbx, HostRegister.Rbp, HostRegister.Rsi, HostRegister.Rdi, 12, 13, 14, 15];

    private const int ReadGsBase = 1, WriteGsBase = 3;

    private readonly X64Writer code = new();
    private readonly bool setsWindow;
    private readonly nint[] loadSegment;

    /// <summary>Writes the stubs to the front of the code memory.</summary>
    /// <param name="memory">Where they go.</param>
    /// <param name="guest">The guest's memory.</param>
    /// <param name="windows">GS is to be <c>CpuState.Window</c> in host code.</param>
    public HostStubs(CodeMemory memory, PhysicalMemory guest, bool windows)
    {
        setsWindow = windows;
        code.Begin(memory);
        int[] saved = OperatingSystem.IsWindows() ? SavedWindows : SavedUnix;
        Enter = (delegate* unmanaged[SuppressGCTransition]<CpuState*, nint, int>)code.Position;
        EmitEnter(saved);
        Leave = EmitLeave(saved);
        Trap = EmitPending(RegionExit.Trap);
        trapAgain = EmitTrapAgain();
        refuse = EmitRefuse();
        Unlinked = EmitUnlinked();
        Slide = EmitSlide();
        Indirect = EmitIndirect(based: false);
        IndirectBased = EmitIndirect(based: true);
        Continue = EmitContinue(Indirect);
        ContinueBased = EmitContinue(IndirectBased);
        ReturnElsewhere = EmitReturnElsewhere();
        Return = EmitReturn();
        Sysenter = EmitSysenter();
        Sysexit = EmitSysexit();
        Interrupt = EmitInterrupt();
        InterruptReturn = EmitInterruptReturn();
        WriteTraced = EmitWriteTraced(guest);
        MakeEflags = EmitMakeEflags();
        TakeFlags = EmitTakeEflags(wide: false);
        TakeEflags = EmitTakeEflags(wide: true);
        loadSegment = [.. Enumerable.Range(0, 6).Select(EmitLoadSegment)];
        LoadSimd = EmitLoadSimd();
        LoadFpu = EmitLoadFpu();
        ResumeFpu = EmitResumeFpu();
        Fault = EmitFault();
        ResumeFault = EmitResumeFault();
        code.Finish();
        memory.Take(code.Length);
        memory.KeepRest();
    }

    /// <summary>int Enter(state, address): runs host code until it leaves; the value is a <see cref="RegionExit"/>.</summary>
    public delegate* unmanaged[SuppressGCTransition]<CpuState*, nint, int> Enter { get; }

    /// <summary>Out, with the exit's number in <see cref="HostRegister.Linear"/>; RIP and the flags' image are in the state.</summary>
    public nint Leave { get; }

    /// <summary>Out, with a <see cref="TrapRecord"/> in <see cref="HostRegister.Linear"/>.</summary>
    public nint Trap { get; }

    /// <summary>Out, with a slot in <see cref="HostRegister.Linear"/> that leads nowhere.</summary>
    public nint Unlinked { get; }

    /// <summary>The way of a linked exit, with its slot in <see cref="HostRegister.Linear"/>, to a region that was made at another address.</summary>
    public nint Slide { get; }

    /// <summary>
    /// To the RIP in <see cref="HostRegister.Scratch"/> by the jump cache; key &lt;&lt; 32 is in <see cref="HostRegister.Delta"/>, the flags are in the image.
    /// </summary>
    public nint Indirect { get; }

    /// <summary>The same where CS is not flat: the target's base and limit have to be those of CS as well.</summary>
    public nint IndirectBased { get; }

    /// <summary>Where the dispatcher enters to go on at RIP, if there is a region, with the flags in the image and CS flat.</summary>
    public nint Continue { get; }

    /// <summary>The same where CS is not flat.</summary>
    public nint ContinueBased { get; }

    /// <summary>
    /// RET to the RIP in <see cref="HostRegister.Scratch"/>, to flat code of the present <see cref="RegionKey"/>: to where the CALL noted in <c>CpuState.ReturnStack</c>, with RIP as it is here, or as
    /// <see cref="Indirect"/>. The flags are in the image.
    /// </summary>
    public nint Return { get; }

    /// <summary>What <see cref="Return"/> leads to may say: go as <see cref="Indirect"/>; <see cref="HostRegister.Scratch"/> is still the RIP.</summary>
    public nint ReturnElsewhere { get; }

    /// <summary>
    /// Loads XMM registers and MXCSR, then goes to the address in <see cref="HostRegister.Scratch"/>. Where the guest may not use them, out to
    /// the interpreter at the RIP in <see cref="HostRegister.Linear"/>, with <see cref="HostRegister.Delta"/> instructions given back.
    /// </summary>
    public nint LoadSimd { get; }

    /// <summary>The same for the x87, by way of the dispatcher.</summary>
    public nint LoadFpu { get; }

    /// <summary>Where the dispatcher enters with the x87 in the image, to go on at <c>PendingSlot</c>.</summary>
    public nint ResumeFpu { get; }

    /// <summary>Where the host's fault handler has host code go on: out, with the fault in the state.</summary>
    public nint Fault { get; }

    /// <summary>Where the dispatcher enters after that: registers, flags and units as they were, at the target in the state.</summary>
    public nint ResumeFault { get; }

    /// <summary>SYSENTER, with a <see cref="TrapRecord"/> in <see cref="HostRegister.Linear"/> for when it cannot be done here; the flags are in the image.</summary>
    public nint Sysenter { get; }

    /// <summary>The same for SYSEXIT.</summary>
    public nint Sysexit { get; }

    /// <summary>The same for INT n, with n in <see cref="HostRegister.Delta"/>; where it is to return to is in the state's RIP.</summary>
    public nint Interrupt { get; }

    /// <summary>The same for IRETD, from code with flat 32-bit CS and SS.</summary>
    public nint InterruptReturn { get; }

    /// <summary>
    /// To be called where the write table has nothing for the linear address in <see cref="HostRegister.Linear"/>, with the operand's bytes less one in
    /// <see cref="HostRegister.Scratch"/>: comes back with ZF set and <see cref="HostRegister.Delta"/> where the page may be written, these bytes are no code and
    /// in one page, and the write is noted; else with ZF clear.
    /// </summary>
    public nint WriteTraced { get; }

    /// <summary>To be called: what PUSHFD pushes, in <see cref="HostRegister.Scratch"/>, outside of virtual-8086 mode.</summary>
    public nint MakeEflags { get; }

    /// <summary>
    /// To be called with what POPF popped in <see cref="HostRegister.Scratch"/>: takes it in privilege 0 and comes back with ZF set; or with ZF clear and nothing done,
    /// where more than flags is concerned.
    /// </summary>
    public nint TakeFlags { get; }

    /// <summary>The same for POPFD.</summary>
    public nint TakeEflags { get; }

    /// <summary>
    /// To be called with a selector in <see cref="HostRegister.Scratch"/>: loads ES, DS, FS or GS and comes back with ZF set; or with ZF clear
    /// and nothing done, where the interpreter has to.
    /// </summary>
    public nint LoadSegment(int segment) => loadSegment[segment];

    private nint EmitFault()
    {
        var at = (nint)code.Position;
        code.MoveImmediate(HostRegister.Linear, (uint)RegionExit.HostFault);
        code.JumpTo(Leave);
        return at;
    }

    private nint EmitResumeFault()
    {
        var at = (nint)code.Position;
        int noFpu = code.NewLabel(), noSimd = code.NewLabel();
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FaultUnits);
        code.Int((int)HostUnits.Fpu);
        code.JumpIf(4, noFpu);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.FxImage, wide: true);
        code.RegMem(0x0FAE, 1, HostRegister.Scratch, 0);
        code.Bind(noFpu);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.FaultUnits);
        code.Int((int)HostUnits.Simd);
        code.JumpIf(4, noSimd);
        EmitLoadXmm();
        code.Bind(noSimd);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.FaultUnits);
        code.Store(HostRegister.State, HostOffsets.LiveUnits, HostRegister.Scratch);
        code.RegMem(0xFF, 6, HostRegister.State, HostOffsets.FaultRflags);
        code.Byte(0x9D);
        code.Load(HostRegister.Linear, HostRegister.State, HostOffsets.FaultR8, wide: true);
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.FaultR9, wide: true);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.FaultR10, wide: true);
        code.JumpMemory(HostRegister.State, HostOffsets.FaultTarget);
        return at;
    }

    private void EmitLoadXmm()
    {
        for (int n = 0; n < 8; n++)
        {
            code.RegMem(0x0F28, n, HostRegister.State, HostOffsets.Xmm + (16 * n));
        }
        code.RegMem(0x0FAE, 2, HostRegister.State, HostOffsets.Mxcsr);
    }

    // GS = the present window. Reading it first is cheap, and it seldom changes.
    private void EmitWindow()
    {
        int same = code.NewLabel();
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.Window, wide: true);
        EmitGsBase(ReadGsBase, HostRegister.Linear);
        code.RegReg(0x39, HostRegister.Linear, HostRegister.Delta, wide: true);
        code.JumpIf(4, same);
        EmitGsBase(WriteGsBase, HostRegister.Delta);
        code.Bind(same);
    }

    // Of one of R8-R15.
    private void EmitGsBase(int operation, int register)
    {
        code.Byte(0xF3);
        code.Byte(0x49);
        code.Byte(0x0F);
        code.Byte(0xAE);
        code.Byte(0xC0 | operation << 3 | (register & 7));
    }

    private void EmitEnter(int[] saved)
    {
        foreach (int register in saved)
        {
            Push(register);
        }
        bool windows = OperatingSystem.IsWindows();
        if (windows)
        {
            // XMM6 and XMM7 are the caller's there.
            code.RegImm(5, HostRegister.Rsp, 40, wide: true);
            code.RegMem(0x0F11, 6, HostRegister.Rsp, 0);
            code.RegMem(0x0F11, 7, HostRegister.Rsp, 16);
        }
        code.Lea(HostRegister.State, windows ? HostRegister.Rcx : HostRegister.Rdi, HostRegister.StateBias, wide: true);
        code.Move(HostRegister.Scratch, windows ? HostRegister.Rdx : HostRegister.Rsi, wide: true);
        code.Load(HostRegister.ReadTable, HostRegister.State, HostOffsets.ReadTable, wide: true);
        code.Load(HostRegister.WriteTable, HostRegister.State, HostOffsets.WriteTable, wide: true);
        code.Load(HostRegister.Budget, HostRegister.State, HostOffsets.Budget, wide: true);
        if (setsWindow)
        {
            EmitWindow();
        }
        for (int n = 0; n < 8; n++)
        {
            code.Load(HostRegister.Of(n), HostRegister.State, HostOffsets.Gpr(n));
        }
        code.RegReg(0xFF, 4, HostRegister.Scratch);
    }

    private nint EmitLeave(int[] saved)
    {
        var at = (nint)code.Position;
        for (int n = 0; n < 8; n++)
        {
            code.Store(HostRegister.State, HostOffsets.Gpr(n), HostRegister.Of(n), wide: true);
        }
        code.Store(HostRegister.State, HostOffsets.Budget, HostRegister.Budget, wide: true);
        int noFpu = code.NewLabel(), done = code.NewLabel();
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.LiveUnits);
        code.Int((int)HostUnits.Fpu);
        code.JumpIf(4, noFpu);
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.FxImage, wide: true);
        code.RegMem(0x0FAE, 0, HostRegister.Delta, 0);
        // FNINIT: the host's code expects an empty stack.
        code.Byte(0xDB);
        code.Byte(0xE3);
        code.Bind(noFpu);
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.LiveUnits);
        code.Int((int)HostUnits.Simd);
        code.JumpIf(4, done);
        for (int n = 0; n < 8; n++)
        {
            code.RegMem(0x0F29, n, HostRegister.State, HostOffsets.Xmm + (16 * n));
        }
        code.RegMem(0x0FAE, 3, HostRegister.State, HostOffsets.Mxcsr);
        code.RegMem(0x0FAE, 2, HostRegister.State, HostOffsets.HostMxcsr);
        code.Bind(done);
        code.Move(HostRegister.Rax, HostRegister.Linear);
        if (OperatingSystem.IsWindows())
        {
            code.RegMem(0x0F10, 6, HostRegister.Rsp, 0);
            code.RegMem(0x0F10, 7, HostRegister.Rsp, 16);
            code.RegImm(0, HostRegister.Rsp, 40, wide: true);
        }
        for (int n = saved.Length - 1; n >= 0; n--)
        {
            Pop(saved[n]);
        }
        code.Byte(0xC3);
        return at;
    }

    private nint EmitPending(RegionExit exit)
    {
        var at = (nint)code.Position;
        code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Linear, wide: true);
        code.MoveImmediate(HostRegister.Linear, (uint)exit);
        code.JumpTo(Leave);
        return at;
    }

    private nint EmitUnlinked()
    {
        var at = (nint)code.Position;
        code.Load(HostRegister.Delta, HostRegister.Linear, SlotOffsets.Rip);
        code.RegMem(0x03, HostRegister.Delta, HostRegister.State, HostOffsets.CodeSlide);
        code.Store(HostRegister.State, HostOffsets.Rip, HostRegister.Delta, wide: true);
        code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Linear, wide: true);
        code.MoveImmediate(HostRegister.Linear, (uint)RegionExit.Unlinked);
        code.JumpTo(Leave);
        return at;
    }

    private nint EmitSlide()
    {
        var at = (nint)code.Position;
        code.Load(HostRegister.Delta, HostRegister.Linear, SlotOffsets.SlideBy, wide: true);
        code.RegMem(0x01, HostRegister.Delta, HostRegister.State, HostOffsets.CodeSlide, wide: true);
        code.JumpMemory(HostRegister.Linear, SlotOffsets.Behind);
        return at;
    }

    // The budget and attention first: a loop through computed transfers must end too.
    private nint EmitIndirect(bool based)
    {
        const int entry = HostRegister.Linear, tag = HostRegister.Delta, rip = HostRegister.Scratch;
        var at = (nint)code.Position;
        int stop = code.NewLabel(), miss = code.NewLabel();
        code.RegMem(0x3B, HostRegister.Budget, HostRegister.State, HostOffsets.StopBelow, wide: true);
        code.JumpIf(14, stop);
        code.RegReg(0x09, rip, tag, wide: true);
        code.Move(entry, rip);
        code.ShiftRight(entry, JumpCache.Shift);
        code.RegReg(0x31, rip, entry);
        code.RegImm(4, entry, JumpCache.Size - 1);
        EmitShiftLeft(entry, JumpCache.EntryShift);
        code.RegMem(0x03, entry, HostRegister.State, HostOffsets.JumpCache, wide: true);
        code.RegMem(0x3B, tag, entry, FieldOf<JumpEntry>(nameof(JumpEntry.Tag)), wide: true);
        code.JumpIf(NotZero, miss);
        if (based)
        {
            code.Load(tag, HostRegister.State, HostOffsets.Segment(Seg.CS, HostOffsets.Limit));
            EmitShiftLeft(tag, 32, wide: true);
            code.RegMem(0x0B, tag, HostRegister.State, HostOffsets.Segment(Seg.CS, StateOffsets.SegmentBase), wide: true);
            code.RegMem(0x3B, tag, entry, FieldOf<JumpEntry>(nameof(JumpEntry.Slide)), wide: true);
            code.JumpIf(NotZero, miss);
            code.RegMem(0xC7, 0, HostRegister.State, HostOffsets.CodeSlide, wide: true);
            code.Int(0);
            code.Move(tag, rip);
            code.RegMem(0x03, tag, HostRegister.State, HostOffsets.Segment(Seg.CS, StateOffsets.SegmentBase));
        }
        else
        {
            code.Load(tag, entry, FieldOf<JumpEntry>(nameof(JumpEntry.Slide)), wide: true);
            code.Store(HostRegister.State, HostOffsets.CodeSlide, tag, wide: true);
            code.Move(tag, rip);
        }
        // The page may lie elsewhere than when the entry was made.
        code.ShiftRight(tag, 12);
        code.RegIndexed(0x8B, tag, HostRegister.ReadTable, tag, 3, 0, wide: true);
        code.RegMem(0x3B, tag, entry, FieldOf<JumpEntry>(nameof(JumpEntry.Delta)), wide: true);
        code.JumpIf(NotZero, miss);
        code.JumpMemory(entry, FieldOf<JumpEntry>(nameof(JumpEntry.Target)));
        foreach ((int label, RegionExit exit) in ((int, RegionExit)[])[(stop, RegionExit.Left), (miss, RegionExit.Indirect)])
        {
            code.Bind(label);
            code.Store(HostRegister.State, HostOffsets.Rip, rip, wide: true);
            code.MoveImmediate(HostRegister.Linear, (uint)exit);
            code.JumpTo(Leave);
        }
        return at;
    }

    private nint EmitReturn()
    {
        const int top = HostRegister.Linear, rip = HostRegister.Scratch;
        var at = (nint)code.Position;
        code.RegMem(0x0FB6, top, HostRegister.State, HostOffsets.ReturnTop);
        code.RegMem(0x80, 5, HostRegister.State, HostOffsets.ReturnTop);
        code.Byte(8);
        code.RegIndexed(0x3B, rip, HostRegister.State, top, 1, HostOffsets.ReturnStack, wide: true);
        code.JumpToIf(NotZero, ReturnElsewhere);
        // A loop through calls must end too.
        code.RegMem(0x3B, HostRegister.Budget, HostRegister.State, HostOffsets.StopBelow, wide: true);
        code.JumpToIf(LessOrEqual, ReturnElsewhere);
        code.RegIndexed(0xFF, 4, HostRegister.State, top, 1, HostOffsets.ReturnStack + sizeof(ulong));
        return at;
    }

    private nint EmitReturnElsewhere()
    {
        var at = (nint)code.Position;
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.RegionKey);
        EmitShiftLeft(HostRegister.Delta, 32, wide: true);
        code.JumpTo(Indirect);
        return at;
    }

    private nint EmitContinue(nint indirect)
    {
        var at = (nint)code.Position;
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.Rip, wide: true);
        code.Load(HostRegister.Delta, HostRegister.State, HostOffsets.RegionKey);
        code.RegReg(0xC1, 4, HostRegister.Delta, wide: true);
        code.Byte(32);
        code.JumpTo(indirect);
        return at;
    }

    private nint EmitWriteTraced(PhysicalMemory guest)
    {
        const int page = HostRegister.Rbx, delta = HostRegister.Rax, last = HostRegister.Delta, notes = HostRegister.Scratch;
        (nint granules, nint tables, nint dirty) = guest.WriteNotes;
        var at = (nint)code.Position;
        int refused = code.NewLabel();
        Push(delta);
        Push(page);
        code.Load(delta, HostRegister.State, HostOffsets.TracedTable, wide: true);
        code.Move(last, HostRegister.Linear);
        code.ShiftRight(last, 12);
        code.RegIndexed(0x8B, delta, delta, last, 3, 0, wide: true);
        code.RegReg(0x85, delta, delta, wide: true);
        code.JumpIf(Zero, refused);
        code.Move(last, HostRegister.Linear);
        code.RegImm(4, last, 0xFFF);
        code.RegReg(0x01, notes, last);
        code.RegImm(7, last, 0xFFF);
        code.JumpIf(Above, refused);
        code.ShiftRight(last, 6);
        code.RegIndexed(0x8D, page, delta, HostRegister.Linear, 0, 0, wide: true);
        code.MovePointer(notes, (nint)guest.Host);
        code.RegReg(0x29, notes, page, wide: true);
        code.ShiftRight(page, 12, wide: true);
        code.MovePointer(notes, tables);
        code.RegIndexed(0x0FB6, notes, notes, page, 0, 0);
        code.RegReg(0x85, notes, notes);
        code.JumpIf(NotZero, refused);
        code.MovePointer(notes, granules);
        code.RegIndexed(0x8B, notes, notes, page, 3, 0, wide: true);
        // A page without any is to be entered in the write table again.
        code.RegReg(0x85, notes, notes, wide: true);
        code.JumpIf(Zero, refused);
        // BT: the last granule, and the first.
        code.RegReg(0x0FA3, last, notes, wide: true);
        code.JumpIf(Below, refused);
        code.Move(last, HostRegister.Linear);
        code.ShiftRight(last, 6);
        code.RegReg(0x0FA3, last, notes, wide: true);
        code.JumpIf(Below, refused);
        code.MovePointer(notes, dirty);
        code.MoveImmediate(last, 1);
        code.RegIndexed(0x88, last, notes, page, 0, 0);
        code.Move(HostRegister.Delta, delta, wide: true);
        Pop(page);
        Pop(delta);
        code.RegReg(0x31, notes, notes);
        code.Byte(0xC3);
        code.Bind(refused);
        Pop(page);
        Pop(delta);
        code.JumpTo(refuse);
        return at;
    }

    private nint EmitLoadSimd()
    {
        var at = (nint)code.Position;
        int refused = EmitUsable(HostUnits.Simd);
        EmitLoadXmm();
        code.MemImm(1, HostRegister.State, HostOffsets.LiveUnits, (int)HostUnits.Simd);
        code.RegReg(0xFF, 4, HostRegister.Scratch);
        EmitRefused(refused);
        return at;
    }

    private nint EmitLoadFpu()
    {
        var at = (nint)code.Position;
        int refused = EmitUsable(HostUnits.Fpu);
        code.Store(HostRegister.State, HostOffsets.PendingSlot, HostRegister.Scratch, wide: true);
        code.MoveImmediate(HostRegister.Linear, (uint)RegionExit.LoadFpu);
        code.JumpTo(Leave);
        EmitRefused(refused);
        return at;
    }

    private nint EmitResumeFpu()
    {
        var at = (nint)code.Position;
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.FxImage, wide: true);
        code.RegMem(0x0FAE, 1, HostRegister.Scratch, 0);
        code.MemImm(1, HostRegister.State, HostOffsets.LiveUnits, (int)HostUnits.Fpu);
        code.Load(HostRegister.Scratch, HostRegister.State, HostOffsets.PendingSlot, wide: true);
        code.RegReg(0xFF, 4, HostRegister.Scratch);
        return at;
    }

    private int EmitUsable(uint unit)
    {
        int refused = code.NewLabel();
        code.RegMem(0xF7, 0, HostRegister.State, HostOffsets.UsableUnits);
        code.Int((int)unit);
        code.JumpIf(4, refused);
        return refused;
    }

    private void EmitRefused(int label)
    {
        code.Bind(label);
        code.RegReg(0x01, HostRegister.Delta, HostRegister.Budget, wide: true);
        code.Store(HostRegister.State, HostOffsets.Rip, HostRegister.Linear, wide: true);
        code.MoveImmediate(HostRegister.Linear, (uint)RegionExit.Bail);
        code.JumpTo(Leave);
    }

    private void Push(int register) => PushPop(0x50, register);

    private void Pop(int register) => PushPop(0x58, register);

    private void PushPop(int opcode, int register)
    {
        if (register >= 8)
        {
            code.Byte(0x41);
        }
        code.Byte(opcode | (register & 7));
    }
}
