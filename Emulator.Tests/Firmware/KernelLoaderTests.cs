using System.Buffers.Binary;
using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Xunit;

namespace Emulator.Tests.Firmware;

public sealed class KernelLoaderTests : IDisposable
{
    private readonly TestMemory memory = new(16);
    private readonly TempFiles files = new();
    private readonly BootEnvironment environment;

    public KernelLoaderTests() => environment = DirectBoot.Prepare(memory.Memory, new MachineDescription { RamSize = 16 << 20 });

    public void Dispose()
    {
        memory.Dispose();
        files.Dispose();
    }

    [Fact]
    public void ALinuxHeaderCountsBeforeAMultibootHeader()
    {
        var image = new LinuxImage();
        uint[] multiboot = [0x1BADB002, 0, unchecked((uint)-0x1BADB002)];
        Buffer.BlockCopy(multiboot, 0, image.Bytes, 0x400, 12);
        KernelEntry entry = Load(files.Add("both", image.Bytes));
        Assert.Equal(0u, entry.Eax);
        Assert.NotEqual(0u, entry.Esi);
    }

    [Fact]
    public void AMultibootHeaderIsFoundWithoutALinuxHeader()
    {
        var image = new byte[1024];
        uint[] header = [0x1BADB002, 1 << 16, unchecked((uint)-(0x1BADB002 + (1 << 16))), 0x100000, 0x100000, 0, 0, 0x100020];
        Buffer.BlockCopy(header, 0, image, 0, 32);
        Assert.Equal(0x2BADB002u, Load(files.Add("mb", image)).Eax);
    }

    [Fact]
    public void OtherFilesAreRefusedByWhatTheyAre()
    {
        var elf = new byte[1024];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2 }.CopyTo(elf, 0);
        Assert.Contains("is an ELF64 executable for 64-bit processors, and this machine's processor has no long mode: give a 32-bit (i386) kernel", Refusal(elf));
        elf[4] = 1;
        Assert.Contains("is an ELF32 executable without a multiboot header", Refusal(elf));
        Assert.Contains("is gzip-compressed data", Refusal([0x1F, 0x8B, 8, 0]));
        Assert.Contains("is a DOS, Windows or EFI program", Refusal([.. "MZ"u8, .. new byte[600]]));
        var iso = new byte[0x9000];
        "CD001"u8.CopyTo(iso.AsSpan(0x8001));
        Assert.Contains("is a CD-ROM image, not a kernel (use -cdrom)", Refusal(iso));
        var disk = new byte[1024];
        BinaryPrimitives.WriteUInt16LittleEndian(disk.AsSpan(0x1FE), 0xAA55);
        Assert.Contains("is a boot sector or disk image, not a kernel (use -hda or -fda)", Refusal(disk));
        Assert.Contains("has only 5 bytes and is no kernel", Refusal([1, 2, 3, 4, 5]));
        Assert.Contains("has neither a Linux boot header nor a multiboot header", Refusal(new byte[2000]));
        Assert.Contains("is empty", Refusal([]));
    }

    [Fact]
    public void MissingFilesAreNamed()
    {
        string missing = Path.Combine(files.Folder, "no", "kernel");
        Assert.Equal($"kernel {missing} does not exist: check the path", Assert.Throws<FirmwareException>(() => Load(missing)).Message);
        Assert.Equal($"kernel {files.Folder} is a directory: give a file", Assert.Throws<FirmwareException>(() => Load(files.Folder)).Message);
        string kernel = files.Add("k", new LinuxImage().Bytes);
        var withInitrd = new KernelFiles(kernel, missing);
        string message = Assert.Throws<FirmwareException>(() => KernelLoader.Load(memory.Memory, environment, withInitrd)).Message;
        Assert.Equal($"initrd {missing} does not exist: check the path", message);
    }

    [Fact]
    public void RandomFilesNeverThrowAnythingElse()
    {
        var random = new Random(1);
        for (int i = 0; i < 300; i++)
        {
            byte[] image = new LinuxImage().Bytes;
            if (i % 2 == 0)
            {
                image = new byte[1200];
                uint[] header = [0x1BADB002, 1 << 16, unchecked((uint)-(0x1BADB002 + (1 << 16)))];
                random.NextBytes(image);
                Array.Clear(image, 0x202, 4);
                Buffer.BlockCopy(header, 0, image, 0, 12);
            }
            for (int n = random.Next(1, 12); n > 0; n--)
            {
                image[random.Next(12, image.Length)] = (byte)random.Next(256);
            }
            string path = files.Add("fuzz", image[..random.Next(1, image.Length)]);
            Exception? thrown = Record.Exception(() => Load(path));
            Assert.True(thrown is null or FirmwareException, $"{i}: {thrown}");
        }
    }

    private KernelEntry Load(string path) => KernelLoader.Load(memory.Memory, environment, new KernelFiles(path));

    private string Refusal(byte[] image)
    {
        string path = files.Add("file", image);
        string message = Assert.Throws<FirmwareException>(() => Load(path)).Message;
        Assert.StartsWith($"kernel {path} ", message);
        return message;
    }
}
