using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;

namespace Emulator.BT.Translator;

/// <summary>
/// A processor that never runs: holds a piece of code, flat in 4 GiB or at a 16-bit segment's start, decodes what direct transfers reach, and shows
/// the region that would come of it.
/// </summary>
public sealed unsafe class TranslationBench : IDisposable
{
    // What comes behind the code.
    private const byte Hlt = 0xF4;

    private const ulong RamBytes = 2 << 20;

    private readonly PhysicalMemory memory;
    private readonly Vcpu vcpu;

    private sealed class StoppedClock : IClock
    {
        public long NowNs => 0;
    }

    /// <summary>Puts code at an address.</summary>
    /// <param name="code">At most 64 KiB.</param>
    /// <param name="address">Its offset in CS; in 16-bit code below 64 KiB.</param>
    /// <param name="is32">32-bit code.</param>
    /// <param name="options">Which back end, and how.</param>
    public TranslationBench(ReadOnlySpan<byte> code, uint address, bool is32, TranslatorOptions options)
    {
        memory = new PhysicalMemory(RamBytes, 0, mappable: Translator.WantsWindows(options));
        // The RAM lies where the code is asked to be.
        ulong start = is32 ? address & ~0xFFFFFul : 0;
        memory.Map(new MemoryRegion("ram", start, Math.Min(RamBytes, PhysicalMemory.AddressSpace - start), MemoryKind.Ram, 0, null, 0));
        Span<byte> place = memory.Machine(address - start, code.Length + 1);
        code.CopyTo(place);
        place[^1] = Hlt;
        vcpu = new Vcpu(CpuModel.Max, memory, new PortBus(), new StoppedClock(), EventLog.Silent, options);
        CpuState* cpu = vcpu.State;
        cpu->Rip = address;
        cpu->CodeMode = is32 ? CodeMode.Bits32 : CodeMode.Bits16;
        cpu->StackMask = is32 ? uint.MaxValue : 0xFFFFu;
        for (int n = 0; n < 6; n++)
        {
            ref SegmentRegister segment = ref cpu->Segments[n];
            segment.Base = 0;
            segment.Limit = is32 ? uint.MaxValue : 0xFFFF;
            segment.Access = (ushort)(n == Seg.CS ? 0x9B : 0x93);
            segment.Access |= is32 ? SegmentRegister.DBit : (ushort)0;
            segment.UpdateLimits();
        }
        cpu->RegionKey = 0;
        Discover(address, address + (uint)code.Length, start);
    }

    /// <summary>The region at the code's start.</summary>
    /// <returns>Null when there is nothing to translate.</returns>
    public RegionView? Show() => vcpu.Translator!.Show(vcpu.State->Rip);

    /// <inheritdoc/>
    public void Dispose()
    {
        vcpu.Dispose();
        memory.Dispose();
    }

    // Decodes the blocks that direct transfers reach inside the code, as if they had run.
    private void Discover(uint first, uint end, ulong start)
    {
        CpuState* cpu = vcpu.State;
        var open = new Stack<ulong>([first]);
        var seen = new HashSet<ulong>();
        while (open.TryPop(out ulong rip))
        {
            if (rip < first || rip >= end || !seen.Add(rip) || !vcpu.Mmu.TranslateFetch(rip, out _, out _))
            {
                continue;
            }
            cpu->Rip = rip;
            Block* block = vcpu.Cache.Decode(cpu, rip - start, cpu->CodeMode);
            block->Heat = 1;
            open.Push(rip + (ulong)block->Length);
            Insn* last = block->First + block->Count - 1;
            if (block->Flow is BlockFlow.Conditional or BlockFlow.Jump or BlockFlow.Call)
            {
                open.Push((rip + (ulong)last->Imm) & ((last->Extra & InsnFlags.Operand32) != 0 ? uint.MaxValue : 0xFFFFu));
            }
        }
        cpu->Rip = first;
    }
}
