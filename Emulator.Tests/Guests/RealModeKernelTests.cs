using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Xunit;

namespace Emulator.Tests.Guests;

/// <summary>What <c>-kernel</c> starts with a BIOS behind it: 16-bit setups of every protocol, and Multiboot kernels that go back to real mode.</summary>
public sealed class RealModeKernelTests
{
    private const string GrubFloppy = "/usr/lib/grub-rescue/grub-rescue-floppy.img", Memdisk = "/usr/lib/syslinux/memdisk", Ipxe = "/usr/lib/ipxe/ipxe.lkrn";

    private static readonly DebugExitConfig Exit = new(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize);

    [Theory]
    [InlineData(null, MachineTypes.Default, 0x200, false, "9000")]
    [InlineData(FirmwareFiles.BuiltIn, MachineTypes.Default, 0x200, false, "9000")]
    [InlineData(FirmwareFiles.BuiltIn, MachineTypes.IsaPc, 0x201, true, "9000")]
    [InlineData(FirmwareFiles.BuiltIn, MachineTypes.Default, 0x203, true, "1000")]
    public void AnOldSetupFindsWhatItsProtocolPromises(string? bios, string machine, int version, bool high, string segment)
    {
        using var directory = new TempDirectory();
        byte[] kernel = File.ReadAllBytes(TestRoms.Path("oldsetup"));
        (kernel[0x206], kernel[0x207], kernel[0x211]) = ((byte)version, (byte)(version >> 8), (byte)(high ? 1 : 0));
        using var guest = new GuestRun(new MachineConfig
        {
            MachineType = machine,
            Hpet = machine == MachineTypes.Default,
            BiosFile = bios,
            RamBytes = 16 << 20,
            Kernel = directory.Make("kernel", kernel),
            Initrd = directory.Make("initrd", new byte[5000]),
            Append = "hello=1 vga=0x317",
            DebugExits = [Exit],
        });
        Assert.Equal(1, guest.WaitForExit(60));
        // The RAM disk of 1388h bytes ends 256 KiB below the end of RAM, so it is at FBE000: the upper half of its address, the lower one of its size.
        Assert.Equal($"setup {segment} loader 00FF line hello=1 vga=0x317 kernel BEEF disk 00FB1388 memory 027F mode 0317 screen 0003\r\n", guest.SerialText);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FirmwareFiles.BuiltIn)]
    public void MemdiskBootsAFloppyImage(string? bios)
    {
        using var guest = new GuestRun(new MachineConfig { BiosFile = bios, Kernel = Memdisk, Initrd = GrubFloppy });
        guest.WaitForScreen("for a command-line", 120);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(FirmwareFiles.BuiltIn)]
    public void IpxeComesUp(string? bios)
    {
        using var guest = new GuestRun(new MachineConfig { BiosFile = bios, Kernel = Ipxe });
        guest.WaitForScreen("Open Source Network Boot Firmware", 120);
    }

    [Theory]
    [InlineData(MachineTypes.Default)]
    [InlineData(MachineTypes.IsaPc)]
    public void AMultibootKernelCanGoBackToTheBios(string machine)
    {
        using var directory = new TempDirectory();
        var disk = new byte[1 << 20];
        (disk[0], disk[1]) = (0xFE, 0xCA);
        using var guest = new GuestRun(new MachineConfig
        {
            MachineType = machine,
            Hpet = machine == MachineTypes.Default,
            Kernel = TestRoms.Path("realmode"),
            Drives = [new DriveConfig { Interface = DriveInterface.Ide, Index = 0, File = directory.Make("disk", disk), Format = "raw" }],
            DebugExits = [Exit],
        });
        Assert.Equal(1, guest.WaitForExit(60));
        Assert.Equal("masks 8EB8 ticks 0001 memory 027F equipment 0227 screen 5003 cell 0752 disk CAFE\r\n", guest.SerialText);
    }
}
