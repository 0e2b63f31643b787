using System.Buffers.Binary;

namespace Emulator.Tests.CommandLines;

/// <summary>Makes files of the kinds that public command lines name: none of them holds a system, each passes for one.</summary>
internal sealed class StandIns(TempDirectory temp)
{
    private readonly Dictionary<string, string> originals = [];

    /// <summary>A file of a kind; every call makes another one.</summary>
    /// <param name="kind">disk, cd, floppy, bzImage, multiboot, elf64, uefi, bios or data.</param>
    /// <param name="original">What the line calls it.</param>
    public string Make(string kind, string original)
    {
        string path = temp.Make($"{kind}{originals.Count}", kind switch
        {
            "disk" => Sized(BootSector(), 2 << 20),
            "floppy" => Sized(BootSector(), 1440 << 10),
            "cd" => Cd(),
            "bzImage" => Linux(),
            "multiboot" => Multiboot(),
            "elf64" => Sized([0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1], 4096),
            "uefi" => Uefi(),
            "bios" => Sized([], 64 << 10),
            _ => Sized([1], 512),
        });
        originals[path] = original;
        return path;
    }

    /// <summary>Puts the line's own names back.</summary>
    public string Restore(string text)
    {
        foreach (var (path, original) in originals)
        {
            text = text.Replace(path, original);
        }
        return text;
    }

    private static byte[] Sized(byte[] head, int size)
    {
        Array.Resize(ref head, size);
        return head;
    }

    private static byte[] BootSector()
    {
        byte[] sector = new byte[512];
        sector[0] = 0xF4;
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }

    private static byte[] Cd()
    {
        byte[] image = new byte[20 * 2048];
        "CD001"u8.CopyTo(image.AsSpan((16 * 2048) + 1));
        image[16 * 2048] = 1;
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((16 * 2048) + 80), 20);
        BinaryPrimitives.WriteUInt16LittleEndian(image.AsSpan((16 * 2048) + 128), 2048);
        return image;
    }

    private static byte[] Linux() => new Firmware.LinuxImage(1000).Bytes;

    private static byte[] Multiboot()
    {
        byte[] image = new byte[4096];
        // With the addresses where it is loaded: header, start, ends of file and memory, entry.
        const uint magic = 0x1BADB002, hasAddresses = 1 << 16, start = 1 << 20;
        uint[] header = [magic, hasAddresses, unchecked(0 - magic - hasAddresses), start, start, start + 4096, 0, start + 0x40];
        for (int n = 0; n < header.Length; n++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(n * 4), header[n]);
        }
        return image;
    }

    private static byte[] Uefi()
    {
        byte[] image = new byte[64 << 10];
        "_FVH"u8.CopyTo(image.AsSpan(40));
        return image;
    }
}
