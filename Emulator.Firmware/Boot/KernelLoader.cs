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
        byte[] image = HostFile.Read(files.KernelPath, "kernel");
        if (LinuxLoader.Recognises(image))
        {
            return LinuxLoader.Load(memory, environment, files, image);
        }
        if (MultibootLoader.Recognises(image))
        {
            return MultibootLoader.Load(memory, environment, files, image);
        }
        throw Refusal(files.KernelPath, image);
    }

    /// <summary>Looks whether the file is a kernel at all.</summary>
    /// <exception cref="FirmwareException">One clear sentence: it is missing, unreadable or of another kind.</exception>
    public static void Check(string path)
    {
        byte[] image = HostFile.Read(path, "kernel");
        if (!LinuxLoader.Recognises(image) && !MultibootLoader.Recognises(image))
        {
            throw Refusal(path, image);
        }
    }

    private static FirmwareException Refusal(string path, byte[] image) => new($"kernel {path} {Describe(image)}: give a Linux bzImage or a Multiboot 1 kernel");

    private static string Describe(byte[] image)
    {
        ReadOnlySpan<byte> bytes = image;
        if (Elf32.IsElf(image))
        {
            return $"is an ELF{(Elf32.Is64Bit(image) ? 64 : 32)} executable without a multiboot header";
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
