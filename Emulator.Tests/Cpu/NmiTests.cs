using Emulator.BT.Helpers;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>NMI (SDM Vol. 3A, 6.7): no mask, blocked until the handler's IRET, one more is kept, and the shadow of MOV SS. No ROM can raise one.</summary>
public sealed unsafe class NmiTests : IDisposable
{
    private const uint Code = 0x1000, Handler = 0x2000, Fault = 0x2100, Stack = 0x8000, Count = 0x3000, Order = 0x3002;
    private const ushort NmiPort = 0x10;

    private readonly List<TestCpu> processors = [];

    private sealed class NmiOnWrite(Action raise) : IPortDevice
    {
        public uint ReadPort(int offset, int size) => 0xFF;

        public void WritePort(int offset, int size, uint value) => raise();
    }

    public static TheoryData<string> AllTiers => Tiers.All;

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void ComesWithInterruptsDisabledAndClearsIf(string tier)
    {
        TestCpu cpu = Make(tier, [0xFA, 0xE6, 0x10, 0x90, 0xF4], [0xF4]); // CLI; OUT 10, AL; NOP; HLT
        cpu.State->SetEflags(Eflags.IF);
        cpu.Vcpu.Run(1000);
        Assert.Equal(Handler + 1, cpu.State->Rip);
        Assert.Equal(Code + 3, (uint)cpu.Memory.ReadValue(Stack - 6, 2));
        Assert.Equal(0u, cpu.State->GetEflags() & Eflags.IF);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void IsBlockedUntilIretAndOneIsKept(string tier)
    {
        byte[] handler =
        [
            0xFF, 0x06, 0x00, 0x30, // INC WORD [Count]
            0x83, 0x3E, 0x00, 0x30, 0x01, // CMP WORD [Count], 1
            0x75, 0x09, // JNE done
            0xE6, 0x10, 0xE6, 0x10, 0x90, // OUT 10, AL twice: one is kept, one lost
            0x89, 0x26, 0x02, 0x30, // MOV [Order], SP
            0xCF, // done: IRET
        ];
        TestCpu cpu = Make(tier, [0xE6, 0x10, 0x90, 0xFA, 0xF4], handler);
        cpu.Vcpu.Run(1000);
        Assert.Equal(Code + 5, cpu.State->Rip);
        Assert.Equal(2ul, cpu.Memory.ReadValue(Count, 2));
        // The first handler ran to its end on its own stack frame before the second began.
        Assert.Equal(Stack - 6, cpu.Memory.ReadValue(Order, 2));
        Assert.False(cpu.State->NmiBlocked);
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void AnIretThatFaultsUnblocksToo(string tier)
    {
        // The handler keeps a second NMI, and returns by an offset beyond the limit: #GP, at whose handler the second one comes.
        TestCpu cpu = Make(tier, [0xE6, 0x10, 0xF4], [0xFF, 0x06, 0x00, 0x30, 0x83, 0x3E, 0x00, 0x30, 0x02, 0x74, 0x10, 0xE6, 0x10,
            0x66, 0x6A, 0x02, 0x66, 0x6A, 0x00, 0x66, 0x68, 0x00, 0x00, 0x01, 0x00, 0x66, 0xCF, 0xF4]);
        cpu.Memory.Write(Fault, [0x90, 0xF4]);
        cpu.Memory.WriteValue(Vector.GP * 4, 4, Fault);
        cpu.Vcpu.Run(1000);
        Assert.Equal(2ul, cpu.Memory.ReadValue(Count, 2));
        Assert.Equal(Handler + 28, cpu.State->Rip);
        Assert.Equal(Fault, (uint)cpu.Memory.ReadValue((uint)cpu.State->Gpr[4], 2));
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void WaitsInTheShadowOfMovSs(string tier)
    {
        TestCpu cpu = Make(tier, [0x8E, 0xD0, 0x90, 0x90, 0xF4], [0xF4]); // MOV SS, AX; NOP; NOP; HLT
        cpu.Vcpu.Step();
        cpu.Vcpu.RaiseNmi();
        cpu.Vcpu.Run(1000);
        Assert.Equal(Handler + 1, cpu.State->Rip);
        Assert.Equal(Code + 3, (uint)cpu.Memory.ReadValue(Stack - 6, 2));
    }

    [Theory]
    [MemberData(nameof(AllTiers))]
    public void WakesAHaltedProcessorWithInterruptsDisabled(string tier)
    {
        TestCpu cpu = Make(tier, [0xFA, 0xF4, 0x90], [0xF4]); // CLI; HLT
        cpu.Vcpu.Run(1000);
        Assert.Equal(Code + 2, cpu.State->Rip);
        cpu.Vcpu.RaiseNmi();
        cpu.Vcpu.Run(1000);
        Assert.Equal(Handler + 1, cpu.State->Rip);
        Assert.Equal(Code + 2, (uint)cpu.Memory.ReadValue(Stack - 6, 2));
    }

    public void Dispose() => processors.ForEach(p => p.Dispose());

    private TestCpu Make(string tier, byte[] code, byte[] handler)
    {
        var cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        processors.Add(cpu);
        for (int n = 0; n < 6; n++)
        {
            Segmentation.SetReal(cpu.State, n, 0);
        }
        cpu.Ports.Map("nmi", NmiPort, 1, new NmiOnWrite(cpu.Vcpu.RaiseNmi));
        cpu.Memory.WriteValue(Vector.NMI * 4, 4, Handler);
        cpu.Memory.Write(Code, code);
        cpu.Memory.Write(Handler, handler);
        cpu.State->Gpr[4] = Stack;
        cpu.State->Rip = Code;
        return cpu;
    }
}
