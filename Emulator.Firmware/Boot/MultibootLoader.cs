using System.Buffers.Binary;
using System.Text;
using Emulator.Core.Bus;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Loads a Multiboot 1 kernel: 32-bit ELF or the header's own addresses; modules and boot information follow the kernel,
/// page-aligned. The command line starts with the kernel's file name, as QEMU makes it. No video information is given.
/// Source: Multiboot Specification 0.6.96.
/// </summary>
public static class MultibootLoader
{
    private const uint EntryMagic = 0x2BADB002, BootDeviceUnknown = 0x8000FFFF, StackTop = 0x7C00, PageSize = 4096;
    private const uint HasMemory = 1, HasBootDevice = 2, HasCommandLine = 4, HasModules = 8, HasMap = 0x40, HasLoaderName = 0x200;
    private const int InfoSize = 120, ModuleSize = 16, MapEntrySize = 24;

    /// <summary>True when the file has a multiboot header.</summary>
    public static bool Recognises(byte[] image) => MultibootHeader.Find(image) is not null;

    /// <summary>Loads <paramref name="image"/> and what belongs to it.</summary>
    /// <param name="memory">Guest-physical memory.</param>
    /// <param name="environment">The machine as the kernel sees it.</param>
    /// <param name="files">Names, for messages, and the modules and command line.</param>
    /// <param name="image">The kernel file.</param>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public static KernelEntry Load(IDmaBus memory, BootEnvironment environment, KernelFiles files, byte[] image)
    {
        MultibootHeader header = MultibootHeader.Find(image)
            ?? throw new FirmwareException($"kernel {files.KernelPath} has no multiboot header");
        if (header.UnknownRequirements != 0)
        {
            throw new FirmwareException(
                $"kernel {files.KernelPath} asks for multiboot features 0x{header.UnknownRequirements:x} that are not known: boot it from a disk image with a boot loader that has them");
        }
        (IReadOnlyList<LoadSegment> segments, uint entry) = FindSegments(files.KernelPath, header, image);
        foreach (LoadSegment segment in segments)
        {
            LoadOne(memory, environment, files.KernelPath, segment, image);
        }

        // What follows the kernel goes above 1 MiB even when the kernel itself lies below.
        ulong next = Math.Max(MemoryMap.HighMemoryStart, segments.Max(segment => segment.End));
        var modules = new List<(uint Start, uint End, string Text)>();
        foreach (MultibootModule module in MultibootModule.Parse(files.Initrd))
        {
            byte[] bytes = HostFile.Read(module.Path, "module");
            next = AlignToPage(next);
            RequireRoom(environment, $"module {module.Path}", next, (ulong)bytes.Length);
            memory.Write(next, bytes);
            modules.Add(((uint)next, (uint)(next + (ulong)bytes.Length), module.Text));
            next += (ulong)bytes.Length;
        }
        next = AlignToPage(next);
        byte[] info = BuildInfo((uint)next, environment, files, modules, out uint gdt);
        RequireRoom(environment, "the boot information", next, (ulong)info.Length);
        memory.Write(next, info);
        FlatSegments.Write(memory, gdt);
        return new KernelEntry(
            Eip: entry, Esp: StackTop, Eax: EntryMagic, Ebx: (uint)next, Ecx: 0, Edx: 0, Esi: 0, Edi: 0, Ebp: 0,
            gdt, FlatSegments.Size - 1, FlatSegments.Code, FlatSegments.Data);
    }

    private static (IReadOnlyList<LoadSegment> Segments, uint Entry) FindSegments(string path, MultibootHeader header, byte[] image)
    {
        if (header.HasAddresses)
        {
            return AddressedSegment(path, header, image);
        }
        if (Elf32.Is64Bit(image))
        {
            throw new FirmwareException(
                $"kernel {path} is a 64-bit ELF file, and Multiboot 1 starts 32-bit ones: convert it with objcopy -O elf32-i386, or boot it from a disk image");
        }
        if (!Elf32.IsElf(image))
        {
            throw new FirmwareException($"kernel {path} has a multiboot header without load addresses but is no ELF file: it can't be placed");
        }
        return Elf32.Parse(path, image);
    }

