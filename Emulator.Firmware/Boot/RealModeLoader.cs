using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Emulator.Firmware.FwCfg;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Prepares a kernel that must be entered at its 16-bit setup, with the BIOS's services at hand: no 32-bit entry is known, or its protocol
/// is older than that of the 32-bit entry. The BIOS runs first; an option ROM (<see cref="RealModeRom"/>) puts the pieces into place. Source:
/// Linux <c>Documentation/arch/x86/boot.rst</c>, "Memory Layout" to "Running the Kernel".
/// </summary>
public static class RealModeLoader
{
    private const uint HighKernel = MemoryMap.HighMemoryStart, LowKernel = 0x10000, LowKernelEnd = 0x90000, OldSetup = 0x90000, OldSetupEnd = 0x9A000;
    private const uint Setup = 0x10000, SetupEnd = 0x20000, CommandLineRoom = 0x9F000 - SetupEnd, OldCommandLineRoom = 2047, PageSize = 4096;

    // What a BIOS keeps for its tables at the end of RAM.
    private const ulong TablesRoom = 256 << 10;

    /// <summary>True for a Linux boot header whose 16-bit setup has to run.</summary>
    public static bool Recognises(byte[] image) =>
        image.Length >= LinuxHeader.MinimumFileSize && LinuxHeader.IsPresent(image) && new LinuxHeader(image).StartsInRealMode;

    /// <summary>Lays <paramref name="image"/> and what belongs to it out in memory.</summary>
    /// <param name="files">Names, for messages, and the initial RAM disk and command line.</param>
    /// <param name="image">The kernel file.</param>
    /// <param name="ramSize">Bytes of RAM.</param>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public static RealModeStart Prepare(KernelFiles files, byte[] image, ulong ramSize)
    {
        var header = new LinuxHeader(image);
        header.CheckSize(files.KernelPath);
        byte[] commandLine = [.. Encoding.UTF8.GetBytes(files.CommandLine), 0];
        bool isOld = header.Version < LinuxHeader.FirstWithCommandLinePointer || !header.IsLoadedHigh;
        header.CheckCommandLine(files.KernelPath, commandLine.Length - 1, isOld ? OldCommandLineRoom : CommandLineRoom);
        uint kernelAt = header.IsLoadedHigh ? HighKernel : LowKernel, setupAt = isOld ? OldSetup : Setup;
        // Old setups are moved to 90000 and want the command line in the same segment, behind them.
        uint commandLineAt = isOld ? OldSetupEnd - (((uint)commandLine.Length + 15) & ~15u) : SetupEnd;
        byte[] setup = image[..header.ProtectedModeOffset], kernel = image[header.ProtectedModeOffset..];
        uint stack = commandLineAt - setupAt - 16;
        if (setup.Length > stack - 0x200)
        {
            throw new FirmwareException($"kernel {files.KernelPath} has a setup of {setup.Length} bytes, and {stack - 0x200} are the most: the file is damaged; copy it again");
        }
        if (!header.IsLoadedHigh && kernel.Length > LowKernelEnd - LowKernel)
        {
            throw new FirmwareException(
                $"kernel {files.KernelPath} is a zImage of {kernel.Length} bytes, more than fit below 90000: the file is damaged, or was meant to be a bzImage");
        }
        ulong kernelEnd = Math.Max(kernelAt + (ulong)kernel.Length, MemoryMap.HighMemoryStart);
        (uint initrdAt, byte[] initrd) = LoadInitrd(files, header, ramSize, kernelEnd);
        FillHeader(setup, header, setupAt, commandLineAt, initrdAt, initrd.Length);
        if (VideoMode(files.CommandLine) is { } mode)
        {
            const int videoMode = 0x1FA;
            BinaryPrimitives.WriteUInt16LittleEndian(setup.AsSpan(videoMode), mode);
        }
        List<RealModePart> parts =
        [
            new(FwCfgKeys.SetupData, setupAt, setup), new(FwCfgKeys.CommandLineData, commandLineAt, commandLine), new(FwCfgKeys.KernelData, kernelAt, kernel),
        ];
        if (initrd.Length > 0)
        {
            parts.Add(new RealModePart(FwCfgKeys.InitrdData, initrdAt, initrd));
        }
        return new RealModeStart(parts, RealModeRom.Build(parts, setupAt, stack));
    }

    private static (uint Address, byte[] Data) LoadInitrd(KernelFiles files, LinuxHeader header, ulong ramSize, ulong kernelEnd)
    {
        byte[] initrd = string.IsNullOrEmpty(files.Initrd) ? [] : HostFile.Read(files.Initrd, "initrd");
        ulong ramEnd = MemoryMap.Below4G(ramSize), limit = Math.Min(ramEnd > TablesRoom ? ramEnd - TablesRoom : 0, header.InitrdAddressMax + 1ul);
        if (kernelEnd + (ulong)initrd.Length + PageSize > limit)
        {
            ulong needed = (kernelEnd + (ulong)initrd.Length + PageSize + TablesRoom + (1 << 20) - 1) >> 20;
            throw new FirmwareException(limit > header.InitrdAddressMax
                ? $"initrd {files.Initrd} has {initrd.Length >> 20} MiB, more than kernel {files.KernelPath} can find below {header.InitrdAddressMax:x}: give a smaller one"
                : $"kernel {files.KernelPath}{(initrd.Length > 0 ? " and its initrd do" : " does")} not fit into {ramSize >> 20} MiB of RAM: give at least {needed} MiB (-m)");
        }
        return ((uint)(limit - (ulong)initrd.Length) & ~(PageSize - 1), initrd);
    }

    private static void FillHeader(byte[] setup, LinuxHeader header, uint setupAt, uint commandLineAt, uint initrdAt, int initrdSize)
    {
        const int oldMagic = 0x20, oldOffset = 0x22, typeOfLoader = 0x210, loadFlags = 0x211, ramdiskImage = 0x218, ramdiskSize = 0x21C;
        const int heapEnd = 0x224, commandLine = 0x228;
        const byte undefinedLoader = 0xFF, canUseHeap = 0x80;
        setup[typeOfLoader] = undefinedLoader;
        if (initrdSize > 0)
        {
            Put32(ramdiskImage, initrdAt);
            Put32(ramdiskSize, (uint)initrdSize);
        }
        if (header.Version >= 0x0201)
        {
            setup[loadFlags] |= canUseHeap;
            Put16(heapEnd, commandLineAt - setupAt - 0x200);
        }
        if (header.Version >= LinuxHeader.FirstWithCommandLinePointer)
        {
            Put32(commandLine, commandLineAt);
        }
        else
        {
            Put16(oldMagic, 0xA33F);
            Put16(oldOffset, commandLineAt - setupAt);
        }

        void Put16(int offset, uint value) => BinaryPrimitives.WriteUInt16LittleEndian(setup.AsSpan(offset), (ushort)value);
        void Put32(int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(setup.AsSpan(offset), value);
    }

    // "vga=" is the boot loader's to read (boot.rst, "Special Command Line Options"). Null when it is not there, or no number.
    private static ushort? VideoMode(string commandLine)
    {
        const string option = "vga=";
        string? value = commandLine.Split(' ').LastOrDefault(word => word.StartsWith(option, StringComparison.Ordinal))?[option.Length..];
        return value switch
        {
            null => null,
            "normal" => 0xFFFF,
            "ext" => 0xFFFE,
            "ask" => 0xFFFD,
            _ when value.StartsWith("0x", StringComparison.OrdinalIgnoreCase) =>
                ushort.TryParse(value.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ushort hex) ? hex : null,
            _ => ushort.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) ? number : null,
        };
    }
}
