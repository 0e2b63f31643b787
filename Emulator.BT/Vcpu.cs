using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Emulator.BT.Cache;
using Emulator.BT.Decode;
using Emulator.BT.Helpers;
using Emulator.BT.Model;
using Emulator.BT.Translator;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;

namespace Emulator.BT;

/// <summary>
/// One virtual processor: its state, its MMU, its decoded code, and the loop that runs it. Belongs to one thread, except for
/// <see cref="RequestStop"/>.
/// </summary>
public sealed unsafe partial class Vcpu : IDisposable
{
    // Instructions in one slice: some milliseconds.
    private const long MostAtOnce = 10_000_000;

    // Instructions between two looks at where a slice ended: slices that devices cut short say less.
    private const long SampleEach = 1_000_000;

    private readonly GCHandle handle;
    private readonly BlockCache cache;
    private readonly byte* host;
    private readonly IClock clock;
    private readonly EventLog log;
    private long sliceBudget;
    private long retiredBefore;
    private readonly Translator.Translator? translator;
    private readonly bool hasHostCode;
    private long deliveries;
    private long sampledAt;

    /// <summary>Makes a processor in its reset state; without <paramref name="translation"/> it only interprets.</summary>
    public Vcpu(CpuModel model, PhysicalMemory memory, PortBus ports, IClock clock, EventLog log, TranslatorOptions? translation = null)
    {
        Model = model;
        Ports = ports;
        this.clock = clock;
        this.log = log;
        // SAFETY: owned here, freed in Dispose.
        State = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        *State = default;
        handle = GCHandle.Alloc(this);
        State->Owner = GCHandle.ToIntPtr(handle);
        Mmu = new Mmu.Mmu(State, memory);
        host = memory.Host;
        cache = new BlockCache(memory, Mmu, model);
        Msrs = new MsrBank(model);
        Debug = new DebugUnit(State, Mmu);
        translator = translation == null ? null : new Translator.Translator(this, cache, memory, model, translation);
        hasHostCode = translator?.BackEnd == TranslatorBackEnd.X64;
        Reset();
    }

    /// <summary>Registers and hidden state.</summary>
    public CpuState* State { get; }

    /// <summary>Address translation.</summary>
    public Mmu.Mmu Mmu { get; }

    /// <summary>What the processor has.</summary>
    public CpuModel Model { get; }

    /// <summary>Model-specific registers.</summary>
    public MsrBank Msrs { get; private set; }

    /// <summary>Breakpoints of DR0-DR7.</summary>
    internal DebugUnit Debug { get; }

    /// <summary>The I/O space.</summary>
    public PortBus Ports { get; }

    /// <summary>The second tier, or null.</summary>
    public Translator.Translator? Translator => translator;

    /// <summary>
    /// True when a slice ends after exactly its budget in both tiers (the counted clock); else at the end of the block, or a few
    /// blocks later in translated code.
    /// </summary>
    public bool ExactBudget { get; set; }

    /// <summary>Decoded code, for the monitor.</summary>
    public BlockCache Cache => cache;

    /// <summary>What an interrupt acknowledge cycle returns: the vector. Set by the board.</summary>
    public Func<int> Acknowledge { get; set; } = () => 0xFF;

    /// <summary>FERR: an unmasked x87 exception with CR0.NE clear. Set by the board (IRQ 13).</summary>
    public Action FpuError { get; set; } = () => { };

    /// <summary>IGNNE: x87 instructions run in spite of a pending exception with CR0.NE clear. Ends when the exception does.</summary>
    public bool IgnoresFpuErrors { get; set; }

    /// <summary>
    /// Asked before #UD is delivered, with RIP at the instruction, as a hypervisor intercepts an exception. True: it was a call into
    /// the VMM, RIP is where to go on, or <see cref="CpuState.FaultVector"/> has a fault that the call took. Null costs nothing.
    /// </summary>
    public Func<bool>? UndefinedOpcode { get; set; }

    /// <summary>Instructions retired since power-on. Exact at block boundaries and in helpers that end a block.</summary>
    public long InstructionsRetired => retiredBefore + sliceBudget - State->Budget;

    /// <summary>Exceptions and interrupts delivered, by vector: for <c>info traps</c>.</summary>
    public long[] Delivered { get; } = GC.AllocateArray<long>(256, pinned: true);

    /// <summary>The exceptions among <see cref="Delivered"/>: in real mode they share their vectors with interrupts.</summary>
    public long[] Exceptions { get; } = new long[32];