    // The "a.out kludge": the header itself says where the file's bytes go.
    private static (IReadOnlyList<LoadSegment> Segments, uint Entry) AddressedSegment(string path, MultibootHeader header, byte[] image)
    {
        if (header.Offset + MultibootHeader.SizeWithAddresses > image.Length)
        {
            throw new FirmwareException($"kernel {path} is cut off inside its multiboot header: copy it again");
        }
        ReadOnlySpan<byte> fields = image.AsSpan(header.Offset + 12);
        uint headerAddress = BinaryPrimitives.ReadUInt32LittleEndian(fields);
        uint loadAddress = BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]);
        uint loadEnd = BinaryPrimitives.ReadUInt32LittleEndian(fields[8..]);
        uint bssEnd = BinaryPrimitives.ReadUInt32LittleEndian(fields[12..]);
        uint entry = BinaryPrimitives.ReadUInt32LittleEndian(fields[16..]);
        long fileOffset = header.Offset - ((long)headerAddress - loadAddress);
        long fileSize = loadEnd == 0 ? image.Length - fileOffset : (long)loadEnd - loadAddress;
        if (headerAddress < loadAddress || fileOffset < 0 || fileSize <= 0)
        {
            throw new FirmwareException($"kernel {path} has a multiboot header whose addresses contradict each other: build it again");
        }
        if (fileOffset + fileSize > image.Length)
        {
            throw new FirmwareException(
                $"kernel {path} is cut off: it has {image.Length} bytes, but its multiboot header says {fileOffset + fileSize}; copy it again");
        }
        uint memorySize = (uint)Math.Max(fileSize, bssEnd == 0 ? 0 : (long)bssEnd - loadAddress);
        return ([new LoadSegment((int)fileOffset, (int)fileSize, loadAddress, memorySize)], entry);
    }

    private static void LoadOne(IDmaBus memory, BootEnvironment environment, string path, LoadSegment segment, byte[] image)
    {
        RequireRoom(environment, $"kernel {path}", segment.Address, segment.MemorySize);
        memory.Write(segment.Address, image.AsSpan(segment.FileOffset, segment.FileSize));
        Span<byte> zeros = stackalloc byte[(int)PageSize];
        zeros.Clear();
        for (ulong at = segment.Address + (ulong)segment.FileSize; at < segment.End;)
        {
            int n = (int)Math.Min(PageSize, segment.End - at);
            memory.Write(at, zeros[..n]);
            at += (ulong)n;
        }
    }

    private static void RequireRoom(BootEnvironment environment, string what, ulong start, ulong length)
    {
        if (!environment.IsRam(start, length))
        {
            throw new FirmwareException(start + length > environment.HighMemoryEnd
                ? $"{what} ends at {(start + length + (1 << 20) - 1) >> 20} MiB, beyond the end of RAM: give at least {((start + length) >> 20) + 2} MiB (-m)"
                : $"{what} wants to lie at 0x{start:x}-0x{start + length - 1:x}, where a PC has no free RAM: link it to 1 MiB or above");
        }
    }

    // In order: the information structure, module table, memory map, descriptor table, strings.
    private static byte[] BuildInfo(
        uint address, BootEnvironment environment, KernelFiles files, List<(uint Start, uint End, string Text)> modules, out uint gdt)
    {
        uint moduleTable = address + InfoSize;
        uint map = moduleTable + (uint)(modules.Count * ModuleSize);
        gdt = map + (uint)(environment.Map.Count * MapEntrySize);
        uint strings = gdt + FlatSegments.Size;
        var text = new ByteWriter();
        uint commandLine = AddString(text, strings, $"{files.KernelPath} {files.CommandLine}");
        uint loaderName = AddString(text, strings, Identity.BootLoader);
        var bytes = new ByteWriter()
            .U32(HasMemory | HasBootDevice | HasCommandLine | HasModules | HasMap | HasLoaderName)
            .U32(LowKiB(environment)).U32((environment.HighMemoryEnd - MemoryMap.HighMemoryStart) >> 10)
            .U32(BootDeviceUnknown).U32(commandLine)
            .U32((uint)modules.Count).U32(moduleTable)
            .Zeros(16) // symbols: none
            .U32((uint)(environment.Map.Count * MapEntrySize)).U32(map)
            .Zeros(12) // drives, BIOS configuration table: none
            .U32(loaderName)
            .Zeros(InfoSize - 68);
        foreach ((uint start, uint end, string moduleText) in modules)
        {
            bytes.U32(start).U32(end).U32(AddString(text, strings, moduleText)).U32(0);
        }
        foreach (E820Entry entry in environment.Map)
        {
            bytes.U32(MapEntrySize - 4).U64(entry.Start).U64(entry.Length).U32((uint)entry.Type);
        }
        return bytes.Zeros(FlatSegments.Size).Bytes(text.ToArray()).ToArray();
    }

    private static uint LowKiB(BootEnvironment environment) =>
        (uint)(environment.Map.FirstOrDefault(entry => entry.Type == E820Type.Ram && entry.Start == 0).Length >> 10);

    private static uint AddString(ByteWriter text, uint start, string value)
    {
        uint address = start + (uint)text.Length;
        text.Bytes(Encoding.UTF8.GetBytes(value)).U8(0);
        return address;
    }

    private static ulong AlignToPage(ulong address) => (address + PageSize - 1) & ~(ulong)(PageSize - 1);
}
