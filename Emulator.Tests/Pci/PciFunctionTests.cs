using Emulator.Core.Memory;
using Emulator.Devices.Pci;
using Xunit;

namespace Emulator.Tests.Pci;

public sealed class PciFunctionTests : IDisposable
{
    private readonly PciRig rig = new();
    private readonly TestFunction function;

    public PciFunctionTests()
    {
        function = new TestFunction(rig.Memory);
        rig.Bus.Add(2, 0, function);
    }

    public void Dispose() => rig.Dispose();

    [Theory]
    [InlineData(0x10, 0xFFFF_0008u)]
    [InlineData(0x14, 0xFFFF_FFF1u)]
    [InlineData(0x18, 0xFFFF_F000u)]
    [InlineData(0x1C, 0x0000_0000u)]
    [InlineData(0x30, 0xFFFF_E001u)]
    public void SizingShowsSizeAndType(int register, uint expected)
    {
        rig.Write(2, 0, register, 0xFFFF_FFFF);
        Assert.Equal(expected, rig.Read(2, 0, register));
    }

    [Fact]
    public void IoBarFollowsCommandRegisterAndMoves()
    {
        rig.Write(2, 0, 0x14, 0xC000);
        Assert.Equal(0xFFu, rig.Ports.Read(0xC003, 1));
        rig.Write(2, 0, 4, 1, 2);
        Assert.Equal(0xA3u, rig.Ports.Read(0xC003, 1));
        rig.Write(2, 0, 0x14, 0xD000);
        Assert.Equal(0xFFu, rig.Ports.Read(0xC003, 1));
        Assert.Equal(0xA3u, rig.Ports.Read(0xD003, 1));
        rig.Write(2, 0, 4, 0, 2);
        Assert.Equal(0xFFu, rig.Ports.Read(0xD003, 1));
    }

    [Fact]
    public void IoBarBeyondThePortSpaceIsNotDecoded()
    {
        rig.Write(2, 0, 4, 1, 2);
        rig.Write(2, 0, 0x14, 0x0001_C000);
        Assert.Equal(0xFFu, rig.Ports.Read(0xC000, 1));
        Assert.False(function.Bars.Single(b => b.Index == 1).IsDecoded);
    }

    [Fact]
    public void MmioBarReachesTheDevice()
    {
        rig.Write(2, 0, 0x18, 0xFEBF_0000);
        rig.Write(2, 0, 4, 2, 2);
        Assert.Equal(0xB010ul, rig.Memory.ReadValue(0xFEBF_0010, 4));
        rig.Memory.WriteValue(0xFEBF_0010, 4, 77);
        Assert.Equal(77u, function.LastValue);
    }

    [Fact]
    public void RamBarShowsMachineMemoryAndMoves()
    {
        rig.Memory.Machine(function.RamAddress, 4)[1] = 0x5A;
        rig.Write(2, 0, 4, 2, 2);
        rig.Write(2, 0, 0x10, 0xFD00_0000);
        Assert.Equal(0x5Aul, rig.Memory.ReadValue(0xFD00_0001, 1));
        rig.Write(2, 0, 0x10, 0xE000_0000);
        rig.Memory.WriteValue(0xE000_0002, 1, 0x77);
        Assert.Equal(0x77, rig.Memory.Machine(function.RamAddress, 4)[2]);
        Assert.Equal(0xFFul, rig.Memory.ReadValue(0xFD00_0001, 1));
    }

    [Fact]
    public void TwoBarsCanTradePlaces()
    {
        rig.Write(2, 0, 4, 2, 2);
        rig.Write(2, 0, 0x10, 0xE000_0000);
        rig.Write(2, 0, 0x18, 0xE001_0000);
        rig.Write(2, 0, 0x18, 0xE000_0000);
        rig.Write(2, 0, 0x10, 0xE001_0000);
        Assert.Equal(0xB008ul, rig.Memory.ReadValue(0xE000_0008, 4));
        Assert.Equal(0ul, rig.Memory.ReadValue(0xE001_0008, 4));
    }

