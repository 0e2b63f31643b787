using Emulator.Machine.Config;
using Emulator.Tests.Firmware;
using Xunit;

namespace Emulator.Tests.Guests;

/// <summary>Unmodified firmware, boot loaders and kernels on the whole machine.</summary>
public sealed class BootTests
{
    [Fact]
    public void SeaBiosSaysItsNameAndItsBootMenuAnswersToKeys()
    {
        using var guest = new GuestRun(new MachineConfig { Boot = new BootConfig { Menu = true }, Drives = [Cd(GuestFiles.GrubCdrom)] });
        guest.WaitForDebug("SeaBIOS (version", 60);
        guest.WaitForScreen("SeaBIOS (version", 60);
        guest.WaitForScreen("Press ESC for boot menu", 60);
        guest.Press("esc");
        guest.WaitForScreen("Select boot device", 60);
        guest.WaitForScreen("DVD/CD", 30);
    }

    [Fact]
    public void ABootSectorRunsAndItsExitCodeComesOut()
    {
        using var guest = new GuestRun(new MachineConfig
        {
            Drives = [Floppy(TestRoms.Path("hello"))],
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        });
        Assert.Equal((7 << 1) | 1, guest.WaitForExit(60));
        Assert.Contains("hello from a boot sector", guest.SerialText, StringComparison.Ordinal);
    }

    [Fact]
    public void ABootSectorRunsOnTheBoardWithoutPci()
    {
        using var guest = new GuestRun(new MachineConfig
        {
            MachineType = MachineTypes.IsaPc,
            Hpet = false,
            Drives = [Floppy(TestRoms.Path("hello"))],
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        });
        Assert.Equal((7 << 1) | 1, guest.WaitForExit(60));
        // Some builds of SeaBIOS for this board say nothing.
        if (guest.DebugText.Contains("SeaBIOS (version", StringComparison.Ordinal))
        {
            Assert.Contains("Detected non-PCI system", guest.DebugText, StringComparison.Ordinal);
        }
        Assert.Contains("hello from a boot sector", guest.SerialText, StringComparison.Ordinal);
    }

    [Fact]
    public void GrubRescueFloppyListsDevices()
    {
        using var guest = new GuestRun(new MachineConfig { Drives = [Floppy(GuestFiles.GrubFloppy)] });
        guest.WaitForScreen("for a command-line", 120);
        guest.Press("c");
        guest.WaitForScreen("grub>", 30);
        guest.Type("ls\n");
        guest.WaitForScreen("(fd0)", 60);
    }

    [Fact]
    public void GrubRescueCdListsDevices()
    {
        using var guest = new GuestRun(new MachineConfig { Drives = [Cd(GuestFiles.GrubCdrom)] });
        guest.WaitForScreen("for a command-line", 120);
        guest.Press("c");
        guest.WaitForScreen("grub>", 30);
        guest.Type("ls\n");
        guest.WaitForScreen("(cd)", 60);
    }

    [Fact]
    public void MemtestPassesItsTests0To3WithoutAnError()
    {
        using var guest = new GuestRun(new MachineConfig { Kernel = GuestFiles.Memtest, RamBytes = 16 << 20 });
        guest.WaitForScreen("Memtest86+", 60);
        guest.WaitForScreen("Test #4", 180);
        Assert.Contains("Errors: 0", guest.Screen, StringComparison.Ordinal);
    }

    [Fact]
    public void DebianComesUpToAShellThatAnswersAndPowersOff()
    {
        using var guest = new GuestRun(new MachineConfig
        {
            RamBytes = 512 << 20,
            Kernel = GuestFiles.DebianKernel,
            Initrd = GuestFiles.DebianInitrd,
            Append = "console=ttyS0 rdinit=/bin/sh panic=-1",
        });
        guest.WaitForSerial("access tty", 240);
        guest.SendSerial("echo answer=$((6*7))\n");
        guest.WaitForSerial("answer=42", 30);
        Assert.DoesNotContain("Oops", guest.SerialText, StringComparison.Ordinal);
        Assert.DoesNotContain("Call Trace", guest.SerialText, StringComparison.Ordinal);
        guest.SendSerial("poweroff -f\n");
        Assert.Equal(0, guest.WaitForExit(60));
    }

    private static DriveConfig Floppy(string file) => new() { Interface = DriveInterface.Floppy, Index = 0, File = file, ReadOnly = true };

    private static DriveConfig Cd(string file) => new() { Interface = DriveInterface.Ide, Index = 2, File = file, IsCdrom = true, ReadOnly = true };
}