    /// <summary>Called before every block with its first RIP, for <c>-d exec,cpu</c>; null costs nothing.</summary>
    public Action? BeforeBlock { get; set; }

    /// <summary>True while a debugger wants one instruction at a time.</summary>
    public bool SingleStepping { get; private set; }

    /// <summary>The processor behind a state.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vcpu From(CpuState* cpu) => Unsafe.As<Vcpu>(GCHandle.FromIntPtr(cpu->Owner).Target!);

    /// <summary>RESET (SDM Vol. 3A, table 9-1).</summary>
    public void Reset()
    {
        nint owner = State->Owner, mmuHandle = State->Mmu, jumpCache = State->JumpCache;
        uint hostMxcsr = State->HostMxcsr;
        nint fxImage = State->FxImage;
        long budget = State->Budget;
        (int windowIsStale, int interruptLine) = (State->WindowIsStale, State->InterruptLine);
        *State = default;
        State->WindowIsStale = windowIsStale;
        State->InterruptLine = interruptLine;
        State->Owner = owner;
        State->Mmu = mmuHandle;
        State->JumpCache = jumpCache;
        State->HostMxcsr = hostMxcsr;
        State->FxImage = fxImage;
        State->Budget = budget;
        State->FaultVector = -1;
        State->Cr0 = Cr0.CD | Cr0.NW | Cr0.ET;
        State->SetEflags(0);
        State->Gpr[2] = Model.Signature;
        for (int n = 0; n < 6; n++)
        {
            ref SegmentRegister s = ref State->Segments[n];
            s.Limit = 0xFFFF;
            s.Access = 0x93;
            s.UpdateLimits();
        }
        State->Segments[Seg.CS].Selector = 0xF000;
        State->Segments[Seg.CS].Base = 0xFFFF_0000;
        State->Rip = 0xFFF0;
        State->Gdtr.Limit = State->Idtr.Limit = 0xFFFF;
        State->Ldtr.Limit = State->Tr.Limit = 0xFFFF;
        State->Ldtr.Access = 0x82;
        State->Tr.Access = 0x8B;
        State->Dr[6] = 0xFFFF_0FF0;
        State->Dr[7] = 0x400;
        State->StackMask = 0xFFFF;
        State->Fpu.Control = 0x37F;
        State->Fpu.EmptyMask = 0xFF;
        State->Mxcsr = Mxcsr.Initial;
        Msrs = new MsrBank(Model);
        IgnoresFpuErrors = false;
        SetTimeStamp(0);
        Mmu.SelectPrivilege();
        Mmu.FlushAll();
        if (interruptLine != 0)
        {
            State->RaiseAttention(Attention.Interrupt);
        }
        DebugRegistersChanged();
    }

    /// <summary>Makes the loop return soon. May be called from any thread.</summary>
    public void RequestStop() => State->RaiseAttention(Attention.Stop);

    /// <summary>Shortens the running slice: the loop returns at the next block boundary.</summary>
    public void EndSlice()
    {
        long left = State->Budget;
        if (left > 0)
        {
            sliceBudget -= left;
            State->Budget = 0;
        }
    }

    /// <summary>Time-stamp counter: one tick a nanosecond of virtual time.</summary>
    public ulong TimeStamp() => (ulong)(clock.NowNs + State->TscOffset);

    /// <summary>Sets the time-stamp counter.</summary>
    public void SetTimeStamp(ulong value) => State->TscOffset = (long)value - clock.NowNs;

    /// <summary>Runs about <paramref name="budget"/> instructions (to the end of the last block), or until something wants attention.</summary>
    public void Run(long budget)
    {
        CpuState* cpu = State;
        translator?.InstallDone();
        retiredBefore = InstructionsRetired;
        // Host code is no place where the garbage collector can stop this thread: never for long.
        budget = Math.Min(budget, MostAtOnce);
        sliceBudget = budget;
        cpu->Budget = budget;
        if (LogsInterrupts)
        {
            cpu->ForgetCopies();
        }
        Block* block = null;
        while (true)
        {
            if (cpu->AttentionFlags != 0)
            {
                block = null;
                if (!Attend())
                {
                    return;
                }
            }
            if (cpu->Budget <= 0)
            {
                if (hasHostCode && InstructionsRetired - sampledAt >= SampleEach)
                {
                    sampledAt = InstructionsRetired;
                    SampleRegion();
                }
                return;
            }
            if (cpu->AttentionFlags != 0)
            {
                // What one instruction left to do (STI, NOP, CLI opens a window of a single boundary).
                continue;
            }
            if (block == null && (block = Lookup(0)) == null)
            {
                DeliverRecorded();
                continue;
            }
            if (ExactBudget && cpu->Budget < block->Count)
            {
                RunOne();
                block = null;
                continue;
            }
            block = block->Entry != null ? RunRegion(block) : RunBlock(block);
        }
    }

