using Emulator.Firmware.Description;
using Emulator.Firmware.Memory;

namespace Emulator.Firmware.Boot;

/// <summary>
/// Starts a kernel behind SeaBIOS: the BIOS sets the machine up (video mode, PCI, ACPI) and then boots an option ROM that
/// fetches the loaded image by fw_cfg DMA and enters it. Unlike <see cref="DirectBoot"/> the kernel finds a working screen,
/// and a guest's reset starts it again.
/// </summary>
/// <param name="Rom">The option ROM, for the file <see cref="RomFile"/>.</param>
/// <param name="Entries">The image as fw_cfg items by key.</param>
public sealed record BiosKernelBoot(byte[] Rom, IReadOnlyDictionary<ushort, byte[]> Entries)
{
    /// <summary>fw_cfg file that SeaBIOS runs as an option ROM.</summary>
    public const string RomFile = "genroms/emu-kernel.bin";

    /// <summary>The line of the <c>bootorder</c> file that makes SeaBIOS boot the ROM first.</summary>
    public const string BootOrderLine = "/rom@" + RomFile;

    /// <summary>Key of the first item of the image; keys of QEMU's architecture range that nothing else uses.</summary>
    public const ushort FirstKey = 0x8100;

    // SeaBIOS keeps its tables in the last 64 KiB of RAM, or in as much as the tables need.
    private const uint BiosRoom = 256 << 10, SmallestRam = 2 << 20;

    /// <summary>Loads the kernel into an image and makes the ROM that brings it into memory.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="files">Kernel, initial RAM disk or modules, command line.</param>
    /// <param name="firstKey">Key of the image's first item.</param>
    /// <exception cref="FirmwareException">One clear sentence.</exception>
    public static BiosKernelBoot Prepare(MachineDescription machine, KernelFiles files, ushort firstKey = FirstKey)
    {
        machine.Validate();
        if (machine.RamSize < SmallestRam)
        {
            throw new FirmwareException($"{machine.RamSize >> 10} KiB of RAM are too few to start a kernel directly: give at least 2 MiB (-m 2)");
        }
        uint tablesStart = (uint)MemoryMap.Below4G(machine.RamSize) - BiosRoom;
        var environment = new BootEnvironment(MemoryMap.ForKernel(machine.RamSize, tablesStart), RsdpAddress: 0);
        var image = new MemoryImage();
        KernelEntry entry = KernelLoader.Load(image, environment, files);
        var entries = new Dictionary<ushort, byte[]>();
        var transfers = new List<RomTransfer>();
        foreach ((uint address, byte[] bytes) in image.Chunks)
        {
            var key = (ushort)(firstKey + entries.Count);
            entries.Add(key, bytes);
            transfers.Add(new RomTransfer(key, address, (uint)bytes.Length));
        }
        return new BiosKernelBoot(KernelBootRom.Build(transfers, entry), entries);
    }
}
