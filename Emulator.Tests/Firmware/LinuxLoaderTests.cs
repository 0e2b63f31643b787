using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>The 32-bit boot protocol of Documentation/arch/x86/boot.rst on synthetic kernels.</summary>
public sealed class LinuxLoaderTests : IDisposable
{
    private const uint ZeroPage = 0x10000;
    private readonly TestMemory memory = new(16);
    private readonly TempFiles files = new();
    private readonly BootEnvironment environment;

    public LinuxLoaderTests() => environment = DirectBoot.Prepare(memory.Memory, new MachineDescription { RamSize = 16 << 20 });

    public void Dispose()
    {
        memory.Dispose();
        files.Dispose();
    }

    [Fact]
    public void KernelIsLoadedAt1MiBAndEnteredWithTheZeroPageInEsi()
    {
        var image = new LinuxImage();
        KernelEntry entry = Load(image, "console=ttyS0");
        Assert.Equal(image.Bytes[LinuxImage.ProtectedOffset..], memory.Bytes(0x100000, 1000));
        Assert.Equal((0x100000u, ZeroPage, 0u, 0u, 0u), (entry.Eip, entry.Esi, entry.Ebp, entry.Edi, entry.Ebx));
        Assert.Equal((0x10, 0x18), (entry.Cs, entry.Ds));
        Assert.Equal(0x00CF9B000000FFFFul, memory.U64(entry.GdtBase + entry.Cs)); // 4 GiB, 32-bit, execute-read
        Assert.Equal(0x00CF93000000FFFFul, memory.U64(entry.GdtBase + entry.Ds)); // 4 GiB, 32-bit, read-write
        Assert.True(entry.GdtLimit >= entry.Ds + 7);
    }

    [Fact]
    public void ZeroPageTellsTheKernelEverything()
    {
        Load(new LinuxImage(), "console=ttyS0 quiet");
        Assert.Equal("HdrS"u8, memory.Bytes(ZeroPage + 0x202, 4));
        Assert.Equal(0xFF, memory.U8(ZeroPage + 0x210));
        Assert.Equal(0x81, memory.U8(ZeroPage + 0x211));
        Assert.Equal("console=ttyS0 quiet", memory.Text(memory.U32(ZeroPage + 0x228)));
        Assert.Equal(0, memory.U8(ZeroPage + 0x1EF)); // the sentinel: only the header was copied
        Assert.Equal(DirectBoot.RsdpAddress, memory.U64(ZeroPage + 0x70));
        Assert.Equal((3, 80, 25, 1, 16), (memory.U8(ZeroPage + 6), memory.U8(ZeroPage + 7), memory.U8(ZeroPage + 0xE), memory.U8(ZeroPage + 0xF), memory.U16(ZeroPage + 0x10)));
        Assert.Equal(environment.Map.Count, memory.U8(ZeroPage + 0x1E8));
        Assert.Equal(MemoryMap.ToBytes(environment.Map), memory.Bytes(ZeroPage + 0x2D0, environment.Map.Count * 20));
    }

