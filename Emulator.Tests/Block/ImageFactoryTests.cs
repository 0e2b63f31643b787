using System.Buffers.Binary;
using System.Text;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Xunit;

namespace Emulator.Tests.Block;

public sealed class ImageFactoryTests : IDisposable
{
    private readonly TempDirectory temp = new();

    public void Dispose() => temp.Dispose();

    private static DriveConfig Disk(string path) => new() { Interface = DriveInterface.Ide, Index = 0, File = path, Origin = $"-hda {path}" };

    private static DriveConfig Cd(string path) =>
        new() { Interface = DriveInterface.Ide, Index = 2, File = path, IsCdrom = true, ReadOnly = true, Origin = $"-cdrom {path}" };

    private static DriveConfig Floppy(string path) => new() { Interface = DriveInterface.Floppy, Index = 0, File = path, Origin = $"-fda {path}" };

    private static string Error(DriveConfig drive) => Assert.Throws<UserErrorException>(() => ImageFactory.Open(drive)).Message;

    [Fact]
    public void A_drive_without_a_medium_has_no_image() => Assert.Null(ImageFactory.Open(Cd("x") with { File = null }));

    [Fact]
    public void Missing_empty_and_directory_are_named()
    {
        string missing = temp["nope"];
        Assert.Equal($"-hda {missing}: no such file; check the name", Error(Disk(missing)));
        string below = temp["nope/deeper"];
        Assert.Equal($"-hda {below}: no such directory; check the name", Error(Disk(below)));
        string empty = temp.Make("empty", []);
        Assert.Equal($"-hda {empty} is empty; give an image that holds something", Error(Disk(empty)));
        Directory.CreateDirectory(temp["dir"]);
        Assert.Equal($"-hda {temp["dir"]} is a directory; give an image file", Error(Disk(temp["dir"])));
    }

    [Fact]
    public void Names_that_no_file_can_have_are_refused()
    {
        Assert.Contains("an image's name is empty; give an image file", Error(Disk("")), StringComparison.Ordinal);
        Assert.Contains("holds a zero byte", Error(Disk("a\0b")), StringComparison.Ordinal);
    }

    [LinuxFact]
    public void A_pipe_is_refused_at_once()
    {
        using (var mkfifo = System.Diagnostics.Process.Start("mkfifo", [temp["fifo"]]))
        {
            mkfifo.WaitForExit();
        }
        Assert.Equal($"-hda {temp["fifo"]} is neither a file nor a block device; give an image file", Error(Disk(temp["fifo"])));
        Assert.Equal($"-cdrom {temp["fifo"]} is neither a file nor a block device; give an image file", Error(Cd(temp["fifo"])));
    }

    [Theory]
    [InlineData("qcow2", "bad\0name", "holds a zero byte")]
    [InlineData("vmdk", "", "is empty")]
    public void Names_inside_an_image_that_no_file_can_have_are_refused(string format, string name, string what)
    {
        string path = temp["image"];
        if (format == "qcow2")
        {
            using var file = HostFile.Create(path);
            Emulator.Remote.Block.Qcow2.Qcow2Creator.Create(file, new() { ClusterBits = 12, Size = 4096, BackingFile = name });
        }
        else
        {
            File.WriteAllText(path, $"# Disk DescriptorFile\nversion=1\nCID=1\nparentCID=ffffffff\ncreateType=\"monolithicFlat\"\nRW 8 FLAT \"{name}\" 0\n");
        }
        string message = Error(Disk(path) with { ReadOnly = true });
        Assert.Contains(what, message, StringComparison.Ordinal);
        Assert.Contains("restore it from a copy", message, StringComparison.Ordinal);
    }