    /// <summary>Runs exactly one instruction, or delivers what was pending before it.</summary>
    public void Step()
    {
        retiredBefore = InstructionsRetired;
        sliceBudget = State->Budget = 1;
        if ((State->AttentionFlags & (Attention.Interrupt | Attention.Nmi)) == 0 || (State->AttentionFlags & Attention.InterruptShadow) != 0 || !TakeInterrupt())
        {
            State->ClearAttention(Attention.InterruptShadow);
            if ((State->AttentionFlags & Attention.Halted) == 0)
            {
                RunOne();
            }
        }
    }

    /// <summary>Switches debugger stepping: every instruction returns to the caller's loop while on.</summary>
    public void SetSingleStepping(bool on)
    {
        SingleStepping = on;
        UpdateStepping();
    }

    /// <summary>EFLAGS were replaced: TF, IF may matter from the next instruction on.</summary>
    public void FlagsChanged()
    {
        if (State->InterruptLine != 0)
        {
            State->RaiseAttention(Attention.Interrupt);
        }
        if (!Debug.IsActive)
        {
            // RF only means something to breakpoints; a stale one must not hide the first.
            State->FlagsOther &= ~(ulong)Eflags.RF;
        }
        if ((State->Cr0 & Cr0.AM) != 0)
        {
            Mmu.SelectPrivilege();
        }
        UpdateStepping();
    }

    /// <summary>DR0-DR7 were written.</summary>
    public void DebugRegistersChanged()
    {
        Debug.RegistersChanged();
        UpdateStepping();
    }

