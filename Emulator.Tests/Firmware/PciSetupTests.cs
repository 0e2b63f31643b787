using Emulator.Firmware;
using Emulator.Firmware.Pci;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>The expected addresses are those that SeaBIOS 1.16.2 logs on QEMU's pc board with the same functions.</summary>
public sealed class PciSetupTests
{
    private const ulong Ram = 512 << 20;
    private readonly FakePciBus bus = FakePciBus.Pc();

    [Fact]
    public void BarsAreWhereSeaBiosPutsThem()
    {
        PciSetup.Run(bus, Ram);
        Assert.Equal(0xC001u, bus.Register(1, 1, 0x20));
        Assert.Equal(0xFD000008u, bus.Register(2, 0, 0x10));
        Assert.Equal(0xFEBF0000u, bus.Register(2, 0, 0x18));
        Assert.Equal(0xFEBE0000u, bus.Register(2, 0, 0x30)); // placed, not enabled
    }

    [Fact]
    public void InterruptsAreRouted()
    {
        bus.Add(3, 0, 0x100E8086, 0x0200, pin: 1).Bar(0, 128 << 10, 0).Bar(1, 64, 1);
        PciSetup.Run(bus, Ram);
        Assert.Equal(0x0B0B0A0Au, bus.Register(1, 0, 0x60));
        Assert.Equal(9u, bus.Register(1, 3, 0x3C) & 0xFF);
        Assert.Equal(11u, bus.Register(3, 0, 0x3C) & 0xFF); // slot 3, pin A: link C
        Assert.Equal(0xC001u, bus.Register(3, 0, 0x14)); // larger than the IDE's 16 ports
        Assert.Equal(0xC041u, bus.Register(1, 1, 0x20));
        Assert.Equal([10, 10, 11, 11], Enumerable.Range(1, 4).Select(slot => (int)PciSetup.InterruptFor(slot, 1)));
    }

    [Fact]
    public void DecodingIsOnAndThePiixIsSetUp()
    {
        PciSetup.Run(bus, Ram);
        Assert.All([(0, 0), (1, 0), (1, 3), (2, 0)], f => Assert.Equal(0x103u, bus.Register(f.Item1, f.Item2, 4) & 0xFFFF));
        Assert.Equal(0x107u, bus.Register(1, 1, 4) & 0xFFFF); // IDE: bus master
        Assert.Equal(0x80008000u, bus.Register(1, 1, 0x40));
        Assert.Equal(0x601u, bus.Register(1, 3, 0x40));
        Assert.Equal(1u, bus.Register(1, 3, 0x80) & 0xFF);
        Assert.Equal(0x701u, bus.Register(1, 3, 0x90));
    }

    [Fact]
    public void DecodingIsOffWhileBarsAreSized()
    {
        bus.Write(0, 2, 0, 4, 2, 3);
        bus.Writes.Clear();
        PciSetup.Run(bus, Ram);
        int off = bus.Writes.FindIndex(w => (w.Device, w.Register) == (2, 4) && (w.Value & 3) == 0);
        int sized = bus.Writes.FindIndex(w => (w.Device, w.Register, w.Value) == (2, 0x10, 0xFFFFFFFF));
        Assert.InRange(off, 0, sized - 1);
    }

    [Fact]
    public void SixtyFourBitBarsStayBelow4GiB()
    {
        bus.Add(4, 0, 0x10001AF4, 0x0100, pin: 1).Bar(0, 16 << 10, 0xC);
        PciSetup.Run(bus, Ram);
        Assert.Equal(0xFE00000Cu, bus.Register(4, 0, 0x10)); // prefetchable: behind the frame buffer
        Assert.Equal(0u, bus.Register(4, 0, 0x14));
    }

    [Fact]
    public void TooMuchIsRefused()
    {
        bus.Add(4, 0, 0x12345678, 0x0300).Bar(0, 1u << 31, 0);
        Assert.Contains("less RAM (-m)", Assert.Throws<FirmwareException>(() => PciSetup.Run(bus, 3ul << 30)).Message);
        FakePciBus ports = FakePciBus.Pc();
        ports.Add(4, 0, 0x12345678, 0x0700).Bar(0, 0x4000, 1);
        Assert.Contains("I/O ports", Assert.Throws<FirmwareException>(() => PciSetup.Run(ports, Ram)).Message);
    }

    [Fact]
    public void ShadowRamIsOpenedFromC0000Up()
    {
        PciSetup.OpenShadowRam(bus);
        Assert.Equal([(0x59, 0x30u), (0x5A, 0x33u), (0x5B, 0x33u), (0x5C, 0x33u), (0x5D, 0x33u), (0x5E, 0x33u), (0x5F, 0x33u)],
            bus.Writes.Select(w => (w.Register, w.Value)));
    }
}
