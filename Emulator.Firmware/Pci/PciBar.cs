namespace Emulator.Firmware.Pci;

/// <summary>A base address register that wants a place.</summary>
/// <param name="Function">Its function.</param>
/// <param name="Register">Its configuration register.</param>
/// <param name="Size">Bytes, a power of two.</param>
/// <param name="IsIo">I/O ports rather than memory.</param>
/// <param name="IsPrefetchable">Prefetchable memory.</param>
/// <param name="Is64Bit">The next register holds the upper half.</param>
internal sealed record PciBar(PciFunction Function, int Register, uint Size, bool IsIo, bool IsPrefetchable, bool Is64Bit)
{
    private const uint RomEnable = 1;

    /// <summary>
    /// Sizes the registers of a function: all ones are written and what reads back shows the bits that can be set
    /// (PCI 2.1, 6.2.5.1). Decoding has to be off. The registers hold 0 afterwards.
    /// </summary>
    public static IEnumerable<PciBar> Probe(PciFunction function)
    {
        const int barCount = 6;
        for (int i = 0; i < barCount; i++)
        {
            int register = PciFunction.FirstBar + (4 * i);
            uint low = function.Read32(register);
            bool isIo = (low & 1) != 0;
            bool is64 = !isIo && (low & 6) == 4;
            uint size = SizeOf(function, register, isIo ? ~3u : ~15u, ~0u);
            if (isIo)
            {
                size = size == 0 ? 0 : size & 0xFFFF;
            }
            if (is64)
            {
                function.Write32(register + 4, 0);
                i++;
            }
            if (size != 0)
            {
                yield return new PciBar(function, register, size, isIo, !isIo && (low & 8) != 0, is64);
            }
        }
        uint rom = SizeOf(function, PciFunction.RomBar, ~0x7FFu, ~RomEnable);
        if (rom != 0)
        {
            yield return new PciBar(function, PciFunction.RomBar, rom, false, false, false);
        }
    }

    /// <summary>Stores <paramref name="address"/>; an expansion ROM stays disabled.</summary>
    public void Assign(uint address)
    {
        Function.Write32(Register, address);
        if (Is64Bit)
        {
            Function.Write32(Register + 4, 0);
        }
    }

    private static uint SizeOf(PciFunction function, int register, uint addressBits, uint probe)
    {
        function.Write32(register, probe);
        uint settable = function.Read32(register) & addressBits;
        function.Write32(register, 0);
        return settable & (uint)-(int)settable;
    }
}
