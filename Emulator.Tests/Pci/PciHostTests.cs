using Emulator.Devices.Pci;
using Xunit;

namespace Emulator.Tests.Pci;

public sealed class PciHostTests : IDisposable
{
    private readonly PciRig rig = new();

    public PciHostTests() => rig.Bus.Add(0, 0, new I440Fx(rig.Memory));

    public void Dispose() => rig.Dispose();

    [Fact]
    public void AddressRegisterAnswersOnlyDwords()
    {
        rig.Ports.Write(0xCF8, 4, 0x8000_0000);
        Assert.Equal(0x8000_0000u, rig.Ports.Read(0xCF8, 4));
        Assert.Equal(0xFFFFu, rig.Ports.Read(0xCF8, 2));
        Assert.Equal(0xFFu, rig.Ports.Read(0xCFB, 1));
        rig.Ports.Write(0xCFB, 1, 0);
        rig.Ports.Write(0xCF8, 1, 0x55);
        rig.Ports.Write(0xCFA, 2, 0);
        Assert.Equal(0x8000_0000u, rig.Ports.Read(0xCF8, 4));
    }

    [Fact]
    public void AddressRegisterHoldsOnlyItsDefinedBits()
    {
        rig.Ports.Write(0xCF8, 4, 0xFFFF_FFFF);
        Assert.Equal(0x80FF_FFFCu, rig.Ports.Read(0xCF8, 4));
    }

    [Theory]
    [InlineData(0, 4, 0x1237_8086u)]
    [InlineData(0, 1, 0x86u)]
    [InlineData(1, 1, 0x80u)]
    [InlineData(2, 1, 0x37u)]
    [InlineData(3, 1, 0x12u)]
    [InlineData(0, 2, 0x8086u)]
    [InlineData(1, 2, 0x3780u)]
    [InlineData(2, 2, 0x1237u)]
    public void DataPortTakesEveryWidthAndOffset(int offset, int size, uint expected) =>
        Assert.Equal(expected, rig.Read(0, 0, offset, size));

    [Fact]
    public void AbsentFunctionsAndDisabledMechanismReadAsOnes()
    {
        Assert.Equal(~0u, rig.Read(5, 0, 0));
        Assert.Equal(0xFFFFu, rig.Read(0, 1, 2, 2));
        rig.Write(5, 0, 4, 7);
        rig.Ports.Write(0xCF8, 4, 0x0000_0000);
        Assert.Equal(~0u, rig.Ports.Read(0xCFC, 4));
        rig.Ports.Write(0xCF8, 4, 0x8001_0000);
        Assert.Equal(~0u, rig.Ports.Read(0xCFC, 4));
    }

    [Fact]
    public void ResetControlTriggersOnceOnRisingBit2()
    {
        rig.Ports.Write(0xCF9, 1, 0x02);
        Assert.Equal(0, rig.Resets);
        Assert.Equal(0x02u, rig.Ports.Read(0xCF9, 1));
        rig.Ports.Write(0xCF9, 1, 0x06);
        Assert.Equal(1, rig.Resets);
    }

    [Fact]
    public void ReadOnlyHeaderBytesStay()
    {
        rig.Write(0, 0, 0, 0);
        rig.Write(0, 0, 8, 0);
        rig.Write(0, 0, 0x2C, 0);
        Assert.Equal(0x1237_8086u, rig.Read(0, 0, 0));
        Assert.Equal(0x0600_0002u, rig.Read(0, 0, 8));
        Assert.Equal(0x1100_1AF4u, rig.Read(0, 0, 0x2C));
    }

    [Fact]
    public void SamePlaceTwiceIsRefused() =>
        Assert.Throws<InvalidOperationException>(() => rig.Bus.Add(0, 0, new I440Fx(rig.Memory)));
}
