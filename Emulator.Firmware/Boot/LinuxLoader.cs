using System.Buffers.Binary;
using System.Text;
using Emulator.Core.Bus;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Loads a Linux bzImage by the 32-bit boot protocol: protected-mode part at 1 MiB, zero page at 10000, command line at
/// 20000, initial RAM disk as high as the kernel allows. Source: Linux <c>Documentation/arch/x86/boot.rst</c>, "32-bit Boot
/// Protocol", and <c>zero-page.rst</c>.
/// </summary>
public static class LinuxLoader
{
    /// <summary>Where boot_params is put.</summary>
    public const uint ZeroPageAddress = 0x10000;

    /// <summary>Where the command line is put.</summary>
    public const uint CommandLineAddress = 0x20000;

    private const uint GdtAddress = 0x11000, StackTop = 0x20000, LoadAddress = MemoryMap.HighMemoryStart, PageSize = 4096;
    private const uint CommandLineRoom = 0x9F000 - CommandLineAddress;

    /// <summary>True when the file has the mark of a Linux kernel.</summary>
    public static bool Recognises(byte[] image) => LinuxHeader.IsPresent(image);

    /// <summary>Loads <paramref name="image"/> and what belongs to it.</summary>
    /// <param name="memory">Guest-physical memory.</param>
    /// <param name="environment">The machine as the kernel sees it.</param>
    /// <param name="files">Names, for messages, and the initial RAM disk and command line.</param>
    /// <param name="image">The kernel file.</param>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public static KernelEntry Load(IDmaBus memory, BootEnvironment environment, KernelFiles files, byte[] image)
    {
        LinuxHeader header = Check(files.KernelPath, image);
        byte[] initrdImage = string.IsNullOrEmpty(files.Initrd) ? [] : HostFile.Read(files.Initrd, "initrd");
        ulong runtimeEnd = header.RuntimeEnd(LoadAddress);
        if (runtimeEnd > environment.HighMemoryEnd)
        {
            throw new FirmwareException(
                $"kernel {files.KernelPath} needs {ToMiB(runtimeEnd)} MiB of RAM to start: {LeastRam(runtimeEnd, initrdImage)}");
        }
        byte[] commandLine = Encoding.UTF8.GetBytes(files.CommandLine);
        header.CheckCommandLine(files.KernelPath, commandLine.Length, CommandLineRoom);

        memory.Write(LoadAddress, image.AsSpan(header.ProtectedModeOffset));
        memory.Write(CommandLineAddress, [.. commandLine, 0]);
        (uint initrd, uint initrdSize) = LoadInitrd(memory, environment, files, header, runtimeEnd, initrdImage);
        memory.Write(ZeroPageAddress, ZeroPage(environment, header, image, initrd, initrdSize));
        FlatSegments.Write(memory, GdtAddress);
        return new KernelEntry(
            Eip: header.Code32Start, Esp: StackTop, Eax: 0, Ebx: 0, Ecx: 0, Edx: 0, Esi: ZeroPageAddress, Edi: 0, Ebp: 0,
            GdtAddress, FlatSegments.Size - 1, FlatSegments.Code, FlatSegments.Data);
    }

    /// <summary>Looks whether a kernel file is whole, and one for 32-bit processors.</summary>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    internal static LinuxHeader Check(string path, byte[] image)
    {
        if (image.Length < LinuxHeader.MinimumFileSize)
        {
            throw new FirmwareException($"kernel {path} is cut off: its {image.Length} bytes do not hold a Linux boot header; copy it again");
        }
        var header = new LinuxHeader(image);
        if (!header.HasBootFlag)
        {
            throw new FirmwareException($"kernel {path} has a Linux header but no boot signature AA55 at 1FE: the file is damaged; copy it again");
        }
        if (header.Version >= 0x020A && image.Length < 0x264)
        {
            throw new FirmwareException($"kernel {path} is cut off: its {image.Length} bytes do not hold a Linux boot header; copy it again");
        }
        if (header.Is64Bit)
        {
            throw new FirmwareException(
                $"kernel {path} is for 64-bit processors (x86-64), and this machine's processor has no long mode: give a 32-bit (i386) kernel");
        }
        header.CheckSize(path);
        return header;
    }

