using Emulator.BT;
using Emulator.BT.Model;
using Emulator.BT.Translator;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;

namespace Emulator.Tests.Cpu;

/// <summary>A processor, by default the one with everything, with RAM from address 0 and nothing else: ports read as FF.</summary>
internal sealed unsafe class TestCpu : IDisposable
{
    private sealed class StoppedClock : IClock
    {
        public long NowNs => 0;
    }

    public TestCpu(ulong ramBytes = 16 << 20, CpuModel? model = null, TranslatorOptions? translation = null)
    {
        Memory = new PhysicalMemory(ramBytes, 1 << 20, mappable: BT.Translator.Translator.WantsWindows(translation));
        Memory.Map(new MemoryRegion("ram", 0, ramBytes, MemoryKind.Ram, 0, null, 0));
        Ports = new PortBus();
        Vcpu = new Vcpu(model ?? CpuModel.Max, Memory, Ports, new StoppedClock(), EventLog.Silent, translation);
    }

    public PhysicalMemory Memory { get; }

    public PortBus Ports { get; }

    public Vcpu Vcpu { get; }

    public CpuState* State => Vcpu.State;

    public void Dispose()
    {
        Vcpu.Dispose();
        Memory.Dispose();
    }
}
