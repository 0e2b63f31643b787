using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>When a pending interrupt is taken (SDM Vol. 3A, 6.8.3).</summary>
public sealed unsafe class InterruptWindowTests
{
    [Theory]
    [InlineData(new byte[] { 0xFB, 0x90, 0xFA, 0xF4 }, 0x1002)] // STI; NOP; CLI; HLT: between NOP and CLI
    [InlineData(new byte[] { 0xFB, 0xFA, 0xF4 }, -1)] // STI; CLI; HLT: no window at all
    public void StiOpensTheWindowAfterOneInstruction(byte[] code, int returnTo)
    {
        using var cpu = new TestCpu(1 << 20);
        CpuState* s = cpu.State;
        for (int n = 0; n < 6; n++)
        {
            Segmentation.SetReal(s, n, 0);
        }
        cpu.Memory.Write(0x1000, code);
        cpu.Memory.Write(0x20, [0x00, 0x20, 0x00, 0x00]); // vector 8: 0000:2000
        cpu.Memory.Write(0x2000, [0xF4]);
        s->Gpr[4] = 0x8000;
        s->Rip = 0x1000;
        cpu.Vcpu.Acknowledge = () => 8;
        cpu.Vcpu.SetInterruptLine(true);
        cpu.Vcpu.Run(1000);
        Assert.Equal(returnTo < 0 ? (ulong)(0x1000 + code.Length) : 0x2001ul, s->Rip);
        if (returnTo >= 0)
        {
            Assert.Equal((ulong)returnTo, cpu.Memory.ReadValue(0x8000 - 6, 2));
        }
    }
}
