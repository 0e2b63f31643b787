using Emulator.Core.Bus;

namespace Emulator.Devices.Video;

/// <summary>
/// The register BAR of QEMU's standard VGA (QEMU docs/specs/standard-vga, "MMIO area spec"): 0 the monitor's EDID, 400 the ports 3C0-3DF, 500 the Bochs VBE
/// registers as words, 600 QEMU's extension (its size in bytes, then the framebuffer's byte order).
/// </summary>
internal sealed class VgaMmioBar(VgaPorts ports, BochsVbe vbe) : IMmioDevice
{
    private const int PortsAt = 0x400, PortsLength = 0x20, VbeAt = 0x500, VbeLength = BochsVbe.Count * 2, ExtensionAt = 0x600;
    private const int FirstPort = 0x3C0 - VgaPorts.Base;
    private readonly byte[] edid = Edid.Build();

    private const uint ExtensionLength = 8, LittleEndian = 0x1E1E1E1E;

    /// <inheritdoc/>
    public ulong ReadMmio(ulong offset, int size)
    {
        ulong value = 0;
        for (int i = 0; i < size; i++)
        {
            value |= (ulong)ReadByte((int)offset + i) << (i * 8);
        }
        return value;
    }

    /// <inheritdoc/>
    public void WriteMmio(ulong offset, int size, ulong value)
    {
        int at = (int)offset;
        for (int done = 0; done < size; value >>= 16, done += 2, at += 2)
        {
            if (at is >= PortsAt and < PortsAt + PortsLength)
            {
                ports.WritePort(at - PortsAt + FirstPort, 1, (byte)value);
                if (size > 1)
                {
                    ports.WritePort(at + 1 - PortsAt + FirstPort, 1, (byte)(value >> 8));
                }
            }
            else if (size > 1 && at is >= VbeAt and < VbeAt + VbeLength && (at & 1) == 0)
            {
                vbe.WriteRegister((at - VbeAt) / 2, (ushort)value);
            }
        }
    }

    private byte ReadByte(int at)
    {
        return at switch
        {
            < Edid.Length => edid[at],
            >= PortsAt and < PortsAt + PortsLength => (byte)ports.ReadPort(at - PortsAt + FirstPort, 1),
            >= VbeAt and < VbeAt + VbeLength => (byte)(vbe.ReadRegister((at - VbeAt) / 2) >> ((at & 1) * 8)),
            >= ExtensionAt and < ExtensionAt + 4 => (byte)(ExtensionLength >> ((at & 3) * 8)),
            >= ExtensionAt + 4 and < ExtensionAt + 8 => (byte)(LittleEndian >> ((at & 3) * 8)),
            _ => 0,
        };
    }
}
