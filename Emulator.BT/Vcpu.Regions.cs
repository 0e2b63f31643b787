using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Regions;
using Emulator.BT.Translator.X64;
using Emulator.Core.Cpu;

namespace Emulator.BT;

/// <summary>The second tier as the run loop sees it: into regions, out of them, and what they leave to the interpreter.</summary>
public sealed unsafe partial class Vcpu
{
    /// <summary>
    /// Guest instructions that were interpreted though their block has a region: one for another state of the processor, or made where the page lay before.
    /// </summary>
    public long InterpretedBesideRegion { get; private set; }

    // Hot: has it translated. True when the guest waited for it and the region is there. What could not be is asked for again when it is much hotter.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TranslateNow(Block* block)
    {
        if (IsInspected)
        {
            return false;
        }
        block->AskAt = block->Heat >= int.MaxValue / 16 ? int.MaxValue : 16 * Math.Max(block->Heat, 1);
        if (block->MachineAddress == Block.Dead || FittingEntry(block) != null)
        {
            return false;
        }
        translator!.Request(block);
        return FittingEntry(block) != null;
    }

    // Translated code from the block at RIP on, until it comes back. Returns the block to go on with, or null: look at RIP.
    private Block* RunRegion(Block* block)
    {
        CpuState* cpu = State;
        Slot* entry = FittingEntry(block);
        if (IsInspected)
        {
            return RunBlock(block);
        }
        if (entry == null)
        {
            InterpretedBesideRegion += block->Count;
            return RunBlock(block);
        }
        translator!.Bury();
        cpu->CodeSlide = (long)(cpu->Rip - entry->Rip);
        RegionExit exit = hasHostCode ? RunHostCode(entry->Code) : (RegionExit)((delegate*<CpuState*, Slot*, int>)entry->Code)(cpu, entry);
        translator.Exits[(int)exit]++;
        switch (exit)
        {
            case RegionExit.Bail:
                return Bail();
            case RegionExit.Ended:
                if (cpu->FaultVector >= 0)
                {
                    DeliverRecorded();
                }
                return null;
            case RegionExit.Unlinked or RegionExit.Indirect when cpu->AttentionFlags == 0 && cpu->Budget > 0:
                return Follow(exit);
            default:
                return null;
        }
    }

    // Host code from an address on; instructions that it leaves to the interpreter's handlers are done between its runs.
    private RegionExit RunHostCode(nint address)
    {
        RegionExit exit;
        while ((exit = translator!.Enter(State, address)) is RegionExit.Trap or RegionExit.HostFault)
        {
            translator.Exits[(int)exit]++;
            address = exit == RegionExit.Trap ? Trapped((TrapRecord*)State->PendingSlot) : translator.Faulted(State);
            if (address == 0)
            {
                return RegionExit.Ended;
            }
        }
        return exit;
    }

    // One instruction for host code. Returns where to go on, or 0: look at RIP; a fault may be recorded.
    private nint Trapped(TrapRecord* trap)
    {
        CpuState* cpu = State;
        translator!.Traps.Count(trap->Counter);
        ulong blockRip = (uint)((long)trap->BlockRip + cpu->CodeSlide);
        cpu->BlockRip = blockRip;
        if (trap->Insn.Handler(cpu, &trap->Insn))
        {
            if (trap->Resume != 0 && *trap->Dead == 0 && RegionKey.Of(cpu) == trap->Key)
            {
                return trap->Resume;
            }
            cpu->Rip = blockRip + (ulong)trap->Insn.NextOffset;
            cpu->Budget += trap->Remaining;
        }
        else if (cpu->FaultVector >= 0)
        {
            cpu->Rip = blockRip + trap->Insn.Offset;
            cpu->Budget += trap->Remaining + 1;
        }
        else if (trap->EndDelta != 0 && cpu->Rip == blockRip + (ulong)trap->Insn.NextOffset && cpu->AttentionFlags == 0 && cpu->Budget > 0
            && *trap->Dead == 0 && cpu->ReadTable[(uint)(cpu->Segments[Seg.CS].Base + cpu->Rip) >> 12] + cpu->CodeSlide == trap->EndDelta)
        {
            return trap->Resume;
        }
        else if (cpu->AttentionFlags == 0 && cpu->Budget > 0 && !ExactBudget)
        {
            // A transfer.
            return translator.ContinueAt(RegionKey.Of(cpu));
        }
        return 0;
    }

    // Where the slice ended, for the translator to see what is hot.
    private void SampleRegion()
    {
        CpuState* cpu = State;
        ulong linear = (uint)(cpu->Segments[Seg.CS].Base + cpu->Rip);
        nint delta = cpu->ReadTable[linear >> 12];
        Block* block = delta == 0 ? null : cache.Find((ulong)((nint)linear + delta - (nint)host), cpu->CodeMode);
        Slot* entry = block == null ? null : FittingEntry(block);
        if (entry != null)
        {
            translator!.Sample(block, entry);
        }
    }

    // After an exit that leads nowhere yet: the next one through it finds the region behind it, if there is one by then.
    private Block* Follow(RegionExit exit)
    {
        CpuState* cpu = State;
        long generation = cache.Generation;
        Block* next = Lookup(0);
        Slot* entry = next == null || generation != cache.Generation ? null : FittingEntry(next);
        if (entry != null)
        {
            if (exit == RegionExit.Indirect)
            {
                translator!.AddJump(entry, cpu->Rip);
            }
            else
            {
                translator!.Link((Slot*)cpu->PendingSlot, entry);
            }
        }
        if (next == null)
        {
            DeliverRecorded();
        }
        return next;
    }

    // One instruction that translated code leaves to the interpreter: a fault, a device, its own code.
    private Block* Bail()
    {
        CpuState* cpu = State;
        Block* block = Lookup(Block.SingleStep);
        if (block == null)
        {
            DeliverRecorded();
            return null;
        }
        RunBlock(block);
        return null;
    }

    // The entry among a block's that was made for the present state, or null. Flat code runs wherever its pages lie.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Slot* FittingEntry(Block* block)
    {
        CpuState* cpu = State;
        int key = RegionKey.Of(cpu);
        Slot* entry = block->Entry;
        while (entry != null && !Fits(entry, key))
        {
            entry = entry->Sibling;
        }
        return entry;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Fits(Slot* entry, int key)
    {
        CpuState* cpu = State;
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        return entry->Key == key && entry->CsBase == cs.Base && entry->CsLimit == cs.Limit && (entry->Rip == cpu->Rip || RegionKey.IsFlatCode(key));
    }

    // True when somebody wants to see every block or instruction.
    private bool IsInspected => BeforeBlock != null || SingleStepping;
}