    [Fact]
    public void InitrdLiesPageAlignedAtTheEndOfRam()
    {
        byte[] initrd = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];
        Load(new LinuxImage(), initrd: files.Add("initrd", initrd));
        uint address = memory.U32(ZeroPage + 0x218);
        Assert.Equal(5000u, memory.U32(ZeroPage + 0x21C));
        Assert.Equal((environment.HighMemoryEnd - 5000) & ~0xFFFu, address);
        Assert.Equal(initrd, memory.Bytes(address, 5000));
    }

    [Fact]
    public void InitrdStaysBelowTheKernelsLimit()
    {
        Load(new LinuxImage().U32(0x22C, 0x9FFFFF), initrd: files.Add("initrd", new byte[4096]));
        Assert.Equal(0x9FF000u, memory.U32(ZeroPage + 0x218));
    }

    [Fact]
    public void OldProtocolsGetNoNewFields()
    {
        Load(new LinuxImage().U16(0x206, 0x0203), "x");
        Assert.Equal(0ul, memory.U64(ZeroPage + 0x70));
        Assert.Contains("takes 255", Refusal(new LinuxImage().U16(0x206, 0x0203), new string('x', 256)));
    }

    [Fact]
    public void ImageMayNotReachIntoTheKernelsRoom()
    {
        string big = files.Add("big", new byte[9 << 20]); // 7 MiB for the kernel + 9 MiB
        string message = Refusal(new LinuxImage(), initrd: big);
        Assert.Contains("initrd " + big + " (9 MiB) does not fit into RAM beside the kernel: give at least 17 MiB (-m)", message);
    }

    [Fact]
    public void OneRefusalNamesTheRamForKernelInitrdAndWhatItUnpacksTo()
    {
        var packed = new byte[9 << 20];
        (packed[0], packed[1]) = (0x1F, 0x8B);
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(packed.AsSpan(packed.Length - 4), 30 << 20);
        const string Least = "give at least 105 MiB (-m), 9 of them for the initrd and 30 for what the kernel unpacks from it";
        Assert.Contains("needs 65 MiB of RAM to start: " + Least, Refusal(new LinuxImage().U32(0x260, 61 << 20), initrd: files.Add("packed", packed)));
        Assert.Contains("initrd " + files.Add("again", packed) + " (9 MiB) does not fit into RAM beside the kernel: give at least ", Refusal(new LinuxImage(), initrd: files.Add("again", packed)));
    }

    [Fact]
    public void SpoiltKernelsAreRefusedWithTheReason()
    {
        Assert.Contains("no boot signature AA55", Refusal(new LinuxImage().U16(0x1FE, 0)));
        Assert.Contains("is for 64-bit processors (x86-64), and this machine's processor has no long mode", Refusal(new LinuxImage().U16(0x236, 0x7F)));
        var setupOnly = new LinuxImage();
        setupOnly.Bytes[0x1F1] = 60;
        Assert.Contains("is cut off", Refusal(setupOnly));
        Assert.Contains("needs 65 MiB of RAM to start: give at least 66 MiB", Refusal(new LinuxImage().U32(0x260, 61 << 20)));
        Assert.Contains("takes 2047: shorten -append", Refusal(new LinuxImage(), new string('x', 2048)));
    }

    [Fact]
    public void TruncatedHeadersAreRefusedAtEveryLength()
    {
        byte[] whole = new LinuxImage().Bytes;
        for (int length = 0x206; length <= LinuxImage.ProtectedOffset; length++)
        {
            byte[] part = whole[..length];
            Assert.Contains("is cut off", Assert.Throws<FirmwareException>(() => LinuxLoader.Load(memory.Memory, environment, new KernelFiles("k"), part)).Message);
        }
    }

    [Fact]
    public void DebianKernelAndInitrdAreLoaded()
    {
        if (!GuestFiles.Have(GuestFiles.DebianKernel, "debian-installer-12-netboot-i386"))
        {
            return;
        }
        using var large = new TestMemory(512);
        BootEnvironment room = DirectBoot.Prepare(large.Memory, new MachineDescription { RamSize = 512 << 20 });
        KernelEntry entry = KernelLoader.Load(large.Memory, room, new KernelFiles(GuestFiles.DebianKernel, GuestFiles.DebianInitrd, "quiet"));
        Assert.Equal(0x100000u, entry.Eip);
        long initrdSize = new FileInfo(GuestFiles.DebianInitrd).Length;
        Assert.Equal((uint)initrdSize, large.U32(ZeroPage + 0x21C));
        Assert.Equal([0x1F, 0x8B], large.Bytes(large.U32(ZeroPage + 0x218), 2)); // gzip
        Assert.True(large.U32(ZeroPage + 0x218) + initrdSize <= room.HighMemoryEnd);

        // The kernel's own words on how much RAM it needs become the message.
        string message = Assert.Throws<FirmwareException>(() =>
            KernelLoader.Load(memory.Memory, environment, new KernelFiles(GuestFiles.DebianKernel))).Message;
        Assert.Contains("give at least", message);
    }

    [Fact]
    public void MemtestIsLoaded()
    {
        if (!GuestFiles.Have(GuestFiles.Memtest, "memtest86+"))
        {
            return;
        }
        KernelEntry entry = KernelLoader.Load(memory.Memory, environment, new KernelFiles(GuestFiles.Memtest));
        byte[] file = File.ReadAllBytes(GuestFiles.Memtest);
        Assert.Equal(0x100000u, entry.Eip);
        Assert.Equal(file[((file[0x1F1] + 1) * 512)..], memory.Bytes(0x100000, file.Length - ((file[0x1F1] + 1) * 512)));
    }

    private KernelEntry Load(LinuxImage image, string commandLine = "", string? initrd = null) =>
        LinuxLoader.Load(memory.Memory, environment, new KernelFiles("vmlinuz", initrd, commandLine), image.Bytes);

    private string Refusal(LinuxImage image, string commandLine = "", string? initrd = null)
    {
        string message = Assert.Throws<FirmwareException>(() => Load(image, commandLine, initrd)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
