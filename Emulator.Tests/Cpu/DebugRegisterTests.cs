using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>Breakpoints of DR0-DR3 and the debug exceptions around them (SDM Vol. 3B, 18.2 and 18.3).</summary>
public sealed unsafe class DebugRegisterTests
{
    private const uint L0 = 1, L1 = 4, G2 = 0x20, Write0 = 1 << 16, Io0 = 2 << 16, ReadWrite0 = 3 << 16, Word0 = 1 << 18, Dword0 = 3 << 18, Detect = 1 << 13;
    private const ulong Dr6Fixed = 0xFFFF_0FF0;

    [Fact]
    public void AnExecutionBreakpointFaultsBeforeItsInstruction()
    {
        using var rig = new RealModeRig(0x90, 0x40, 0x40, 0xF4); // NOP; INC AX; INC AX; HLT
        rig.Break(G2, 0, 0, RealModeRig.Code + 2).Run();
        Assert.Equal((Vector.DB, RealModeRig.Code + 2), (rig.Vector, rig.PushedIp));
        Assert.Equal(1ul, rig.State->Gpr[0]);
        Assert.Equal(Dr6Fixed | 4, rig.State->Dr[6]);
    }

    [Fact]
    public void ResumeFlagPassesOverOneBreakpointOnly()
    {
        // The handler sets RF in the image (32-bit frame) and returns; the loop comes by again.
        using var rig = new RealModeRig(0x40, 0xEB, 0xFD); // INC AX; JMP back to it
        byte[] handler =
        [
            0x43, // INC BX
            0x5A, 0x59, 0x5F, // POP DX, CX, DI: IP, CS, FLAGS
            0x66, 0x0F, 0xB7, 0xFF, // MOVZX EDI, DI
            0x66, 0x81, 0xCF, 0x00, 0x00, 0x01, 0x00, // OR EDI, RF
            0x66, 0x57, 0x6A, 0x00, 0x6A, 0x00, 0x6A, 0x00, 0x52, // PUSH EDI; PUSH 0, 0 (CS); PUSH 0; PUSH DX (IP)
            0x66, 0xCF, // IRETD
        ];
        rig.Cpu.Memory.Write(0x3000, handler);
        rig.Cpu.Memory.WriteValue(4, 4, 0x3000);
        rig.Break(L0, RealModeRig.Code).Run(300);
        Assert.InRange(rig.State->Gpr[3], 10ul, 60ul);
        Assert.InRange(rig.State->Gpr[0], rig.State->Gpr[3] - 1, rig.State->Gpr[3]);
        Assert.Equal(RealModeRig.Stack, (uint)rig.State->Gpr[4]);
    }

    [Theory]
    [InlineData(Write0, 0x5000, 0x5000, true)]
    [InlineData(Write0, 0x5001, 0x5000, false)]
    [InlineData(Write0 | Word0, 0x5001, 0x5000, true)]
    [InlineData(Write0 | Word0, 0x5002, 0x5002, true)]
    [InlineData(Write0 | Dword0, 0x5003, 0x5002, true)] // DR0 counts from 5000
    [InlineData(Write0 | Dword0, 0x5004, 0x5002, false)]
    [InlineData(ReadWrite0, 0x5000, 0x5000, true)]
    public void AWriteTrapsAfterItsInstruction(uint kind, uint dr0, ushort address, bool traps)
    {
        // MOV BYTE [address], 55; HLT
        using var rig = new RealModeRig(0xC6, 0x06, (byte)address, (byte)(address >> 8), 0x55, 0xF4);
        rig.Break(L0 | kind, dr0).Run();
        Assert.Equal(0x55ul, rig.Cpu.Memory.ReadValue(address, 1));
        Assert.Equal(traps ? Vector.DB : -1, rig.Vector);
        Assert.Equal(Dr6Fixed | (traps ? 1u : 0), rig.State->Dr[6]);
        if (traps)
        {
            Assert.Equal(RealModeRig.Code + 5, rig.PushedIp);
        }
    }

    [Theory]
    [InlineData(Write0, false)]
    [InlineData(ReadWrite0, true)]
    public void AReadTrapsForReadsAndWritesOnly(uint kind, bool traps)
    {
        using var rig = new RealModeRig(0xA0, 0x00, 0x50, 0xF4); // MOV AL, [5000]; HLT
        // Read before, so that the page is known to the shadow tables.
        rig.Run();
        rig.State->Rip = RealModeRig.Code;
        rig.Break(L0 | kind, 0x5000).Run();
        Assert.Equal(traps ? Vector.DB : -1, rig.Vector);
    }

