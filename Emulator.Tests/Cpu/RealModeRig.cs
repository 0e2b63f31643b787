using Emulator.BT.Helpers;
using Emulator.Core.Cpu;

namespace Emulator.Tests.Cpu;

/// <summary>A processor in real mode with code at 0000:1000, stack at 0000:8000, and interrupt vectors that lead to a HLT each.</summary>
internal sealed unsafe class RealModeRig : IDisposable
{
    public const uint Code = 0x1000, Stack = 0x8000, Handlers = 0x2000;

    private readonly TestCpu cpu;

    public RealModeRig(params byte[] code)
        : this(Tiers.Interpreter, code)
    {
    }

    public RealModeRig(string tier, params byte[] code)
    {
        cpu = new TestCpu(1 << 20, translation: Tiers.Options(tier));
        for (int n = 0; n < 6; n++)
        {
            Segmentation.SetReal(State, n, 0);
        }
        for (uint vector = 0; vector < 32; vector++)
        {
            cpu.Memory.WriteValue(vector * 4, 4, Handlers + vector);
            cpu.Memory.WriteValue(Handlers + vector, 1, 0xF4);
        }
        cpu.Memory.Write(Code, code);
        State->Gpr[4] = Stack;
        State->Rip = Code;
    }

    public CpuState* State => cpu.State;

    public TestCpu Cpu => cpu;

    /// <summary>The vector whose handler the processor halted in, or -1.</summary>
    public int Vector => State->Rip is > Handlers and <= Handlers + 32 ? (int)(State->Rip - Handlers - 1) : -1;

    /// <summary>IP, CS, FLAGS that the handler was entered with.</summary>
    public uint PushedIp => (uint)cpu.Memory.ReadValue(Stack - 6, 2);

    public uint PushedFlags => (uint)cpu.Memory.ReadValue(Stack - 2, 2);

    /// <summary>Sets DR0-DR3 in order, then DR7.</summary>
    public RealModeRig Break(uint dr7, params uint[] addresses)
    {
        for (int n = 0; n < addresses.Length; n++)
        {
            State->Dr[n] = addresses[n];
        }
        State->Dr[7] = dr7 | 0x400;
        cpu.Vcpu.DebugRegistersChanged();
        return this;
    }

    /// <summary>Runs until the processor halts or a few thousand instructions have gone by.</summary>
    public RealModeRig Run(long budget = 5000)
    {
        State->AttentionFlags &= ~Attention.Halted;
        cpu.Vcpu.Run(budget);
        return this;
    }

    public void Dispose() => cpu.Dispose();
}
