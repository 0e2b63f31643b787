using System.Buffers.Binary;
using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Description;
using Xunit;

namespace Emulator.Tests.Firmware;

/// <summary>Multiboot Specification 0.6.96 on synthetic kernels.</summary>
public sealed class MultibootLoaderTests : IDisposable
{
    private readonly TestMemory memory = new(8);
    private readonly TempFiles files = new();
    private readonly BootEnvironment environment;

    public MultibootLoaderTests() => environment = DirectBoot.Prepare(memory.Memory, new MachineDescription { RamSize = 8 << 20 });

    public void Dispose()
    {
        memory.Dispose();
        files.Dispose();
    }

    [Fact]
    public void ElfSegmentsGoToTheirPhysicalAddresses()
    {
        memory.Memory.Write(0x100000, Filled(0x3000, 0xEE)); // bss has to be cleared
        KernelEntry entry = Load(Elf(virtualBase: 0xC0100000, physicalBase: 0x100000, entry: 0xC0100020, memorySize: 0x2000));
        Assert.Equal(0x100020u, entry.Eip);
        Assert.Equal(0x2BADB002u, entry.Eax);
        Assert.Equal(0x1BADB002u, memory.U32(0x100000));
        Assert.Equal(0x5A, memory.U8(0x100020));
        Assert.Equal(new byte[0x2000 - 0x100], memory.Bytes(0x100100, 0x2000 - 0x100));
        Assert.Equal(0xCF9B000000FFFFul, memory.U64(entry.GdtBase + entry.Cs));
    }

    [Fact]
    public void InformationDescribesTheMachine()
    {
        KernelEntry entry = Load(Elf(), "verbose=1");
        uint info = entry.Ebx;
        Assert.True(info >= 0x102000 && info % 4096 == 0);
        Assert.Equal(0x24Fu, memory.U32(info)); // memory, boot device, command line, modules, map, loader name
        Assert.Equal(639u, memory.U32(info + 4));
        Assert.Equal((environment.HighMemoryEnd >> 10) - 1024, memory.U32(info + 8));
        Assert.Equal("kernel.elf verbose=1", memory.Text(memory.U32(info + 16)));
        Assert.Equal(0u, memory.U32(info + 20));
        Assert.Equal("emu", memory.Text(memory.U32(info + 64)));
        uint at = memory.U32(info + 48), end = at + memory.U32(info + 44);
        var map = new List<(ulong, ulong, uint)>();
        while (at < end)
        {
            map.Add((memory.U64(at + 4), memory.U64(at + 12), memory.U32(at + 20)));
            at += memory.U32(at) + 4;
        }
        Assert.Equal(environment.Map.Select(e => (e.Start, e.Length, (uint)e.Type)), map);
    }

    [Fact]
    public void ModulesFollowPageAlignedWithTheirArguments()
    {
        string one = files.Add("one", [1, 2, 3]), two = files.Add("t,wo", Filled(5000, 9));
        KernelEntry entry = Load(Elf(), initrd: $"{one} a=b c,{two.Replace(",", ",,")}");
        uint info = entry.Ebx, table = memory.U32(info + 24);
        Assert.Equal(2u, memory.U32(info + 20));
        Assert.Equal(0x102000u, memory.U32(table));
        Assert.Equal(0x102003u, memory.U32(table + 4));
        Assert.Equal([1, 2, 3], memory.Bytes(0x102000, 3));
        Assert.Equal($"{one} a=b c", memory.Text(memory.U32(table + 8)));
        Assert.Equal(0x103000u, memory.U32(table + 16));
        Assert.Equal(two, memory.Text(memory.U32(table + 24)));
        Assert.Equal(Filled(5000, 9), memory.Bytes(0x103000, 5000));
        Assert.Equal(0x105000u, info);
    }

    [Fact]
    public void HeaderAddressesReplaceElf()
    {
        // 64 bytes before the header are not loaded; header at 200000; bss up to 201000.
        byte[] image = Filled(0x400, 0x77);
        Header(image, 0x40, 1 << 16, 0x200000, 0x200000, 0x200200, 0x201000, 0x200024);
        memory.Memory.Write(0x200000, Filled(0x1800, 0xEE));
        KernelEntry entry = Load(image);
        Assert.Equal(0x200024u, entry.Eip);
        Assert.Equal(image[0x40..0x240], memory.Bytes(0x200000, 0x200));
        Assert.Equal(new byte[0xE00], memory.Bytes(0x200200, 0xE00));
        Assert.Equal(0xEE, memory.U8(0x201800 - 1));
    }

    [Fact]
    public void ZeroLoadEndMeansTheWholeFile()
    {
        byte[] image = Filled(0x400, 0x77);
        Header(image, 0x10, 1 << 16, 0x200010, 0x200000, 0, 0, 0x200100);
        Load(image);
        Assert.Equal(image, memory.Bytes(0x200000, image.Length));
    }