    [Fact]
    public void ARepeatedStoreTrapsAfterTheElementThatMeetsTheBreakpoint()
    {
        using var rig = new RealModeRig(0xF3, 0xAA, 0xF4); // REP STOSB; HLT
        rig.State->Gpr[1] = 16;
        rig.State->Gpr[7] = 0x5000;
        rig.Break(L0 | Write0, 0x5004).Run();
        Assert.Equal((Vector.DB, RealModeRig.Code), (rig.Vector, rig.PushedIp));
        Assert.Equal((11ul, 0x5005ul), (rig.State->Gpr[1], rig.State->Gpr[7]));
    }

    [Theory]
    [InlineData(true, 0x80, true)]
    [InlineData(true, 0x81, false)]
    [InlineData(false, 0x80, false)]
    public void APortTrapsWithDebugExtensions(bool de, byte port, bool traps)
    {
        using var rig = new RealModeRig(0xE6, port, 0xF4); // OUT port, AL; HLT
        var ports = new LastWrite();
        rig.Cpu.Ports.Map("test", 0x80, 2, ports);
        rig.State->Cr4 = de ? Cr4.DE : 0;
        rig.Break(L0 | Io0, 0x80).Run();
        Assert.Equal(1, ports.Writes);
        Assert.Equal(traps ? Vector.DB : -1, rig.Vector);
    }

    [Fact]
    public void SingleStepAndBreakpointAreOneException()
    {
        using var rig = new RealModeRig(0xC6, 0x06, 0x00, 0x50, 0x55, 0xF4);
        rig.State->FlagsOther |= Eflags.TF;
        rig.Cpu.Vcpu.FlagsChanged();
        rig.Break(L0 | Write0, 0x5000).Run();
        Assert.Equal(Dr6Fixed | 0x4001, rig.State->Dr[6]);
        Assert.Equal((Vector.DB, Eflags.TF), (rig.Vector, rig.PushedFlags & Eflags.TF));
        Assert.Equal(0ul, rig.State->FlagsOther & Eflags.TF);
    }

    [Fact]
    public void MovSsHoldsDebugExceptionsBack()
    {
        using var rig = new RealModeRig(0x8E, 0xD0, 0x90, 0x90, 0xF4); // MOV SS, AX; NOP; NOP; HLT
        rig.Break(L0, RealModeRig.Code + 2);
        rig.State->FlagsOther |= Eflags.TF;
        rig.Cpu.Vcpu.FlagsChanged();
        rig.Run();
        Assert.Equal((Vector.DB, RealModeRig.Code + 3), (rig.Vector, rig.PushedIp));
        Assert.Equal(Dr6Fixed | 0x4000, rig.State->Dr[6]);
    }

    [Fact]
    public void ADisabledBreakpointShowsOnlyBesideAnEnabledOne()
    {
        using var rig = new RealModeRig(0x90, 0xF4);
        rig.Break(L1, RealModeRig.Code, RealModeRig.Code + 1).Run();
        Assert.Equal(Dr6Fixed | 2, rig.State->Dr[6]);
        rig.State->Rip = RealModeRig.Code;
        rig.State->Gpr[4] = RealModeRig.Stack;
        rig.Break(L1, RealModeRig.Code, RealModeRig.Code).Run();
        Assert.Equal(Dr6Fixed | 3, rig.State->Dr[6]);
    }

    [Fact]
    public void GeneralDetectGuardsTheRegistersUntilTheHandler()
    {
        using var rig = new RealModeRig(0x0F, 0x23, 0xC0, 0xF4); // MOV DR0, EAX
        rig.Break(Detect).Run();
        Assert.Equal((Vector.DB, RealModeRig.Code), (rig.Vector, rig.PushedIp));
        Assert.Equal((Dr6Fixed | 0x2000, 0ul), (rig.State->Dr[6], rig.State->Dr[7] & Detect));
    }

    [Fact]
    public void ABreakpointOnCodeThatRunsAtFullSpeedIsSeenAtOnce()
    {
        // Warm code first: INC AX; LOOP; then DR7 by the guest itself.
        using var rig = new RealModeRig(
            0xB9, 0x00, 0x01, // MOV CX, 100
            0x40, 0xE2, 0xFD, // INC AX; LOOP
            0x66, 0xB8, 0x03, 0x10, 0x00, 0x00, 0x0F, 0x23, 0xC0, // DR0 = 1003
            0x66, 0xB8, 0x01, 0x00, 0x00, 0x00, 0x0F, 0x23, 0xF8, // DR7 = L0
            0xEB, 0xE6); // JMP 1000
        rig.Run();
        Assert.Equal((Vector.DB, RealModeRig.Code + 3, 0x100ul), (rig.Vector, rig.PushedIp, rig.State->Gpr[1]));
    }

    private sealed class LastWrite : IPortDevice
    {
        public int Writes { get; private set; }

        public uint ReadPort(int offset, int size) => 0;

        public void WritePort(int offset, int size, uint value) => Writes++;
    }
}
