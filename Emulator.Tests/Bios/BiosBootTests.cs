using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Tests.Guests;
using Emulator.Tests.Firmware;
using Xunit;

namespace Emulator.Tests.Bios;

/// <summary>What the built-in BIOS boots, and what it says when it does not.</summary>
public sealed class BiosBootTests
{
    [Theory]
    [InlineData("grub-rescue-floppy.img", "(fd0)")]
    [InlineData("grub-rescue-cdrom.iso", "(cd)")]
    [InlineData("grub-rescue-cdrom.iso", "(hd0)")]
    public void GrubListsWhatItStartedFrom(string image, string device)
    {
        DriveConfig drive = device switch
        {
            "(fd0)" => new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = GuestFiles.Grub(image), Format = "raw", Snapshot = true },
            "(cd)" => new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true, File = GuestFiles.Grub(image), Format = "raw", ReadOnly = true },
            _ => new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = GuestFiles.Grub(image), Format = "raw", Snapshot = true },
        };
        using var guest = new GuestRun(BuiltIn(drive));
        guest.WaitForScreen("for a command-line", 60);
        guest.Press("c");
        guest.WaitForScreen("grub>", 30);
        guest.Type("ls\n");
        guest.WaitForScreen(device, 30);
    }

    [Fact]
    public void AnIsaBoardBootsAndSaysThatItHasNoPci()
    {
        using var rig = new BiosRig(_ => new MachineConfig { MachineType = MachineTypes.IsaPc });
        Assert.Contains("Booting from floppy A", rig.Guest.Screen, StringComparison.Ordinal);
        Assert.Equal(0x81, rig.Int(0x1A, new() { Eax = 0xB101 }).Ah);
        Assert.NotEqual("$PIR"u8.ToArray(), rig.Read(0xF0120, 4));
    }

    [Fact]
    public void AKernelStartedDirectlyHasAScreen()
    {
        using var guest = new GuestRun(BuiltIn() with { Kernel = GuestFiles.Memtest, RamBytes = 16 << 20 });
        guest.WaitForScreen("Memtest86+", 30);
    }

    [Fact]
    public void WithoutABootableDeviceItSaysSoAndStays()
    {
        using var guest = new GuestRun(BuiltIn());
        guest.WaitForScreen("No bootable device.", 30);
        guest.WaitForDebug("emu BIOS", 5);
        Assert.Contains("Booting from floppy A", guest.Screen, StringComparison.Ordinal);
        Assert.Contains("Boot failed: no disk", guest.Screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(FirmwareFiles.BuiltIn)]
    [InlineData(null)]
    public void AFloppyWithoutSignatureBootsOnlyWhenItIsNotLookedAt(string? bios)
    {
        using var directory = new TempDirectory();
        byte[] image = new byte[1440 * 1024];
        File.ReadAllBytes(TestRoms.Path("hello")).CopyTo(image, 0);
        image[511] = 0;
        var config = new MachineConfig
        {
            BiosFile = bios,
            NoFloppyBootCheck = true,
            Boot = new BootConfig { Order = "a" },
            Drives = [new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = directory.Make("floppy.img", image), Format = "raw" }],
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        };
        using (var guest = new GuestRun(config))
        {
            Assert.Equal((7 << 1) | 1, guest.WaitForExit(60));
        }
        using var refused = new GuestRun(config with { NoFloppyBootCheck = false });
        refused.WaitForScreen("No bootable device.", 60);
    }

    [Fact]
    public void TheBootMenuListsDevicesAndTakesAChoice()
    {
        var cd = new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true, File = GuestFiles.GrubCdrom, Format = "raw", ReadOnly = true };
        using var guest = new GuestRun(BuiltIn(cd) with { Boot = new BootConfig { Menu = true, SplashTimeMs = 60_000 } });
        guest.WaitForScreen("Press ESC for boot menu.", 30);
        guest.Press("esc");
        guest.WaitForScreen("2. CD-ROM 0 [ide1-cd0]", 30);
        guest.Press("2");
        guest.WaitForScreen("for a command-line", 60);
    }

    [Fact]
    public void SeaBiosRunsWithTheBuiltInVideoBios()
    {
        using var guest = new GuestRun(new MachineConfig { BiosFile = "/usr/share/seabios/bios-256k.bin" }, videoBios: FirmwareFiles.BuiltInVideo);
        guest.WaitForScreen("SeaBIOS (version", 60);
        guest.WaitForScreen("No bootable device.", 60);
    }

    private static MachineConfig BuiltIn(params DriveConfig[] drives) => new() { BiosFile = FirmwareFiles.BuiltIn, Drives = drives };
}
