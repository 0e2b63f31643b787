using System.Buffers.Binary;
using System.Text;

namespace Emulator.Remote.Block;

/// <summary>Tells from an image's bytes what it is, so that a wrong or damaged one is refused before the guest sees it.</summary>
public static class ImageProbe
{
    /// <summary>Bytes of an image's head that <see cref="ForeignFormat"/> and <see cref="MissingDiskBytes"/> look at.</summary>
    public const int HeadBytes = 512;

    /// <summary>Where an ISO 9660 file system has its primary volume descriptor (ECMA-119, 6.7.1 and 8.4).</summary>
    public const int VolumeDescriptorOffset = 16 * 2048;

    // Images are often without the padding that mastering programs put behind the file system.
    private const int CdPaddingBytes = 150 * 2048;

    // Partition tables are rounded to a cylinder of 255 heads and 63 sectors.
    private const int CylinderSectors = 255 * 63;

    private static readonly (int Offset, byte[] Magic, string Format)[] Signatures =
    [
        (0, [(byte)'Q', (byte)'F', (byte)'I', 0xFB], "qcow2"),
        (0, "KDMV"u8.ToArray(), "vmdk"),
        (0, "COWD"u8.ToArray(), "vmdk"),
        (0, "conectix"u8.ToArray(), "vpc"),
        (0, "vhdxfile"u8.ToArray(), "vhdx"),
        (0, [(byte)'Q', (byte)'E', (byte)'D', 0], "qed"),
        (0, "WithoutFreeSpace"u8.ToArray(), "parallels"),
        (0, "WithouFreSpacExt"u8.ToArray(), "parallels"),
        (0, [(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xBA, 0xBE], "luks"),
        (0, "Bochs Virtual HD Image"u8.ToArray(), "bochs"),
        (0x40, [0x7F, 0x10, 0xDA, 0xBE], "vdi"),
    ];

    private static readonly (byte[] Magic, string Format, string Command)[] Compressed =
    [
        ([0x1F, 0x8B, 0x08], "gzip", "gunzip"),
        ([0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0], "xz", "unxz"),
        ([0x28, 0xB5, 0x2F, 0xFD], "zstd", "unzstd"),
        ([(byte)'B', (byte)'Z', (byte)'h', (byte)'9', 0x31, 0x41, 0x59], "bzip2", "bunzip2"),
        ([(byte)'P', (byte)'K', 3, 4], "zip", "unzip"),
    ];

    /// <summary>
    /// The name, as <c>qemu-img</c> has it, of a format that is not raw; null when the head is no such format's. A fixed VHD has its mark
    /// at the end only, and is raw unless it is said to be one: QEMU looks no further either.
    /// </summary>
    public static string? ForeignFormat(ReadOnlySpan<byte> head)
    {
        foreach (var (offset, magic, format) in Signatures)
        {
            if (head.Length > offset && head[offset..].StartsWith(magic))
            {
                return format;
            }
        }
        return IsVmdkDescriptor(head) ? "vmdk" : null;
    }

    // A text: comments and empty lines, then a version that is known.
    private static bool IsVmdkDescriptor(ReadOnlySpan<byte> head)
    {
        if (!head.StartsWith("#"u8))
        {
            return false;
        }
        foreach (string line in Encoding.Latin1.GetString(head).Split('\n'))
        {
            string text = line.TrimEnd('\r');
            if (text.Length > 0 && text[0] != '#' && text.Trim(' ').Length > 0)
            {
                return text is "version=1" or "version=2" or "version=3";
            }
        }
        return false;
    }

    /// <summary>Name of the compression and the command that undoes it; null when the head is not compressed.</summary>
    public static (string Format, string Command)? Compression(ReadOnlySpan<byte> head)
    {
        foreach (var (magic, format, command) in Compressed)
        {
            if (head.StartsWith(magic))
            {
                return (format, command);
            }
        }
        return null;
    }

    /// <summary>
    /// Bytes that a FAT file system's BIOS parameter block (bytes per sector at 0Bh, sectors at 13h) says the floppy has, when the image
    /// has fewer; else 0.
    /// </summary>
    public static long MissingFloppyBytes(ReadOnlySpan<byte> head, long fileLength)
    {
        bool isFat = head.Length >= 512 && head[0] is 0xEB or 0xE9 && BinaryPrimitives.ReadUInt16LittleEndian(head[11..]) == 512 && head[16] is 1 or 2 && head[21] >= 0xF0;
        long promised = isFat ? BinaryPrimitives.ReadUInt16LittleEndian(head[19..]) * 512L : 0;
        return promised > fileLength ? promised : 0;
    }

    /// <summary>
    /// The size that the partition table of a hard disk promises when <paramref name="fileLength"/> is clearly less,
    /// else 0. Anything that is not a wholly plausible table promises nothing.
    /// </summary>
    /// <param name="head">The master boot record.</param>
    /// <param name="fileLength">The image's size in bytes.</param>
    public static long MissingDiskBytes(ReadOnlySpan<byte> head, long fileLength)
    {
        if (head.Length < 512 || head[510] != 0x55 || head[511] != 0xAA)
        {
            return 0;
        }
        long end = 0;
        for (int i = 0; i < 4; i++)
        {
            var entry = head.Slice(446 + 16 * i, 16);
            if (entry.IndexOfAnyExcept((byte)0) < 0)
            {
                continue;
            }
            uint start = BinaryPrimitives.ReadUInt32LittleEndian(entry[8..]);
            uint count = BinaryPrimitives.ReadUInt32LittleEndian(entry[12..]);
            byte type = entry[4];
            const byte GptProtective = 0xEE;
            if ((entry[0] & 0x7F) != 0 || type is 0 or GptProtective || start == 0 || count == 0)
            {
                return 0;
            }
            end = Math.Max(end, (long)start + count);
        }
        return end - fileLength / 512 > CylinderSectors ? end * 512 : 0;
    }

    /// <summary>
    /// The size that the volume descriptor of a CD promises when <paramref name="fileLength"/> is clearly less, else 0.
    /// </summary>
    /// <param name="descriptor">2048 bytes at <see cref="VolumeDescriptorOffset"/>.</param>
    /// <param name="fileLength">The image's size in bytes.</param>
    public static long MissingCdBytes(ReadOnlySpan<byte> descriptor, long fileLength)
    {
        if (descriptor.Length < 132 || Encoding.ASCII.GetString(descriptor.Slice(1, 5)) != "CD001")
        {
            return 0;
        }
        long blocks = BinaryPrimitives.ReadUInt32LittleEndian(descriptor[80..]);
        long blockBytes = BinaryPrimitives.ReadUInt16LittleEndian(descriptor[128..]);
        long promised = blocks * blockBytes;
        return promised - fileLength > CdPaddingBytes ? promised : 0;
    }
}
