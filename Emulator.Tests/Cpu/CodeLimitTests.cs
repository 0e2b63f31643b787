using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>Transfers beyond the limit of CS fault before anything has changed, so that they can be done again.</summary>
public sealed unsafe class CodeLimitTests
{
    private const uint Old = 0xDEAD_BEEF;

    [Theory]
    [InlineData(new byte[] { 0x66, 0xE8, 0x00, 0x00, 0x01, 0x00 })] // CALL rel32
    [InlineData(new byte[] { 0x66, 0xFF, 0xD3 })] // CALL EBX
    [InlineData(new byte[] { 0x66, 0xFF, 0x16, 0x00, 0x50 })] // CALL DWORD [5000]
    [InlineData(new byte[] { 0x66, 0xE9, 0x00, 0x00, 0x01, 0x00 })] // JMP rel32
    [InlineData(new byte[] { 0x66, 0xFF, 0xE3 })] // JMP EBX
    [InlineData(new byte[] { 0x66, 0x0F, 0x83, 0x00, 0x00, 0x01, 0x00 })] // JAE rel32
    [InlineData(new byte[] { 0x66, 0xC3 })] // RET
    [InlineData(new byte[] { 0x66, 0xC2, 0x08, 0x00 })] // RET 8
    [InlineData(new byte[] { 0x66, 0x9A, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00 })] // CALL FAR 0000:00010000
    [InlineData(new byte[] { 0x66, 0xEA, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00 })] // JMP FAR
    [InlineData(new byte[] { 0x66, 0xCB })] // RETF
    [InlineData(new byte[] { 0x66, 0xCF })] // IRETD
    public void NothingHasChanged(byte[] code)
    {
        using var rig = new RealModeRig(code);
        rig.State->Gpr[3] = 0x10000;
        rig.Cpu.Memory.WriteValue(0x5000, 4, 0x10000);
        rig.State->Gpr[4] = RealModeRig.Stack - 0x100;
        // What a return finds; and what a call would push over.
        rig.Cpu.Memory.WriteValue(RealModeRig.Stack - 0x100, 4, 0x10000);
        rig.Cpu.Memory.WriteValue(RealModeRig.Stack - 0xFC, 4, 0);
        rig.Cpu.Memory.WriteValue(RealModeRig.Stack - 0x10C, 4, Old);
        rig.Run();
        Assert.Equal(Vector.GP, rig.Vector);
        Assert.Equal(RealModeRig.Stack - 0x106, (uint)rig.State->Gpr[4]);
        Assert.Equal(RealModeRig.Code, (uint)rig.Cpu.Memory.ReadValue(RealModeRig.Stack - 0x106, 2));
        Assert.Equal(Old, (uint)rig.Cpu.Memory.ReadValue(RealModeRig.Stack - 0x10C, 4));
    }

    [Theory]
    [InlineData(0xE2, 5, true)]
    [InlineData(0xE1, 5, false)] // ZF is clear: LOOPE does not jump
    [InlineData(0xE2, 1, false)] // the last round
    public void LoopKeepsItsCounter(byte opcode, uint count, bool faults)
    {
        // At FFF0: 66 LOOP +7F, to 10072.
        using var rig = new RealModeRig();
        rig.Cpu.Memory.Write(0xFFF0, [0x66, opcode, 0x7F, 0xF4]);
        rig.State->Gpr[1] = count;
        rig.State->Rip = 0xFFF0;
        rig.State->SetEflags(0);
        rig.Run();
        Assert.Equal(faults ? Vector.GP : -1, rig.Vector);
        Assert.Equal(faults ? count : count - 1, (uint)rig.State->Gpr[1]);
    }
}
