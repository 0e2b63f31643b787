using Emulator.Core.Memory;
using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;
using Xunit;

namespace Emulator.Tests.Firmware;

public sealed class DirectBootTests
{
    private static readonly MachineDescription Machine = new()
    {
        RamSize = 16 << 20,
        SerialPorts = 2,
        FloppyA = FloppyType.Disk1440,
        IdeDrives = [new IdeDrive(0, 0, new DiskGeometry(10, 16, 63)), new IdeDrive(1, 0, null)],
    };

    [Fact]
    public void TablesAreFoundFromTheBiosSegmentAndLieInReservedMemory()
    {
        using var memory = new TestMemory(16);
        BootEnvironment environment = DirectBoot.Prepare(memory.Memory, Machine);
        Assert.Equal("RSD PTR "u8, memory.Bytes(environment.RsdpAddress, 8));
        Assert.InRange(environment.RsdpAddress, 0xE0000u, 0xFFFF0u);
        Assert.Equal(0u, environment.RsdpAddress % 16);
        uint rsdt = memory.U32(environment.RsdpAddress + 16);
        Assert.Equal("RSDT"u8, memory.Bytes(rsdt, 4));
        Assert.False(environment.IsRam(rsdt, 4));
        Assert.Equal("_SM_"u8, memory.Bytes(DirectBoot.SmbiosAnchorAddress, 4));
        uint smbios = memory.U32(DirectBoot.SmbiosAnchorAddress + 24);
        Assert.Equal([0, 0x18], memory.Bytes(smbios, 2));
        Assert.False(environment.IsRam(smbios, 1));
    }

    [Fact]
    public void MapIsAscendingWithoutOverlap()
    {
        using var memory = new TestMemory(16);
        IReadOnlyList<E820Entry> map = DirectBoot.Prepare(memory.Memory, Machine).Map;
        Assert.All(map.Zip(map.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
        Assert.Equal(16ul << 20, map.Where(e => e.Start < 16 << 20).Max(e => e.End));
        Assert.Equal(2, map.Count(e => e.Type == E820Type.Ram));
    }

    [Fact]
    public void LargeMemoryGoesOnAbove4GiB()
    {
        IReadOnlyList<E820Entry> map = MemoryMap.ForSeaBios(4ul << 30);
        Assert.Equal([new E820Entry(0, 3ul << 30, E820Type.Ram), new E820Entry(1ul << 32, 1ul << 30, E820Type.Ram)], map);
        Assert.Single(MemoryMap.ForSeaBios(0xDFF00000));
    }

    [Fact]
    public void BiosDataAreaDescribesTheMachine()
    {
        using var memory = new TestMemory(16);
        DirectBoot.Prepare(memory.Memory, Machine);
        Assert.Equal((0x3F8, 0x2F8, 0), (memory.U16(0x400), memory.U16(0x402), memory.U16(0x404)));
        Assert.Equal(0x9FC0, memory.U16(0x40E));
        Assert.Equal(639, memory.U16(0x413));
        Assert.Equal(0x27 | (2 << 9), memory.U16(0x410));
        Assert.Equal((3, 80, 0x3D4, 24, 16), (memory.U8(0x449), memory.U16(0x44A), memory.U16(0x463), memory.U8(0x484), memory.U16(0x485)));
        Assert.Equal(1, memory.U8(0x475));
        Assert.Equal(1, memory.U8(0x9FC00));
    }

    [Fact]
    public void ClosedShadowRamIsABoardError()
    {
        using var memory = new PhysicalMemory(16 << 20, 0);
        memory.Map(new MemoryRegion("low", 0, 0xC0000, MemoryKind.Ram, 0, null, 0));
        memory.Map(new MemoryRegion("bios", 0xC0000, 0x40000, MemoryKind.Rom, 0xC0000, null, 0));
        memory.Map(new MemoryRegion("high", 0x100000, 15 << 20, MemoryKind.Ram, 0x100000, null, 0));
        Assert.Throws<InvalidOperationException>(() => DirectBoot.Prepare(memory, Machine));
    }

    [Fact]
    public void LittleRamIsRefused()
    {
        using var memory = new TestMemory(1);
        Assert.Contains("-m 2", Assert.Throws<FirmwareException>(() => DirectBoot.Prepare(memory.Memory, Machine with { RamSize = 1 << 20 })).Message);
    }

    [Fact]
    public void LegacyChipsGetTheirDocumentedState()
    {
        (ushort, byte)[] icws = [(0x20, 0x11), (0xA0, 0x11), (0x21, 0x08), (0xA1, 0x70), (0x21, 0x04), (0xA1, 0x02), (0x21, 0x01), (0xA1, 0x01)];
        Assert.Equal(icws, LegacyState.PortWrites.Take(8));
        Assert.Equal([0x36, 0x00, 0x00], LegacyState.PortWrites.SkipWhile(w => w != (0x43, 0x36)).Take(3).Select(w => (int)w.Value));
        Assert.Contains((0x4D1, (byte)0x0C), LegacyState.PortWrites.Select(w => ((int)w.Port, w.Value)));
    }
}
