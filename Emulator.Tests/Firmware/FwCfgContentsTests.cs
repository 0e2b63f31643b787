using System.Buffers.Binary;
using System.Text;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.FwCfg;
using Xunit;

namespace Emulator.Tests.Firmware;

public sealed class FwCfgContentsTests
{
    private static readonly MachineDescription Machine = new()
    {
        RamSize = 512 << 20,
        FloppyA = FloppyType.Disk1440,
        IdeDrives = [new IdeDrive(1, 0, null), new IdeDrive(0, 1, new DiskGeometry(100, 16, 63)), new IdeDrive(0, 0, new DiskGeometry(100, 16, 63))],
        BootOrder = "dca",
    };

    [Fact]
    public void ItemsHaveQemusWidthsAndValues()
    {
        IReadOnlyDictionary<ushort, byte[]> entries = FwCfgContents.Build(Machine with { NoGraphic = true }).Entries;
        Assert.Equal([0, 0, 0, 0x20, 0, 0, 0, 0], entries[0x03]);
        Assert.Equal([1, 0], entries[0x04]);
        Assert.Equal([1, 0], entries[0x05]);
        Assert.Equal(new byte[16], entries[0x0D]);
        Assert.Equal([0, 0], entries[0x0E]);
        Assert.Equal([1, 0], entries[0x0F]);
        Assert.Equal([1, 0, 0, 0], entries[0x8002]);
    }

    [Fact]
    public void FilesThatSeaBiosOpensAreThere()
    {
        IReadOnlyDictionary<string, byte[]> files = FwCfgContents.Build(Machine).Files;
        string[] expected =
        [
            "bootorder", "etc/acpi/rsdp", "etc/acpi/tables", "etc/boot-fail-wait", "etc/e820",
            "etc/smbios/smbios-anchor", "etc/smbios/smbios-tables", "etc/system-states", "etc/table-loader",
        ];
        Assert.Equal(expected, files.Keys.Order(StringComparer.Ordinal));
        Assert.Equal([0xFF, 0xFF, 0xFF, 0xFF], files["etc/boot-fail-wait"]);
        Assert.Equal(0, files["etc/system-states"][3] & 0x80);
        Assert.Equal(0, files["etc/system-states"][4] & 0x80);
        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x20, 0, 0, 0, 0, 1, 0, 0, 0], files["etc/e820"]);
    }

    [Fact]
    public void WaitsAndTheMenuAreOptions()
    {
        FwCfgContents contents = FwCfgContents.Build(Machine with { BootMenu = true, BootMenuWaitMs = 1000, BootFailWaitMs = 5, HasAcpi = false });
        Assert.Equal([1, 0], contents.Entries[0x0E]);
        Assert.Equal(1000, BinaryPrimitives.ReadUInt16LittleEndian(contents.Files["etc/boot-menu-wait"]));
        Assert.Equal([5, 0, 0, 0], contents.Files["etc/boot-fail-wait"]);
        Assert.DoesNotContain("etc/table-loader", contents.Files.Keys);
    }

    [Fact]
    public void BootOrderNamesTheDevicesInOrder()
    {
        const string expected = "/pci@i0cf8/ide@1,1/drive@1/disk@0\n/pci@i0cf8/ide@1,1/drive@0/disk@0\n"
            + "/pci@i0cf8/ide@1,1/drive@0/disk@1\n/pci@i0cf8/isa@1/fdc@03f0/floppy@0\n\0";
        Assert.Equal(expected, Encoding.ASCII.GetString(FwCfgContents.Build(Machine).Files["bootorder"]));
        Assert.Empty(FwCfgContents.Build(Machine with { BootOrder = "n" }).Files["bootorder"]);
    }
}
