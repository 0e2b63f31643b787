using Emulator.Core.Bus;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Loads what <c>-kernel</c> names, whichever kind it is. As in QEMU's pc board the mark of a Linux kernel counts first, then
/// a multiboot header; anything else is refused with what was found.
/// </summary>
public static class KernelLoader
{
    /// <summary>Reads and loads the kernel.</summary>
    /// <exception cref="FirmwareException">One clear sentence: a file is missing, unreadable, damaged, of another kind, or too large.</exception>
    public static KernelEntry Load(IDmaBus memory, BootEnvironment environment, KernelFiles files)
    {
        byte[] image = Read(files.KernelPath);
        if (LinuxLoader.Recognises(image))
        {
            return LinuxLoader.Load(memory, environment, files, image);
        }
        CheckOther(files.KernelPath, image);
        return MultibootLoader.Load(memory, environment, files, image);
    }

    /// <summary>Looks whether the file is a kernel that can start.</summary>
    /// <exception cref="FirmwareException">One clear sentence: it is missing, unreadable, damaged or of another kind.</exception>
    public static void Check(string path)
    {
        byte[] image = Read(path);
        if (RealModeLoader.Recognises(image))
        {
            return;
        }
        if (LinuxLoader.Recognises(image))
        {
            LinuxLoader.Check(path, image);
            return;
        }
        CheckOther(path, image);
    }

    private static void CheckOther(string path, byte[] image)
    {
        if (Elf32.Is64Bit(image))
        {
            throw new FirmwareException(
                $"kernel {path} is an ELF64 executable for 64-bit processors, and this machine's processor has no long mode: give a 32-bit (i386) kernel");
        }
        if (!MultibootLoader.Recognises(image))
        {
            throw new FirmwareException($"kernel {path} {Describe(image)}: give a Linux bzImage or a Multiboot 1 kernel");
        }
    }

    /// <summary>Reads a kernel's file.</summary>
    /// <exception cref="FirmwareException">It is missing or unreadable.</exception>
    public static byte[] Read(string path) => HostFile.Read(path, "kernel");

    private static string Describe(byte[] image)
    {
        ReadOnlySpan<byte> bytes = image;
        if (Elf32.IsElf(image))
        {
            return "is an ELF32 executable without a multiboot header";
        }
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return "is gzip-compressed data, not a kernel";
        }
        if (bytes.StartsWith("MZ"u8))
        {
            return "is a DOS, Windows or EFI program, not a kernel";
        }
        const int isoDescriptor = 0x8001;
        if (bytes.Length > isoDescriptor + 5 && bytes[isoDescriptor..].StartsWith("CD001"u8))
        {
            return "is a CD-ROM image, not a kernel (use -cdrom)";
        }
        if (bytes.Length < LinuxHeader.MinimumFileSize)
        {
            return $"has only {bytes.Length} bytes and is no kernel";
        }
        return bytes[0x1FE] == 0x55 && bytes[0x1FF] == 0xAA
            ? "is a boot sector or disk image, not a kernel (use -hda or -fda)"
            : "has neither a Linux boot header nor a multiboot header";
    }
}
