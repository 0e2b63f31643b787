using Emulator.Firmware;
using Emulator.Firmware.Cmos;
using Emulator.Firmware.Description;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>NVRAM bytes; the expected ones were read from QEMU 7.2's pc board with the same options.</summary>
public sealed class CmosContentsTests
{
    [Fact]
    public void BytesAreThoseOfQemu()
    {
        // -m 512 -drive (64 MiB disk) -drive if=floppy -boot order=cad
        Dictionary<byte, byte> cmos = Build(new MachineDescription
        {
            RamSize = 512 << 20,
            FloppyA = FloppyType.Disk2880,
            IdeDrives = [new IdeDrive(0, 0, new DiskGeometry(130, 16, 63))],
            BootOrder = "cad",
        });
        byte[] expected10 = [0x50, 0, 0xF0, 0, 0x07, 0x80, 0x02, 0xFF, 0xFF, 0x2F, 0, 0x82, 0, 0x10, 0xFF, 0xFF];
        byte[] expected20 = [0xC8, 0x82, 0, 0x3F];
        Assert.Equal(expected10, Enumerable.Range(0x10, 16).Select(i => cmos.GetValueOrDefault((byte)i)));
        Assert.Equal(expected20, Enumerable.Range(0x20, 4).Select(i => cmos.GetValueOrDefault((byte)i)));
        Assert.Equal([0xFF, 0xFF, 0x20, 0, 0, 0x1F, 0, 0x20, 0x30, 0], Enumerable.Range(0x30, 10).Select(i => cmos.GetValueOrDefault((byte)i)));
        Assert.Equal(0x12, cmos[0x3D]);
        Assert.Equal([0, 0, 0, 0, 0], Enumerable.Range(0x5B, 5).Select(i => cmos.GetValueOrDefault((byte)i)));
    }

    [Fact]
    public void MemoryAbove4GIsCountedIn64KiB()
    {
        Dictionary<byte, byte> cmos = Build(new MachineDescription { RamSize = 5ul << 30 });
        Assert.Equal([0x00, 0x80, 0x00], Enumerable.Range(0x5B, 3).Select(i => cmos[(byte)i])); // 5 GiB - 3 GiB = 2 GiB
        Assert.Equal([0x00, 0xBF], Enumerable.Range(0x34, 2).Select(i => cmos[(byte)i])); // 3 GiB - 16 MiB
    }

    [Fact]
    public void SmallMemoryHasNoNegativeCounts()
    {
        Dictionary<byte, byte> cmos = Build(new MachineDescription { RamSize = 1 << 20 });
        Assert.All([0x17, 0x18, 0x30, 0x31, 0x34, 0x35], i => Assert.Equal(0, cmos[(byte)i]));
        Assert.Equal(0x80, cmos[0x15]);
    }

    [Fact]
    public void LargeDisksAreTranslatedAndSecondaryOnesHaveNoType()
    {
        Dictionary<byte, byte> cmos = Build(new MachineDescription
        {
            RamSize = 16 << 20,
            IdeDrives = [new IdeDrive(0, 1, new DiskGeometry(16383, 16, 63)), new IdeDrive(1, 0, new DiskGeometry(2000, 16, 63)), new IdeDrive(1, 1, null)],
            FloppyA = FloppyType.Disk1440,
            FloppyB = FloppyType.Disk720,
        });
        Assert.Equal(0x0F, cmos[0x12]);
        Assert.Equal(47, cmos[0x1A]);
        Assert.Equal([0xFF, 0x3F, 16], Enumerable.Range(0x24, 3).Select(i => cmos[(byte)i]));
        Assert.Equal(0b01_01_00, cmos[0x39]);
        Assert.Equal(0x43, cmos[0x10]);
        Assert.Equal(0x47, cmos[0x14]);
    }

    [Theory]
    [InlineData("x", "'x' in boot order \"x\"")]
    [InlineData("cc", "names a device twice")]
    public void ImpossibleBootOrdersAreRefused(string order, string message)
    {
        var machine = new MachineDescription { RamSize = 1 << 24, BootOrder = order };
        Assert.Contains(message, Assert.Throws<FirmwareException>(() => CmosContents.Build(machine)).Message);
    }

    [Fact]
    public void ImpossibleSizesAreRefused()
    {
        Assert.Contains("-m 1", Assert.Throws<FirmwareException>(() => CmosContents.Build(new MachineDescription { RamSize = 512 << 10 })).Message);
        var machine = new MachineDescription { RamSize = 1 << 24, CpuCount = 0 };
        Assert.Contains("-smp", Assert.Throws<FirmwareException>(() => CmosContents.Build(machine)).Message);
    }

    private static Dictionary<byte, byte> Build(MachineDescription machine) =>
        CmosContents.Build(machine).ToDictionary(pair => pair.Index, pair => pair.Value);
}
