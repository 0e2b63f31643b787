using Emulator.BT.Translator;
using Emulator.BT.Translator.X64;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;

namespace Emulator.Tests.Translator;

/// <summary>
/// Rights of the host pages that hold translated code: never to be written and executed at once, and in mappings of their own, which the runtime's changes of rights
/// (DOTNET_EnableWriteXorExecute, on unless switched off) cannot reach. Decisions 0021 and 0022.
/// </summary>
public sealed unsafe class CodeRightsTests
{
    private const string CodeName = "/memfd:translated code (deleted)", GuestName = "/memfd:guest memory (deleted)";

    [NativeFact]
    public void CodeMemoryIsExecutableInOneMappingAndWritableInAnother()
    {
        using CodeMemory memory = CodeMemory.TryMap(1 << 20, parts: 1)!;
        HostMappings.Entry code = MappingOf((nint)memory.Base), written = MappingOf((nint)memory.Base + memory.ToWritable);
        Assert.Equal(("r-xs", "rw-s", CodeName, code.File), (code.Rights, written.Rights, code.Name, written.File));
        Assert.Equal(((ulong)memory.Base, (ulong)memory.Base + (1 << 20)), (code.Start, code.End));
        memory.Close();
        Assert.DoesNotContain(HostMappings.All(), m => m.File == code.File && m.Rights.Contains('w', StringComparison.Ordinal));
    }

    [NativeFact]
    public void TheRuntimesOwnChangesOfRightsLeaveThemAlone()
    {
        using TestCpu host = Run(TranslatorBackEnd.X64);
        nint at = (nint)host.Vcpu.Translator!.Show(0x1000)!.HostAddress;
        HostMappings.Entry before = MappingOf(at);
        // RyuJIT makes code of these, for which the runtime opens and closes pages of its own.
        for (int n = 0; n < 5; n++)
        {
            using TestCpu il = Run(TranslatorBackEnd.Il);
            Assert.NotEqual(0, il.Vcpu.Translator!.Regions);
        }
        Assert.Equal(before, MappingOf(at));
        Assert.Equal(("r-xs", CodeName), (before.Rights, before.Name));
        List<HostMappings.Entry> all = HostMappings.All();
        Assert.DoesNotContain(all, m => m.Name is CodeName or GuestName && m.Rights[1..3] == "wx");
        Assert.DoesNotContain(all, m => m.Name == GuestName && m.Rights.Contains('x', StringComparison.Ordinal));
        // Those pages are in files of the runtime, not in anything that is here.
        Assert.DoesNotContain(all, m => m.File == before.File && m.Name != CodeName);
    }

    [NativeFact]
    public void TheFaultHandlerCannotBeWrittenOnceItIsThere()
    {
        // No code is at 1.
        Assert.True(HostFaults.TryWatch(1, 2, 3));
        HostFaults.Forget(1);
        List<HostMappings.Entry> all = HostMappings.All();
        HostMappings.Entry handler = Assert.Single(all, m => m.Name == CodeName && m.End - m.Start == 4096);
        Assert.Equal("r-xs", handler.Rights);
        Assert.Single(all, m => m.File == handler.File);
    }

    private static HostMappings.Entry MappingOf(nint address) => Assert.Single(HostMappings.In((ulong)address, (ulong)address + 1));

    // INC EAX, DEC ECX, JNZ back, HLT: translated before it runs.
    private static TestCpu Run(TranslatorBackEnd backEnd)
    {
        var cpu = new TestCpu(1 << 20, translation: new TranslatorOptions { Threshold = 0, BackEnd = backEnd });
        cpu.Memory.Write(0x1000, [0x40, 0x49, 0x75, 0xFC, 0xF4]);
        CpuState* s = cpu.State;
        s->Segments[Seg.CS].Base = 0;
        s->Segments[Seg.CS].Selector = 0;
        s->Gpr[1] = 100;
        s->Rip = 0x1000;
        cpu.Vcpu.Run(1000);
        Assert.Equal(100ul, s->Gpr[0] & 0xFFFF);
        return cpu;
    }
}
