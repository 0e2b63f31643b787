namespace Emulator.Tests.Firmware;

/// <summary>Guest programs of Debian packages that tests start. A missing one fails the test unless EMU_TEST_WITHOUT_GUESTS=1.</summary>
public static class GuestFiles
{
    private const string Installer = "/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386/";

    public static string DebianKernel { get; } = Find(Installer + "linux");

    public static string DebianInitrd { get; } = Find(Installer + "initrd.gz");

    public static string Memtest { get; } = Find("/boot/memtest86+ia32.bin");

    public static string GrubFloppy { get; } = Grub("grub-rescue-floppy.img");

    public static string GrubCdrom { get; } = Grub("grub-rescue-cdrom.iso");

    /// <summary>An image of the package grub-rescue-pc.</summary>
    public static string Grub(string image) => Find("/usr/lib/grub-rescue/" + image);

    // tools/setup unpacks into .build/guests what it cannot install.
    private static string Find(string path) => ProjectFolder.Path + "/.build/guests" + path is var unpacked && File.Exists(unpacked) ? unpacked : path;

    /// <summary>True when the file is there; false only where the environment says that guests are left out.</summary>
    public static bool Have(string path, string package)
    {
        if (File.Exists(path))
        {
            return true;
        }
        return Environment.GetEnvironmentVariable("EMU_TEST_WITHOUT_GUESTS") == "1"
            ? false
            : throw new FileNotFoundException($"{path} is missing: install the Debian package {package}, or set EMU_TEST_WITHOUT_GUESTS=1");
    }
}