    [Fact]
    public void HeaderIsFoundOnlyInTheFirst8192BytesAndWithItsChecksum()
    {
        byte[] image = new byte[10000];
        Header(image, 8192 - 12, 0);
        Assert.True(MultibootLoader.Recognises(image));
        image[8192 - 4]++;
        Assert.False(MultibootLoader.Recognises(image));
        Array.Clear(image);
        Header(image, 8192, 0);
        Assert.False(MultibootLoader.Recognises(image));
        Array.Clear(image);
        Header(image, 2, 0);
        Assert.False(MultibootLoader.Recognises(image));
    }

    [Fact]
    public void WhatCannotBeLoadedIsRefusedWithTheReason()
    {
        byte[] elf64 = Elf();
        elf64[4] = 2;
        Assert.Contains("is a 64-bit ELF file, and Multiboot 1 starts 32-bit ones: convert it with objcopy", Refusal(elf64));
        byte[] arm = Elf();
        arm[18] = 40;
        Assert.Contains("machine type 40, not for the i386", Refusal(arm));
        byte[] shared = Elf();
        shared[16] = 3;
        Assert.Contains("no executable", Refusal(shared));
        byte[] plain = new byte[512];
        Header(plain, 0, 3);
        Assert.Contains("no ELF file", Refusal(plain));
        byte[] demanding = new byte[512];
        Header(demanding, 0, 0x40);
        Assert.Contains("multiboot features 0x40", Refusal(demanding));
        Assert.Contains("beyond the end of RAM: give at least", Refusal(Elf(physicalBase: 0x900000)));
        Assert.Contains("no free RAM: link it to 1 MiB or above", Refusal(Elf(physicalBase: 0xA0000)));
        Assert.Contains("contradict", Refusal(Addressed(0x40, 0x1000, 0x200000, 0, 0)));
        Assert.Contains("says 4160", Refusal(Addressed(0x40, 0x200000, 0x200000, 0x201000, 0)));
        Assert.Contains("is cut off inside its multiboot header", Refusal(Elf()[..0x50].Concat(Cut()).ToArray()));
    }

    [Fact]
    public void TruncatedElfFilesAreRefusedAtEveryLength()
    {
        byte[] whole = Elf();
        for (int length = 0x60; length < whole.Length; length++)
        {
            byte[] part = whole[..length];
            if (MultibootLoader.Recognises(part))
            {
                Assert.Contains("cut off", Refusal(part));
            }
        }
    }

    [Fact]
    public void ModuleProblemsNameTheModule()
    {
        Assert.Contains("module /no/such does not exist", Refusal(Elf(), initrd: "/no/such x"));
        Assert.Contains("empty module", Refusal(Elf(), initrd: files.Add("m", [1]) + ","));
        string big = files.Add("big", new byte[7 << 20]);
        Assert.Contains($"module {big} ends at", Refusal(Elf(), initrd: big));
    }

    private static byte[] Cut()
    {
        var tail = new byte[16];
        Header(tail, 0, 1 << 16);
        return tail;
    }

    private static byte[] Addressed(int offset, uint header, uint load, uint loadEnd, uint bssEnd)
    {
        var image = new byte[0x400];
        Header(image, offset, 1 << 16, header, load, loadEnd, bssEnd, load);
        return image;
    }

    private static byte[] Filled(int count, byte value)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static void Header(byte[] image, int offset, uint flags, params uint[] addresses)
    {
        uint[] words = [0x1BADB002, flags, (uint)-(int)(0x1BADB002 + flags), .. addresses];
        for (int i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset + (4 * i)), words[i]);
        }
    }

    // One segment of 100 bytes from file offset 80, with the multiboot header at its start and 5A at its byte 20.
    private static byte[] Elf(uint virtualBase = 0x100000, uint physicalBase = 0x100000, uint entry = 0x100020, uint memorySize = 0x1800)
    {
        var image = new byte[0x180];
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1, 1 }.CopyTo(image, 0);
        image[16] = 2;
        image[18] = 3;
        (int Offset, uint Value)[] words =
        [
            (24, entry), (28, 52), (52, 1), (56, 0x80), (60, virtualBase), (64, physicalBase), (68, 0x100), (72, memorySize),
        ];
        foreach ((int offset, uint value) in words)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan(offset), value);
        }
        image[42] = 32;
        image[44] = 1;
        Header(image, 0x80, 3);
        image[0xA0] = 0x5A;
        return image;
    }

    private KernelEntry Load(byte[] image, string commandLine = "", string? initrd = null) =>
        MultibootLoader.Load(memory.Memory, environment, new KernelFiles("kernel.elf", initrd, commandLine), image);

    private string Refusal(byte[] image, string? initrd = null)
    {
        string message = Assert.Throws<FirmwareException>(() => Load(image, initrd: initrd)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
