using Emulator.Core.Bus;

namespace Emulator.Firmware.Pci;

/// <summary>Expansion ROMs of the functions on bus 0, after <see cref="PciSetup"/> has placed their registers (PCI 2.1, section 6.3).</summary>
public static class PciRom
{
    private const uint Enable = 1;
    private const int LargestImage = 255 * 512;

    /// <summary>The images, display adapters' first: each is enabled, read and switched off again.</summary>
    public static IEnumerable<byte[]> ReadAll(IPciConfig config, IDmaBus memory)
    {
        var found = new List<(bool IsDisplay, byte[] Image)>();
        for (int device = 0; device < 32; device++)
        {
            var function = new PciFunction(config, device, 0);
            if (!function.IsPresent || function.IsBridge)
            {
                continue;
            }
            uint address = function.Read32(PciFunction.RomBar) & ~0x7FFu;
            if (address != 0 && Read(function, address, memory) is { } image)
            {
                found.Add((function.ClassCode >> 8 == 3, image));
            }
        }
        return found.OrderBy(rom => !rom.IsDisplay).Select(rom => rom.Image);
    }

    private static byte[]? Read(PciFunction function, uint address, IDmaBus memory)
    {
        function.Write32(PciFunction.RomBar, address | Enable);
        var header = new byte[3];
        memory.Read(address, header);
        byte[]? image = null;
        if (header is [0x55, 0xAA, > 0] && header[2] * 512 <= LargestImage)
        {
            image = new byte[header[2] * 512];
            memory.Read(address, image);
        }
        function.Write32(PciFunction.RomBar, address);
        return image;
    }
}
