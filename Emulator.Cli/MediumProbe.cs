using Emulator.Firmware.Boot;
using Emulator.Remote.Block;

namespace Emulator.Cli;

/// <summary>Guesses from size and content what kind of medium a file is: <c>emu PATH</c>.</summary>
public static class MediumProbe
{
    private const int SectorBytes = 512, LargestKernelHead = 64 << 10;

    // MOV AH, 42h: the disk services' extended read, which floppies do not have.
    private static readonly byte[] ExtendedRead = [0xB4, 0x42];

    /// <summary>Looks at a file.</summary>
    /// <returns>What it is; the first hard disk for what cannot be read, so that the drive's own sentence says why.</returns>
    public static Medium Look(string path)
    {
        byte[] head;
        long size;
        try
        {
            // Pipes and devices have no length, and opening a pipe would wait for its other end.
            var info = new FileInfo(path);
            if (!info.Exists || info.Length == 0)
            {
                return Medium.Given;
            }
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            size = file.Length;
            head = new byte[(int)Math.Min(size, LargestKernelHead)];
            file.ReadExactly(head);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Medium.Given;
        }
        return Guess(head, size);
    }

    /// <summary>Guesses from a file's first 64 KiB and its size.</summary>
    /// <param name="head">The first bytes.</param>
    /// <param name="size">The file's size, bytes.</param>
    public static Medium Guess(byte[] head, long size)
    {
        bool hasSignature = head.Length >= SectorBytes && head[510] == 0x55 && head[511] == 0xAA;
        if (ImageProbe.ForeignFormat(head) is string format)
        {
            return new("hda", "c", $"a hard disk: it is a {format} image");
        }
        if (LinuxLoader.Recognises(head))
        {
            return new("kernel", "", "a Linux kernel: it has a Linux boot header");
        }
        if (head.AsSpan().StartsWith("\u007FELF"u8))
        {
            return new("kernel", "", "a kernel: it is an ELF executable");
        }
        if (head.Length > ImageProbe.VolumeDescriptorOffset + 6 && head.AsSpan(ImageProbe.VolumeDescriptorOffset + 1).StartsWith("CD001"u8))
        {
            return new("cdrom", "d", "a CD: it has an ISO 9660 volume descriptor");
        }
        if (!hasSignature && MultibootLoader.Recognises(head))
        {
            return new("kernel", "", "a Multiboot kernel: it has a Multiboot header");
        }
        if (ImageFactory.IsFloppySize(size))
        {
            return new("fda", "a", $"a floppy disk: {size} bytes are the size of one");
        }
        if (hasSignature && size <= SectorBytes)
        {
            return new("fda", "a", "a boot sector: it is put on a floppy disk that is blank otherwise");
        }
        if (hasSignature && size < 1440 << 10 && !HasPartitions(head) && head.AsSpan(0, SectorBytes).IndexOf(ExtendedRead) < 0)
        {
            return new("fda", "a", "a floppy disk: it begins with a boot sector, is smaller than a floppy and has no partitions");
        }
        return new("hda", "c", hasSignature ? "a hard disk: it begins with a boot sector" : "a hard disk: nothing else fits");
    }

    // One plausible entry is enough: type, start and length are there, and the flag is 0 or 80h.
    private static bool HasPartitions(byte[] head)
    {
        for (int at = 446; at < 510; at += 16)
        {
            if ((head[at] & 0x7F) == 0 && head[at + 4] != 0 && BitConverter.ToUInt32(head, at + 8) != 0 && BitConverter.ToUInt32(head, at + 12) != 0)
            {
                return true;
            }
        }
        return false;
    }
}
