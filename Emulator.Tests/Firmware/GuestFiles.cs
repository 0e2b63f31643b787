namespace Emulator.Tests.Firmware;

/// <summary>Guest programs of Debian packages that tests start. A missing one fails the test unless EMU_TEST_WITHOUT_GUESTS=1.</summary>
public static class GuestFiles
{
    public const string DebianKernel = "/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386/linux";
    public const string DebianInitrd = "/usr/lib/debian-installer/images/12/i386/text/debian-installer/i386/initrd.gz";
    public const string Memtest = "/boot/memtest86+ia32.bin";

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