    /// <summary>The compiling threads have something to install. May be called from any thread.</summary>
    internal void NoteCompiled()
    {
        State->RaiseAttention(Attention.Install);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        translator?.Dispose();
        cache.Dispose();
        Mmu.Dispose();
        NativeMemory.AlignedFree(State);
        handle.Free();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Block* RunBlock(Block* block)
    {
        CpuState* cpu = State;
        if (BeforeBlock != null)
        {
            BeforeBlock();
        }
        if (++block->Heat >= block->AskAt && TranslateNow(block))
        {
            return block;
        }
        cpu->BlockRip = cpu->Rip;
        cpu->Budget -= block->Count;
        Insn* i = block->First;
        while (i->Handler(cpu, i))
        {
            i++;
        }
        if (cpu->FaultVector >= 0)
        {
            cpu->Budget += block->Count - (i - block->First);
            cpu->Rip = cpu->BlockRip + i->Offset;
            DeliverRecorded();
            return null;
        }
        long delta = (long)(cpu->Rip - cpu->BlockRip);
        if (delta == block->Delta0 && block->Successor0 != null)
        {
            return block->Successor0;
        }
        if (delta == block->Delta1 && block->Successor1 != null)
        {
            return block->Successor1;
        }
        if (cpu->Budget <= 0 || cpu->AttentionFlags != 0)
        {
            // The next block is not looked for before it may run: that sets A bits, or records a fault that comes later, if at all.
            return null;
        }
        return block->MayLink ? Link(block, delta) : Lookup(0);
    }

    private Block* Link(Block* block, long delta)
    {
        long generation = cache.Generation;
        Block* next = Lookup(0);
        // The cache may have dropped everything, and the lookup's own write to A bits may have killed the block. Only inside the
        // linear page does the way stay the same: another page with the same contents may be mapped elsewhere next time.
        if (next == null || generation != cache.Generation || !block->MayLink
            || next->MachineAddress >> 12 != block->MachineAddress >> 12 || next->SecondPage != 0
            || (long)(next->MachineAddress - block->MachineAddress) != delta)
        {
            return next;
        }
        block->Successor1 = block->Successor0;
        block->Delta1 = block->Delta0;
        block->Successor0 = next;
        block->Delta0 = delta;
        return next;
    }

    // The block at CS:RIP, decoded if need be; null with a recorded fault.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Block* Lookup(int modeFlags)
    {
        CpuState* cpu = State;
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        ulong linear = (uint)(cs.Base + cpu->Rip);
        nint delta = cpu->ReadTable[linear >> 12];
        if (delta != 0)
        {
            Block* block = cache.Find((ulong)((nint)linear + delta - (nint)host), cpu->CodeMode | modeFlags);
            if (block != null && cpu->Rip + (ulong)block->Length - 1 <= cs.Limit && block->SecondPage == 0)
            {
                return block;
            }
        }
        return LookupSlow(linear, modeFlags);
    }

    private Block* LookupSlow(ulong linear, int modeFlags)
    {
        CpuState* cpu = State;
        uint limit = cpu->Segments[Seg.CS].Limit;
        if (cpu->Rip > limit && limit == uint.MaxValue)
        {
            // EIP has 32 bits: behind the last byte of 4 GiB comes the first.
            cpu->Rip = (uint)cpu->Rip;
        }
        else if (cpu->Rip > limit)
        {
            Fault.GP(cpu);
            return null;
        }
        if (!Mmu.TranslateFetch(linear, out ulong machineAddress, out bool inMemory))
        {
            return null;
        }
        int mode = cpu->CodeMode | modeFlags;
        if (!inMemory)
        {
            return cache.DecodeUncached(cpu, linear, mode);
        }
        Block* block = cache.Find(machineAddress, mode);
        if (block == null)
        {
            return cache.Decode(cpu, machineAddress, mode);
        }
        if (cpu->Rip + (ulong)block->Length - 1 > limit)
        {
            return cache.DecodeUncached(cpu, linear, mode);
        }
        if (block->SecondPage != 0)
        {
            if (!Mmu.TranslateFetch((linear & ~0xFFFul) + 0x1000, out ulong second, out inMemory))
            {
                return null;
            }
            if (!inMemory || second != block->SecondPage)
            {
                return cache.DecodeUncached(cpu, linear, mode);
            }
        }
        return block;
    }

    // True when the loop may go on.
    private bool Attend()
    {
        CpuState* cpu = State;
        int flags = cpu->AttentionFlags;
        if ((flags & Attention.Install) != 0)
        {
            cpu->ClearAttention(Attention.Install);
            translator!.Bury();
            translator.InstallDone();
        }
        if ((flags & (Attention.Stop | Attention.Shutdown)) != 0)
        {
            cpu->ClearAttention(Attention.Stop);
            return false;
        }
        if ((flags & Attention.InterruptShadow) != 0)
        {
            cpu->ClearAttention(Attention.InterruptShadow);
            RunOne();
            return (cpu->AttentionFlags & Attention.Stop) == 0;
        }
        if ((flags & (Attention.Interrupt | Attention.Nmi)) != 0)
        {
            TakeInterrupt();
        }
        if ((cpu->AttentionFlags & Attention.Halted) != 0)
        {
            return false;
        }
        if ((cpu->AttentionFlags & Attention.SingleStep) != 0 && cpu->Budget > 0)
        {
            RunOne();
            return !SingleStepping;
        }
        return true;
    }

    // One instruction, with the debug exceptions before and after it (SDM Vol. 3B, 18.3.1; after MOV SS they wait for one instruction).
    private void RunOne()
    {
        CpuState* cpu = State;
        bool shadowed = (cpu->AttentionFlags & Attention.DebugShadow) != 0;
        cpu->ClearAttention(Attention.DebugShadow);
        if (!shadowed && Debug.IsActive && Debug.BeforeInstruction())
        {
            Fault.Raise(cpu, Vector.DB);
            DeliverRecorded();
            return;
        }
        bool trap = (cpu->FlagsOther & Eflags.TF) != 0;
        Block* block = Lookup(Block.SingleStep);
        if (block == null)
        {
            DeliverRecorded();
            return;
        }
        long before = deliveries;
        cpu->FlagsOther &= ~(ulong)Eflags.RF;
        RunBlock(block);
        if (deliveries != before)
        {
            return;
        }
        if ((cpu->AttentionFlags & Attention.DebugShadow) == 0 && Debug.AfterInstruction(trap))
        {
            DeliverException(Vector.DB, 0);
        }
    }

    private void UpdateStepping()
    {
        bool step = SingleStepping || (State->FlagsOther & Eflags.TF) != 0 || Debug.IsActive;
        if (step)
        {
            State->RaiseAttention(Attention.SingleStep);
        }
        else
        {
            State->ClearAttention(Attention.SingleStep);
        }
    }
}
