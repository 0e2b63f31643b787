using Emulator.BT.Helpers;
using Emulator.BT.Translator;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>Code that changes is seen at once, whoever changes it, in both tiers.</summary>
public sealed unsafe class ChangedCodeTests
{
    private const uint Code = 0x1000;

    public static TheoryData<string> AllTiers => Tiers.All;

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void AnInstructionMayRewriteTheNextOne(string tier)
    {
        // MOV BYTE [next + 1], 2A; next: MOV AL, 0; HLT
        using TestCpu cpu = Run(tier, [0xC6, 0x06, 0x06, 0x10, 0x2A, 0xB0, 0x00, 0xF4]);
        Assert.Equal(0x2Aul, cpu.State->Gpr[0] & 0xFF);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void ALoopMayRewriteItselfEachRound(string tier)
    {
        // MOV CX, 500; loop: ADD AX, imm16; INC WORD [imm16]; LOOP loop; HLT: 1 + 2 + ... + 500.
        using TestCpu cpu = Run(tier, [0xB9, 0xF4, 0x01, 0x05, 0x01, 0x00, 0xFF, 0x06, 0x04, 0x10, 0xE2, 0xF7, 0xF4]);
        Assert.Equal((500u * 501 / 2) & 0xFFFF, (uint)cpu.State->Gpr[0] & 0xFFFF);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void RepeatedStoresOverCodeAreSeen(string tier)
    {
        // MOV DI, next; MOV AL, 40 (INC AX); MOV CX, 4; REP STOSB; next: four NOPs; HLT
        using TestCpu cpu = Run(tier, [0xBF, 0x0A, 0x10, 0xB0, 0x40, 0xB9, 0x04, 0x00, 0xF3, 0xAA, 0x90, 0x90, 0x90, 0x90, 0xF4]);
        Assert.Equal(0x44ul, cpu.State->Gpr[0] & 0xFFFF);
    }

    // Every 100 rounds a patch: without a limit each would have the loop translated again, 65 times over.
    [NativeFact]
    public void CodeThatIsPatchedOftenIsLeftToTheInterpreter()
    {
        using var cpu = new TestCpu(1 << 20, translation: new TranslatorOptions { Threshold = 20, BackEnd = TranslatorBackEnd.X64 });
        Segmentation.SetReal(cpu.State, Seg.DS, 0);
        Segmentation.SetReal(cpu.State, Seg.CS, 0);
        // loop: CALL 1100; INC CX; CMP CL, 100; JNE loop; XOR CL, CL; INC WORD [1101]; ADD SI, 1; CMP SI, 65; JNE loop; HLT
        cpu.Memory.Write(Code, [0xE8, 0xFD, 0x00, 0x41, 0x80, 0xF9, 0x64, 0x75, 0xF7, 0x30, 0xC9, 0xFF, 0x06, 0x01, 0x11, 0x83, 0xC6, 0x01, 0x83, 0xFE, 0x41, 0x75, 0xE9, 0xF4]);
        // 1100: MOV AX, imm16; ADD BX, AX; RET
        cpu.Memory.Write(0x1100, [0xB8, 0x00, 0x00, 0x01, 0xC3, 0xC3]);
        cpu.State->Gpr[4] = 0x8000;
        cpu.State->Rip = Code;
        cpu.Vcpu.Run(1_000_000);
        Assert.NotEqual(0, cpu.State->AttentionFlags & Attention.Halted);
        Assert.Equal(100u * (64 * 65 / 2) & 0xFFFF, (uint)cpu.State->Gpr[3] & 0xFFFF);
        Assert.InRange(cpu.Vcpu.Translator!.Compiled, 1, 30);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void ADeviceMayRewriteCodeByDma(string tier)
    {
        // MOV CX, 100; loop: OUT E0, AL; ADD BX, 0; LOOP loop; HLT. The device writes its count into the immediate each time.
        using var cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        cpu.Ports.Map("dma", 0xE0, 1, new Writer(cpu));
        Run(cpu, [0xB9, 0x64, 0x00, 0xE6, 0xE0, 0x81, 0xC3, 0x00, 0x00, 0xE2, 0xF8, 0xF4]);
        Assert.Equal(100u * 101 / 2, (uint)cpu.State->Gpr[3] & 0xFFFF);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void CodeIsKeyedByPhysicalAddress(string tier)
    {
        // The A20 gate closed makes 10_1000 another name of 0000_1000: DS = FF00, so DS:2001 is 10_1001.
        // loop: MOV AL, 1; MOV BYTE [2001], 7; DEC CX; JNZ loop; HLT. With CX = 2 the second round loads 7.
        using var cpu = new TestCpu(2 << 20, translation: Tiers.Options(tier));
        cpu.Memory.A20 = false;
        Segmentation.SetReal(cpu.State, Seg.DS, 0xFF00);
        cpu.State->Gpr[1] = 2;
        Run(cpu, [0xB0, 0x01, 0xC6, 0x06, 0x01, 0x20, 0x07, 0x49, 0x75, 0xF6, 0xF4]);
        Assert.Equal(7ul, cpu.State->Gpr[0] & 0xFF);
    }

    private static TestCpu Run(string tier, byte[] code)
    {
        var cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        Segmentation.SetReal(cpu.State, Seg.DS, 0);
        return Run(cpu, code);
    }

    private static TestCpu Run(TestCpu cpu, byte[] code)
    {
        Segmentation.SetReal(cpu.State, Seg.CS, 0);
        cpu.Memory.Write(Code, code);
        cpu.State->Rip = Code;
        cpu.Vcpu.Run(20_000);
        Assert.NotEqual(0, cpu.State->AttentionFlags & Attention.Halted);
        return cpu;
    }

    private sealed class Writer(TestCpu cpu) : IPortDevice
    {
        private byte count;

        public uint ReadPort(int offset, int size) => 0xFF;

        public void WritePort(int offset, int size, uint value) => cpu.Memory.Write(Code + 7, [++count]);
    }
}
