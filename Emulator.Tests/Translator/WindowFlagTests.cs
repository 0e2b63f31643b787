using Emulator.BT.Translator;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Xunit;

namespace Emulator.Tests.Translator;

/// <summary>Flags across instructions that touch memory without a check, which leaves them in the host.</summary>
public sealed unsafe class WindowFlagTests
{
    // Found by random programs: the product's flags were lost when PUSH changed one of its factors.
    [NativeFact]
    public void TheFlagsOfAProductOutliveAPushThatChangesItsFactor() => Product(WindowUse.Off);

    [NativeFact]
    public void TheyDoInTheWindowToo() => Product(WindowUse.On);

    // Found by random programs on an AMD processor, which leaves ZF as it was; the semantics take it from the low half of the product.
    [NativeFact]
    public void ABranchAfterAProductSeesTheSemanticsZeroFlag()
    {
        // XOR EAX, EAX; IMUL ECX, EDX, 43; JZ +1; HLT; INC EBX; HLT
        using TestCpu cpu = Make(WindowUse.Off, [0x31, 0xC0, 0x6B, 0xCA, 0x43, 0x74, 0x01, 0xF4, 0x43, 0xF4]);
        cpu.State->Gpr[2] = 3;
        cpu.Vcpu.Run(100);
        Assert.Equal((0ul, 0xC9ul), (cpu.State->Gpr[3], cpu.State->Gpr[1]));
    }

    // With flat segments and ESP 8000h, code at RIP 1000h.
    private static TestCpu Make(WindowUse window, ReadOnlySpan<byte> code)
    {
        var cpu = new TestCpu(1 << 20, translation: new TranslatorOptions { Threshold = 0, BackEnd = TranslatorBackEnd.X64, Window = window });
        cpu.Memory.Write(0x1000, code);
        CpuState* s = cpu.State;
        s->Cr0 = Cr0.PE;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)(n == Seg.CS ? 0xC09B : 0xC093) };
            s->Segments[n].UpdateLimits();
        }
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        s->Gpr[4] = 0x8000;
        s->RegionKey = 0;
        s->SetEflags(Eflags.Fixed1);
        cpu.Vcpu.Mmu.FlushAll();
        s->Rip = 0x1000;
        return cpu;
    }

    private static void Product(WindowUse window)
    {
        // IMUL EBX, ESP, 67; PUSH EBX; IN AL, FA; SETC CL; HLT
        using TestCpu cpu = Make(window, [0x6B, 0xDC, 0x67, 0x53, 0xE4, 0xFA, 0x0F, 0x92, 0xC1, 0xF4]);
        CpuState* s = cpu.State;
        cpu.Vcpu.Run(100);
        Assert.NotEqual(0, s->AttentionFlags & Attention.Halted);
        Assert.Equal((0ul, 0x7FFCul), (s->Gpr[1] & 0xFF, s->Gpr[4]));
        // 8000_0010 * 67 does not fit.
        s->AttentionFlags = 0;
        s->Gpr[4] = 0x8000_0010;
        s->Rip = 0x1000;
        cpu.Memory.MapGuest(new Emulator.Core.Memory.MemoryRegion("high", 0x8000_0000, 0x1000, Emulator.Core.Memory.MemoryKind.Ram, 0x9000, null, 0));
        cpu.Vcpu.Run(100);
        Assert.NotEqual(0, s->AttentionFlags & Attention.Halted);
        Assert.Equal((1ul, 0x8000_000Cul), (s->Gpr[1] & 0xFF, s->Gpr[4]));
    }
}