    // File systems have a largest file (ext4: 16 TiB); a damaged L2 entry may name any place up to 2^56.
    [LinuxTheory]
    [InlineData(0x80FF_FFFF_FFFF_F000)]
    [InlineData(0x807F_FFFF_FFFF_F000)]
    public void A_cluster_beyond_the_largest_file_is_no_more_than_a_bad_disk(ulong entry)
    {
        string path = temp["image"];
        long table;
        using (var file = HostFile.Create(path))
        {
            Emulator.Remote.Block.Qcow2.Qcow2Creator.Create(file, new() { ClusterBits = 12, Size = 8192 });
        }
        using (var image = ImageFactory.Open(Disk(path))!)
        {
            image.Write(0, new byte[512]);
        }
        using (var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite))
        {
            byte[] head = new byte[file.Length];
            file.ReadExactly(head);
            table = BinaryPrimitives.ReadInt64BigEndian(head.AsSpan((int)BinaryPrimitives.ReadInt64BigEndian(head.AsSpan(40)))) & 0x00FF_FFFF_FFFF_FE00;
            byte[] bytes = new byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(bytes, entry);
            file.Position = table;
            file.Write(bytes);
        }
        using var damaged = ImageFactory.Open(Disk(path))!;
        Assert.True(Record.Exception(() => damaged.Write(0, new byte[512])) is null or IOException);
    }

    [Theory]
    [InlineData("vhdx", "7668647866696c65")]
    [InlineData("qed", "51454400")]
    [InlineData("luks", "4c554b53babe")]
    public void Formats_that_are_not_built_are_named_unless_raw_is_given(string format, string magic)
    {
        byte[] contents = new byte[4096];
        Convert.FromHexString(magic).CopyTo(contents, 0);
        string path = temp.Make("image", contents);
        string message = Error(Disk(path));
        Assert.StartsWith($"-hda {path} is a {format} image, which this build cannot read", message);
        Assert.Contains("qemu-img convert -O qcow2", message);
        using var raw = ImageFactory.Open(Disk(path) with { Format = "raw" });
        Assert.Equal(4096, raw!.Length);
    }

    [Theory]
    [InlineData("qcow2", "514649fb")]
    [InlineData("vmdk", "4b444d56")]
    [InlineData("vmdk", "434f5744")]
    [InlineData("VHD", "636f6e6563746978")]
    public void A_signature_without_an_image_behind_it_is_refused_unless_raw_is_given(string format, string magic)
    {
        byte[] contents = new byte[4096];
        Convert.FromHexString(magic).CopyTo(contents, 0);
        string path = temp.Make("image", contents);
        Assert.Contains($"{format} image", Error(Disk(path) with { Snapshot = true }), StringComparison.OrdinalIgnoreCase);
        using var raw = ImageFactory.Open(Disk(path) with { Format = "raw" });
        Assert.Equal(4096, raw!.Length);
    }

    [Fact]
    public void A_vdi_is_known_by_its_signature_at_64()
    {
        byte[] contents = new byte[4096];
        BinaryPrimitives.WriteUInt32LittleEndian(contents.AsSpan(64), 0xBEDA107F);
        Assert.Contains("is a VDI image", Error(Disk(temp.Make("image", contents))));
    }

    [Fact]
    public void The_guest_cannot_make_a_guessed_raw_disk_look_like_another_format()
    {
        string path = temp.Make("disk", new byte[4096]);
        byte[] head = [(byte)'Q', (byte)'F', (byte)'I', 0xFB];
        using (var guessed = ImageFactory.Open(Disk(path)))
        {
            Assert.Throws<IOException>(() => guessed!.Write(0, head));
            guessed!.Write(1, head);
            Assert.Throws<IOException>(() => guessed!.Write(0, [(byte)'Q', (byte)'F', (byte)'I', 0xFB, 5]));
            guessed!.Write(512, head);
        }
        using var raw = ImageFactory.Open(Disk(path) with { Format = "raw" });
        raw!.Write(0, head);
    }

    [Fact]
    public void A_compressed_image_is_to_be_unpacked()
    {
        Assert.Contains("compressed by gzip; unpack it first (gunzip)", Error(Disk(temp.Make("a.gz", [0x1F, 0x8B, 8, 0, .. new byte[1000]]))));
    }

    [Fact]
    public void A_hard_disk_is_rounded_up_to_whole_sectors_and_writable()
    {
        using var image = ImageFactory.Open(Disk(temp.Make("disk", new byte[1025])));
        Assert.Equal(1536, image!.Length);
        Assert.False(image.IsReadOnly);
    }

    [Fact]
    public void Snapshot_never_touches_the_file()
    {
        string path = temp.Make("disk", new byte[1024]);
        using (var image = ImageFactory.Open(Disk(path) with { Snapshot = true }))
        {
            using var second = ImageFactory.Open(Disk(path) with { Snapshot = true });
            image!.Write(0, [1]);
            Assert.IsType<SnapshotOverlay>(image);
        }
        Assert.Equal(0, File.ReadAllBytes(path)[0]);
    }

    [Fact]
    public void A_hard_disk_shorter_than_its_partitions_is_truncated()
    {
        byte[] mbr = new byte[1 << 20];
        mbr[510] = 0x55;
        mbr[511] = 0xAA;
        mbr[446] = 0x80;
        mbr[450] = 0x83;
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(454), 2048);
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(458), 1_000_000);
        string path = temp.Make("disk", mbr);
        Assert.Contains($"is truncated: it has {1 << 20} bytes where its partition table promises {1_002_048L * 512}", Error(Disk(path)));
        ImageFactory.Open(Disk(path) with { Format = "raw" })!.Dispose();

        // One cylinder more than there is may be rounding; a protective GPT entry promises nothing.
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(458), 2048);
        ImageFactory.Open(Disk(temp.Make("rounded", mbr)))!.Dispose();
        mbr[450] = 0xEE;
        BinaryPrimitives.WriteUInt32LittleEndian(mbr.AsSpan(458), uint.MaxValue);
        ImageFactory.Open(Disk(temp.Make("gpt", mbr)))!.Dispose();
    }

    [Fact]
    public void A_boot_sector_of_random_bytes_is_no_truncated_disk()
    {
        var random = new Random(2);
        byte[] sector = new byte[512];
        for (int i = 0; i < 2000; i++)
        {
            random.NextBytes(sector);
            sector[510] = 0x55;
            sector[511] = 0xAA;
            Assert.Equal(0, ImageProbe.MissingDiskBytes(sector, 512));
        }
    }

    [Fact]
    public void A_disk_of_less_than_a_sector_is_truncated()
    {
        Assert.Contains("is truncated: 100 bytes", Error(Disk(temp.Make("disk", new byte[100]))));
    }

    [Fact]
    public void A_floppy_shorter_than_its_file_system_is_truncated()
    {
        byte[] fat = new byte[700_000];
        ((ReadOnlySpan<byte>)[0xEB, 0x3C, 0x90, .. "MSDOS5.0"u8, 0, 2, 1, 1, 0, 2, 224, 0, 0x40, 0x0B, 0xF0]).CopyTo(fat);
        string path = temp.Make("floppy", fat);
        DriveConfig drive = Floppy(path);
        Assert.Contains("is truncated: it has 700000 bytes where its boot sector promises 1474560", Error(drive));
        ImageFactory.Open(drive with { Format = "raw" })!.Dispose();
        // A boot sector without a file system promises nothing.
        ImageFactory.Open(Floppy(temp.Make("own", fat[1..])))!.Dispose();
    }

    [Fact]
    public void A_cd_shorter_than_its_volume_is_truncated()
    {
        byte[] iso = new byte[40 * 2048];
        iso[16 * 2048] = 1;
        Encoding.ASCII.GetBytes("CD001").CopyTo(iso, 16 * 2048 + 1);
        BinaryPrimitives.WriteUInt32LittleEndian(iso.AsSpan(16 * 2048 + 80), 1000);
        BinaryPrimitives.WriteUInt16LittleEndian(iso.AsSpan(16 * 2048 + 128), 2048);
        Assert.Contains($"is truncated: it has {iso.Length} bytes where its volume descriptor promises 2048000", Error(Cd(temp.Make("iso", iso))));

        BinaryPrimitives.WriteUInt32LittleEndian(iso.AsSpan(16 * 2048 + 80), 40);
        using var whole = ImageFactory.Open(Cd(temp.Make("whole", [.. iso, 0])));
        Assert.True(whole!.IsReadOnly);
        Assert.Equal(41 * 2048, whole.Length);
        Assert.Contains("is truncated", Error(Cd(temp.Make("short", iso[..2048]))));
    }

    [Theory]
    [InlineData(512, 1474560)]
    [InlineData(368640, 368640)]
    [InlineData(737280, 737280)]
    [InlineData(1228800, 1228800)]
    [InlineData(1000000, 1474560)]
    [InlineData(1474560, 1474560)]
    [InlineData(1474561, 1638400)]
    [InlineData(2949120, 2949120)]
    public void A_floppy_has_a_size_that_a_drive_knows(int fileBytes, long diskBytes)
    {
        using var image = ImageFactory.Open(Floppy(temp.Make("floppy", new byte[fileBytes])));
        Assert.Equal(diskBytes, image!.Length);
    }

    [Fact]
    public void A_floppy_that_is_too_large_is_refused()
    {
        Assert.Contains("more than any floppy disk", Error(Floppy(temp.Make("floppy", new byte[4 << 20]))));
    }
}
