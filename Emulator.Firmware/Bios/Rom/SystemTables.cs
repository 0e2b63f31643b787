using System.Text;
using Emulator.Firmware.Pci;

namespace Emulator.Firmware.Bios.Rom;

/// <summary>Tables of the system ROM that do not change: what INT 15h AH=C0h and INT 1Eh point to, BIOS32 and PCI interrupt routing.</summary>
internal static class SystemTables
{
    /// <summary>The diskette parameters of a 1.44M drive: specify bytes, motor off time, 512 bytes, 18 sectors, gaps, fill byte, settle and start times.</summary>
    public static readonly byte[] Diskette = [0xAF, 0x02, 0x25, 0x02, 0x12, 0x1B, 0xFF, 0x6C, 0xF6, 0x0F, 0x08];

    /// <summary>Physical address of the PCI interrupt routing table.</summary>
    public const uint RoutingAddress = 0xF0000 + RoutingOffset;

    private const int Bios32Offset = 0x0100, RoutingOffset = 0x0120, Slots = 8;

    /// <summary>Puts the tables where they belong.</summary>
    public static void Add(RomWriter rom, SystemRom entries)
    {
        // Length 8, model FC, submodel 0, revision 0; features: second 8259, RTC, keyboard intercept (INT 15h AH=4Fh), extended BIOS data area,
        // INT 16h AH=09h.
        rom.Org(SystemRom.ConfigurationTable).Emit(0x08, 0x00, 0xFC, 0x00, 0x00, 0x74, 0x40, 0x00, 0x00, 0x00);
        rom.Org(SystemRom.DisketteTable).Emit(Diskette);

        // Baud rate divisors of INT 14h, in the order of its codes.
        rom.Org(0xE729).Emit(0x17, 0x04, 0x00, 0x03, 0x80, 0x01, 0xC0, 0x00, 0x60, 0x00, 0x30, 0x00, 0x18, 0x00, 0x0C, 0x00);
        AddBios32(rom, entries.Bios32Entry);
        AddRouting(rom);
    }

    // BIOS32 service directory (Standard BIOS 32-bit Service Directory Proposal 0.4): entry, revision 0, one paragraph.
    private static void AddBios32(RomWriter rom, ushort entry)
    {
        rom.Org(Bios32Offset).Emit(Encoding.ASCII.GetBytes("_32_"))
            .Emit((byte)entry, (byte)(entry >> 8), 0x0F, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00);
        rom.SetChecksum(Bios32Offset, 16, Bios32Offset + 10);
    }

    // PCI interrupt routing table (Microsoft PCI IRQ Routing Table Specification 1.0): the PIIX's PIRQ registers 60-63 are the links.
    private static void AddRouting(RomWriter rom)
    {
        const int slotSize = 16, headerSize = 32, length = headerSize + (Slots * slotSize), usable = 0xDEF8;
        ushort exclusive = 0;
        foreach (byte irq in PciSetup.PirqRouting)
        {
            exclusive |= (ushort)(1 << irq);
        }
        rom.Org(RoutingOffset).Emit(Encoding.ASCII.GetBytes("$PIR"))
            .Emit(0x00, 0x01, length & 0xFF, length >> 8, 0x00, 1 << 3, (byte)exclusive, (byte)(exclusive >> 8))
            .Emit(0x86, 0x80, 0x00, 0x70) // compatible with the PIIX3, 8086:7000
            .Emit(new byte[headerSize - 16]);
        for (int device = 1; device <= Slots; device++)
        {
            rom.Emit(0x00, (byte)(device << 3));
            for (int pin = 0; pin < 4; pin++)
            {
                rom.Emit((byte)(0x60 + ((device - 1 + pin) & 3)), usable & 0xFF, usable >> 8);
            }
            rom.Emit((byte)(device < 3 ? 0 : device - 2), 0x00); // slot number; 0: on the board
        }
        rom.SetChecksum(RoutingOffset, length, RoutingOffset + 31);
    }
}