    [Fact]
    public void RomNeedsBothEnablesAndSwallowsWrites()
    {
        rig.Write(2, 0, 4, 2, 2);
        rig.Write(2, 0, 0x30, 0xFEB0_0000);
        Assert.Equal(0xFFFFul, rig.Memory.ReadValue(0xFEB0_0000, 2));
        rig.Write(2, 0, 0x30, 0xFEB0_0001);
        Assert.Equal(0xAA55ul, rig.Memory.ReadValue(0xFEB0_0000, 2));
        rig.Memory.WriteValue(0xFEB0_0000, 2, 0);
        Assert.Equal(0xAA55ul, rig.Memory.ReadValue(0xFEB0_0000, 2));
        // The image of 5000 bytes is padded with FF.
        Assert.Equal(0xFFul, rig.Memory.ReadValue(0xFEB0_0000 + 5000, 1));
    }

    [Fact]
    public void RamHidesABarPlacedOverIt()
    {
        rig.Memory.Map(new MemoryRegion("ram", 0, 4 << 20, MemoryKind.Ram, 0, null, 0));
        rig.Write(2, 0, 4, 2, 2);
        rig.Write(2, 0, 0x18, 0x0020_0000);
        Assert.Equal(0ul, rig.Memory.ReadValue(0x20_0008, 4));
    }

    [Fact]
    public void CommandRegisterHoldsItsDefinedBitsAndStatusClearsByOnes()
    {
        rig.Write(2, 0, 4, 0xFFFF_FFFF);
        Assert.Equal(0x0000_0547u, rig.Read(2, 0, 4));
        Assert.True(function.IsBusMaster);
    }

    [Fact]
    public void InterruptsOfTwoFunctionsShareAWire()
    {
        var second = new TestFunction(rig.Memory);
        rig.Bus.Add(6, 0, second);
        var seen = new List<(int, bool)>();
        rig.Bus.PirqChanged = (pirq, level) => seen.Add((pirq, level));
        function.Interrupt(true);
        second.Interrupt(true);
        function.Interrupt(false);
        Assert.Equal([(1, true)], seen);
        second.Interrupt(false);
        Assert.Equal([(1, true), (1, false)], seen);
    }

    [Fact]
    public void InterruptDisableHoldsThePinAndStatusShowsTheRequest()
    {
        rig.Write(2, 0, 4, 0x400, 2);
        function.Interrupt(true);
        Assert.False(rig.Bus.PirqLevel(1));
        Assert.Equal(8u, rig.Read(2, 0, 6, 2) & 8);
        rig.Write(2, 0, 4, 0, 2);
        Assert.True(rig.Bus.PirqLevel(1));
    }

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(1, 4, 3)]
    [InlineData(2, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(4, 2, 0)]
    [InlineData(0, 1, 3)]
    public void SlotsTurnThePins(int device, int pin, int pirq) => Assert.Equal(pirq, PciBus.PirqOf(device, pin));

    [Fact]
    public void ResetUnmapsAndLowersInterrupts()
    {
        rig.Write(2, 0, 0x14, 0xC000);
        rig.Write(2, 0, 4, 1, 2);
        rig.Write(2, 0, 0x3C, 11, 1);
        function.Interrupt(true);
        rig.Bus.Reset();
        Assert.Equal(0xFFu, rig.Ports.Read(0xC003, 1));
        Assert.False(rig.Bus.PirqLevel(1));
        Assert.Equal(0x0000_0001u, rig.Read(2, 0, 0x14));
        Assert.Equal(0x0100u, rig.Read(2, 0, 0x3C, 2));
    }

    [Fact]
    public void BadBarsAreRefused()
    {
        Assert.Throws<ArgumentException>(() => PciBar.Mmio("m", 2048, function));
        Assert.Throws<ArgumentException>(() => PciBar.Mmio("m", 0x3000, function));
        Assert.Throws<ArgumentException>(() => PciBar.Io("i", 512, function));
    }
}
