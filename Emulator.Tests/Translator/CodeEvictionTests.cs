using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;

namespace Emulator.Tests.Translator;

/// <summary>A full code cache lets the oldest code go, a part at a time.</summary>
public sealed unsafe class CodeEvictionTests : IDisposable
{
    // ADD EAX, imm32 sixteen times, then HLT.
    private const int First = 0x1_0000, Adds = 16, FunctionBytes = 96, Functions = 9000;

    private readonly TestCpu cpu = new(1 << 20, translation: new TranslatorOptions { Threshold = 2, BackEnd = TranslatorBackEnd.X64, Window = WindowUse.Off, CacheMegabytes = 1 });

    public CodeEvictionTests()
    {
        CpuState* s = cpu.State;
        s->Cr0 = Cr0.PE;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)(n == Seg.CS ? 0xC09B : 0xC093) };
            s->Segments[n].UpdateLimits();
        }
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        s->RegionKey = 0;
        cpu.Vcpu.Mmu.SelectPrivilege();
        for (int n = 0; n < Functions; n++)
        {
            for (int add = 0; add < Adds; add++)
            {
                cpu.Memory.Write((ulong)(First + (n * FunctionBytes) + (add * 5)), [0x05, .. BitConverter.GetBytes(n)]);
            }
            cpu.Memory.Write((ulong)(First + (n * FunctionBytes) + (Adds * 5)), [0xF4]);
        }
    }

    [NativeFact]
    public void TheNewestCodeStaysAndWhatWentIsMadeAgain()
    {
        Emulator.BT.Translator.Translator translator = cpu.Vcpu.Translator!;
        long largest = 0, smallest = long.MaxValue;
        for (int n = 0; n < Functions; n++)
        {
            for (int times = 0; times < 6; times++)
            {
                Run(n);
            }
            largest = Math.Max(largest, translator.CodeBytes);
            smallest = translator.Evicted == 0 ? smallest : Math.Min(smallest, translator.CodeBytes);
        }
        Assert.InRange(translator.Evicted, 1, translator.Compiled - 1);
        Assert.Equal(translator.Evicted, translator.Invalidated);
        Assert.InRange(largest, 1 << 19, 1 << 20);
        Assert.True(smallest > largest / 4, "more than the oldest part went");
        long compiled = translator.Compiled;
        Run(Functions - 1);
        Assert.Equal(compiled, translator.Compiled);
        for (int times = 0; times < 6; times++)
        {
            Run(0);
        }
        Assert.Equal(compiled + 1, translator.Compiled);
    }

    public void Dispose() => cpu.Dispose();

    private void Run(int function)
    {
        cpu.State->AttentionFlags = 0;
        cpu.State->Gpr[0] = 1;
        cpu.State->Rip = (ulong)(First + (function * FunctionBytes));
        cpu.Vcpu.Run(1000);
        Assert.Equal((ulong)(1 + (Adds * function)), cpu.State->Gpr[0]);
    }
}