    private static (uint Address, uint Size) LoadInitrd(
        IDmaBus memory, BootEnvironment environment, KernelFiles files, LinuxHeader header, ulong runtimeEnd, byte[] initrd)
    {
        if (initrd.Length == 0)
        {
            return (0, 0);
        }
        ulong limit = Math.Min(environment.HighMemoryEnd, header.InitrdAddressMax + 1ul);
        ulong lowest = (runtimeEnd + PageSize - 1) & ~(ulong)(PageSize - 1);
        if (lowest + (ulong)initrd.Length > (limit & ~(ulong)(PageSize - 1)))
        {
            ulong needed = lowest + (ulong)initrd.Length;
            throw new FirmwareException(needed > header.InitrdAddressMax
                ? $"initrd {files.Initrd} has {ToMiB((ulong)initrd.Length)} MiB, more than kernel {files.KernelPath} can find below {header.InitrdAddressMax:x}: give a smaller one"
                : $"initrd {files.Initrd} ({ToMiB((ulong)initrd.Length)} MiB) does not fit into RAM beside the kernel: {LeastRam(runtimeEnd, initrd)}");
        }
        uint address = (uint)((limit - (ulong)initrd.Length) & ~(ulong)(PageSize - 1));
        memory.Write(address, initrd);
        return (address, (uint)initrd.Length);
    }

    private static byte[] ZeroPage(BootEnvironment environment, LinuxHeader header, byte[] image, uint initrd, uint initrdSize)
    {
        const int acpiRsdp = 0x070, altMemK = 0x1E0, e820Entries = 0x1E8, e820Table = 0x2D0, e820Room = 128;
        const int typeOfLoader = 0x210, loadFlags = 0x211, ramdiskImage = 0x218, ramdiskSize = 0x21C;
        const int heapEnd = 0x224, commandLine = 0x228;
        const byte undefinedLoader = 0xFF, canUseHeap = 0x80;
        var page = new byte[PageSize];
        int end = Math.Min(Math.Min(header.End, image.Length), e820Table);
        image.AsSpan(LinuxHeader.Start, end - LinuxHeader.Start).CopyTo(page.AsSpan(LinuxHeader.Start));
        WriteScreenInfo(page, environment);
        page[typeOfLoader] = undefinedLoader;
        page[loadFlags] |= canUseHeap;
        Put32(page, ramdiskImage, initrd);
        Put32(page, ramdiskSize, initrdSize);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(heapEnd), 0xDE00);
        Put32(page, commandLine, CommandLineAddress);
        Put32(page, altMemK, (environment.HighMemoryEnd - MemoryMap.HighMemoryStart) >> 10);
        if (header.TakesRsdpAddress)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(page.AsSpan(acpiRsdp), environment.RsdpAddress);
        }
        int entries = Math.Min(environment.Map.Count, e820Room);
        page[e820Entries] = (byte)entries;
        MemoryMap.ToBytes(environment.Map.Take(entries)).CopyTo(page.AsSpan(e820Table));
        return page;
    }

    // struct screen_info: VGA text mode 3, 80x25, cursor at the top left, 16-line font, 256 KiB colour adapter.
    private static void WriteScreenInfo(byte[] page, BootEnvironment environment)
    {
        uint extendedKiB = Math.Min((environment.HighMemoryEnd - MemoryMap.HighMemoryStart) >> 10, 0xFFFF);
        BinaryPrimitives.WriteUInt16LittleEndian(page.AsSpan(0x02), (ushort)extendedKiB);
        page[0x06] = 3;
        page[0x07] = 80;
        page[0x0A] = 3;
        page[0x0E] = 25;
        page[0x0F] = 1;
        page[0x10] = 16;
    }

    // What the loader needs, and what the kernel unpacks a gzip file into (RFC 1952: the size is in the last four bytes) before it frees anything.
    private static string LeastRam(ulong runtimeEnd, byte[] initrd)
    {
        bool isPacked = initrd.Length > 18 && initrd[0] == 0x1F && initrd[1] == 0x8B;
        ulong unpacked = isPacked ? BinaryPrimitives.ReadUInt32LittleEndian(initrd.AsSpan(initrd.Length - 4)) : 0;
        string reason = isPacked ? $", {ToMiB((ulong)initrd.Length)} of them for the initrd and {ToMiB(unpacked)} for what the kernel unpacks from it" : "";
        return $"give at least {SuggestedMiB(runtimeEnd + (ulong)initrd.Length + unpacked)} MiB (-m){reason}";
    }

    private static ulong ToMiB(ulong bytes) => (bytes + (1 << 20) - 1) >> 20;

    // The firmware's tables take a little at the end of RAM.
    private static ulong SuggestedMiB(ulong end) => ToMiB(end) + 1;

    private static void Put32(byte[] page, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(page.AsSpan(offset), value);
}
