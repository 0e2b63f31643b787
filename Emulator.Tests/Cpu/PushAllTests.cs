using Emulator.Core.Cpu;
using Xunit;

namespace Emulator.Tests.Cpu;

/// <summary>PUSHA in real mode where the stack would wrap around inside of an element (SDM Vol. 2B, PUSHA, real-address mode exceptions).</summary>
public sealed unsafe class PushAllTests
{
    public static TheoryData<string, uint> TiersAndPointers(uint[] pointers)
    {
        var data = new TheoryData<string, uint>();
        foreach (string tier in Tiers.Names)
        {
            foreach (uint pointer in pointers)
            {
                data.Add(tier, pointer);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(TiersAndPointers), new uint[] { 7, 9, 11, 13, 15 })]
    public void IsGeneralProtectionAndWritesNothing(string tier, uint sp)
    {
        using var rig = new RealModeRig(tier, 0x60);
        rig.State->Gpr[0] = 0x5555;
        rig.State->Gpr[4] = sp;
        rig.Run();
        Assert.Equal(Vector.GP, rig.Vector);
        Assert.Equal(sp - 6, (uint)rig.State->Gpr[4]);
        Assert.Equal(RealModeRig.Code, (uint)rig.Cpu.Memory.ReadValue(sp - 6, 2));
        Assert.NotEqual(0x5555u, (uint)rig.Cpu.Memory.ReadValue(sp - 2, 2));
    }

    [Theory]
    [MemberData(nameof(TiersAndPointers), new uint[] { 1, 3, 5 })]
    public void ShutsDownWithoutRoomForTheException(string tier, uint sp)
    {
        using var rig = new RealModeRig(tier, 0x60);
        rig.State->Gpr[4] = sp;
        rig.Run();
        Assert.NotEqual(0u, (uint)(rig.State->AttentionFlags & Attention.Shutdown));
    }

    [Theory]
    [MemberData(nameof(TiersAndPointers), new uint[] { 0, 2, 8, 16, 17 })]
    public void WrapsAroundBetweenElements(string tier, uint sp)
    {
        using var rig = new RealModeRig(tier, 0x60, 0xF4);
        rig.State->Gpr[0] = 0x5555;
        rig.State->Gpr[4] = sp;
        rig.Run();
        Assert.Equal(-1, rig.Vector);
        Assert.Equal((sp - 16) & 0xFFFF, (uint)rig.State->Gpr[4]);
        Assert.Equal(0x5555u, (uint)rig.Cpu.Memory.ReadValue((sp - 2) & 0xFFFF, 2));
    }
}
