using Emulator.Core.Memory;
using Emulator.Devices.Pci;
using Emulator.Devices.Video;

namespace Emulator.Machine.Board;

/// <summary>The display adapter's PCI identity: 1234:1111, as QEMU's <c>-vga std</c>.</summary>
public sealed class VgaFunction : PciFunction
{
    /// <summary>Puts <paramref name="vga"/> on PCI; <paramref name="rom"/> is its video BIOS, if there is one.</summary>
    public VgaFunction(VgaController vga, PhysicalMemory memory, byte[]? rom)
        : base(new PciIdentity(0x1234, 0x1111, 2, 0x03_00_00))
    {
        AddBar(0, PciBar.Ram("vga.lfb", (uint)vga.FramebufferLength, vga.FramebufferMachineAddress));
        AddBar(2, PciBar.Mmio("vga.mmio", 0x1000, vga.RegisterBar));
        if (rom is not null)
        {
            AddRom("vga.rom", memory, rom);
        }
    }
}
