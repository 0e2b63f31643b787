using Emulator.Core.State;
using Xunit;

namespace Emulator.Tests.Pci;

public sealed class PciStateTests
{
    [Fact]
    public void ABusAndItsFunctionsGoOnInAnotherBus()
    {
        using PciRig first = new(), second = new();
        TestFunction one = new(first.Memory), other = new(second.Memory);
        first.Bus.Add(3, 0, one);
        second.Bus.Add(3, 0, other);
        first.Write(3, 0, 0x14, 0xC000);
        first.Write(3, 0, 0x10, 0xE000_0000);
        first.Write(3, 0, 0x04, 3, 2);
        one.Interrupt(true);
        StateTransfer.Load("bus", second.Bus, 1, StateTransfer.Save("bus", first.Bus));
        StateTransfer.Load("function", other, 1, StateTransfer.Save("function", one));
        Assert.Equal(0xA5u, second.Ports.Read(0xC005, 1));
        second.Memory.WriteValue(0xE000_0010, 1, 0x77);
        Assert.Equal(0x77, second.Memory.Machine(other.RamAddress + 0x10, 1)[0]);
        List<bool> levels = [];
        second.Bus.PirqChanged = (_, level) => levels.Add(level);
        Assert.True(second.Bus.PirqLevel(2));
        other.Interrupt(true);
        Assert.Empty(levels);
        other.Interrupt(false);
        Assert.Equal([false], levels);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void OfTwoBarsAtOnePlaceTheLowerFunctionsAnswersWhicheverCameFirst(bool lowerFirst)
    {
        using var rig = new PciRig();
        TestFunction lower = new(rig.Memory), upper = new(rig.Memory);
        rig.Bus.Add(3, 0, lower);
        rig.Bus.Add(4, 0, upper);
        foreach (int device in lowerFirst ? new[] { 3, 4 } : [4, 3])
        {
            rig.Write(device, 0, 0x14, 0xC000);
            rig.Write(device, 0, 0x18, 0xE010_0000);
            rig.Write(device, 0, 0x04, 3, 2);
        }
        rig.Ports.Write(0xC000, 4, 11);
        Assert.Equal((11u, 0u), (lower.LastValue, upper.LastValue));
        rig.Memory.WriteValue(0xE010_0000, 4, 12);
        Assert.Equal((12u, 0u), (lower.LastValue, upper.LastValue));
        rig.Write(3, 0, 0x04, 0, 2);
        rig.Ports.Write(0xC000, 4, 13);
        Assert.Equal((12u, 13u), (lower.LastValue, upper.LastValue));
        rig.Memory.WriteValue(0xE010_0000, 4, 14);
        Assert.Equal((12u, 14u), (lower.LastValue, upper.LastValue));
    }
}
