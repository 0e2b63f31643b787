using Emulator.BT;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.BT.Translator;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;

namespace Emulator.Bench;

/// <summary>A processor with 16 MiB of RAM in flat 32-bit protected mode without paging, and nothing else.</summary>
internal sealed unsafe class BenchCpu : IDisposable
{
    /// <summary>Where code is put; the stack ends below it, data begins at 2 MiB.</summary>
    public const uint CodeAddress = 0x10_0000, DataAddress = 0x20_0000;

    private sealed class StoppedClock : IClock
    {
        public long NowNs => 0;
    }

    public BenchCpu(TranslatorOptions? translation = null)
    {
        Memory = new PhysicalMemory(16 << 20, 1 << 20);
        Memory.Map(new MemoryRegion("ram", 0, 16 << 20, MemoryKind.Ram, 0, null, 0));
        Vcpu = new Vcpu(CpuModel.All[0], Memory, new PortBus(), new StoppedClock(), EventLog.Silent, translation);
    }

    public PhysicalMemory Memory { get; }

    public Vcpu Vcpu { get; }

    public CpuState* State => Vcpu.State;

    /// <summary>Puts code at <see cref="CodeAddress"/> and makes it next.</summary>
    public void Load(ReadOnlySpan<byte> code)
    {
        CpuState* s = State;
        Vcpu.Reset();
        Vcpu.Cache.Reset();
        s->Cr0 = Cr0.PE;
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)((n == Seg.CS ? 0x9B : 0x93) | SegmentRegister.DBit) };
            s->Segments[n].UpdateLimits();
        }
        code.CopyTo(Memory.Machine(CodeAddress, code.Length));
        s->Rip = CodeAddress;
        s->Gpr[4] = CodeAddress - 16;
        s->Gpr[6] = DataAddress;
        s->Gpr[7] = DataAddress + 0x8000;
    }

    /// <summary>The decoded block at <see cref="CodeAddress"/>.</summary>
    public Block* CodeBlock()
    {
        Block* block = Vcpu.Cache.Find(CodeAddress, State->CodeMode);
        return block != null ? block : Vcpu.Cache.Decode(State, CodeAddress, State->CodeMode);
    }

    public void Dispose()
    {
        Vcpu.Dispose();
        Memory.Dispose();
    }
}
