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
    // Hot: has it translated, once. True when the guest waited for it and the region is there.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TranslateNow(Block* block)
    {
        bool ask = block->Heat == Math.Max(1, threshold) && (block->Mode & Block.SingleStep) == 0 && block->MachineAddress != Block.Dead;
        if (!ask || IsInspected || block->Entry != null)
        {
            return false;
        }
        translator!.Request(block);
        return block->Entry != null;
    }

    // Translated code from the block at RIP on, until it comes back. Returns the block to go on with, or null: look at RIP.
    private Block* RunRegion(Block* block)
    {
        CpuState* cpu = State;
        Slot* entry = block->Entry;
        if (!Fits(entry) || IsInspected)
        {
            return RunBlock(block);
        }
        translator!.Bury();
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
        cpu->BlockRip = trap->BlockRip;
        if (trap->Insn->Handler(cpu, trap->Insn))
        {
            if (trap->Resume != 0 && *trap->Dead == 0 && RegionKey.Of(cpu) == trap->Key)
            {
                return trap->Resume;
            }
            cpu->Rip = trap->BlockRip + (ulong)trap->Insn->NextOffset;
            cpu->Budget += trap->Remaining;
        }
        else if (cpu->FaultVector >= 0)
        {
            cpu->Rip = trap->BlockRip + trap->Insn->Offset;
            cpu->Budget += trap->Remaining + 1;
        }
        else if (trap->EndDelta != 0 && cpu->Rip == trap->BlockRip + (ulong)trap->Insn->NextOffset && cpu->AttentionFlags == 0 && cpu->Budget > 0
            && *trap->Dead == 0 && cpu->ReadTable[(uint)(cpu->Segments[Seg.CS].Base + cpu->Rip) >> 12] == trap->EndDelta)
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
        if (block != null)
        {
            translator!.Sample(block);
        }
    }

    // After an exit that leads nowhere yet: the next one through it finds the region behind it, if there is one by then.
    private Block* Follow(RegionExit exit)
    {
        CpuState* cpu = State;
        long resets = cache.Resets;
        Block* next = Lookup(0);
        if (next != null && next->Entry != null && resets == cache.Resets && Fits(next->Entry))
        {
            if (exit == RegionExit.Indirect)
            {
                translator!.AddJump(next->Entry);
            }
            else
            {
                translator!.Link((Slot*)cpu->PendingSlot, next->Entry);
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

    // True when the region was compiled for the present state.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Fits(Slot* entry)
    {
        CpuState* cpu = State;
        ref SegmentRegister cs = ref cpu->Segments[Seg.CS];
        return entry->Rip == cpu->Rip && entry->Key == RegionKey.Of(cpu) && entry->CsBase == cs.Base && entry->CsLimit == cs.Limit;
    }

    // True when somebody wants to see every block or instruction.
    private bool IsInspected => BeforeBlock != null || SingleStepping;
}
