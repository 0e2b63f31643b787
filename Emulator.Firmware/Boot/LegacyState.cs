namespace Emulator.Firmware.Boot;

/// <summary>
/// What a BIOS leaves in the chips of the ISA side, as port writes that the board makes before a directly loaded kernel
/// starts. PCI is <see cref="Pci.PciSetup"/>'s; the A20 gate is opened by the board.
/// </summary>
public static class LegacyState
{
    /// <summary>The writes, one byte each, in order.</summary>
    public static IReadOnlyList<(ushort Port, byte Value)> PortWrites { get; } =
    [
        // 8259 pair (data sheet: ICW1-ICW4): edge-triggered, vectors 08 and 70, cascade on IRQ 2, 8086 mode. Masks: open are
        // timer, keyboard, cascade and floppy; RTC, mouse, FPU and the first IDE channel.
        (0x20, 0x11), (0xA0, 0x11), (0x21, 0x08), (0xA1, 0x70), (0x21, 0x04), (0xA1, 0x02), (0x21, 0x01), (0xA1, 0x01),
        (0x21, 0xB8), (0xA1, 0x8E),

        // ELCR of the PIIX3: the PCI interrupts 10 and 11 are level-triggered.
        (0x4D0, 0x00), (0x4D1, 0x0C),

        // 8254: channel 0 is a square wave with divisor 65536 (18.2 Hz); channel 1 as the PC/AT's memory refresh had it.
        (0x43, 0x36), (0x40, 0x00), (0x40, 0x00),
        (0x43, 0x54), (0x41, 0x12),

        // 8237 pair: channel 4 cascades the first controller, and is open.
        (0xD6, 0xC0), (0xD4, 0x00),

        // 8042: keyboard on with translation to set 1 and its interrupt, mouse port off.
        (0x64, 0x60), (0x60, 0x61),
    ];
}
