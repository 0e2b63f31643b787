using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Xunit;

namespace Emulator.Tests.Memory;

/// <summary>Device regions that a guest moves about, as it does with the BARs of PCI.</summary>
public sealed class GuestPlacedRegionTests : IDisposable
{
    private readonly PhysicalMemory memory = new(1 << 20, 1 << 20);

    private sealed class Numbered(int number) : IMmioDevice
    {
        public ulong ReadMmio(ulong offset, int size) => (ulong)number;

        public void WriteMmio(ulong offset, int size, ulong value)
        {
        }
    }

    public void Dispose() => memory.Dispose();

    [Fact]
    public void MovesTakeNoMemory()
    {
        var (one, other) = (new Numbered(1), new Numbered(2));
        MemoryRegion still = memory.MapGuest(Region(other, 0xF000_0000)), moving = memory.MapGuest(Region(one, 0xE000_0000));
        for (uint n = 1; n <= 40_000; n++)
        {
            memory.Unmap(moving);
            moving = memory.MapGuest(Region(one, 0xE000_0000 + (n % 5000 * 0x1_0000)));
            Assert.Equal(1ul, memory.ReadValue(moving.Start, 4));
        }
        Assert.InRange(memory.DevicePlaces, 2, 3);
        Assert.Equal(2ul, memory.ReadValue(still.Start, 4));
    }

    [Fact]
    public void TheSameRegionTwiceIsThereUntilBothAreTakenOut()
    {
        MemoryRegion region = Region(new Numbered(3), 0xE000_0000);
        memory.MapGuest(region);
        memory.MapGuest(region);
        memory.Unmap(region);
        Assert.Equal(3ul, memory.ReadValue(0xE000_0000, 4));
        memory.Unmap(region);
        Assert.Equal(uint.MaxValue, memory.ReadValue(0xE000_0000, 4));
        memory.MapGuest(Region(new Numbered(4), 0xE100_0000));
        Assert.Equal(4ul, memory.ReadValue(0xE100_0000, 4));
        Assert.Equal(1, memory.DevicePlaces);
    }

    private static MemoryRegion Region(IMmioDevice device, ulong start) => new("bar", start, 0x1_0000, MemoryKind.Mmio, 0, device, 1);
}
