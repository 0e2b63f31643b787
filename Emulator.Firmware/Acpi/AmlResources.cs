namespace Emulator.Firmware.Acpi;

/// <summary>Encoder of ACPI resource descriptors. Source: ACPI 6.5, section 6.4.</summary>
public static class AmlResources
{
    // Address space descriptors: type, then general flags MinFixed and MaxFixed (produced, positive decode).
    private const byte MemorySpace = 0, IoSpace = 1, BusSpace = 2, FixedRange = 0x0C;

    /// <summary>ASL's <c>ResourceTemplate</c>: a buffer of descriptors with its end tag.</summary>
    public static byte[] Template(params byte[][] descriptors) => Aml.Buffer(Aml.Join([.. descriptors, [0x79, 0x00]]));

    /// <summary>Fixed I/O ports with 16-bit decoding.</summary>
    public static byte[] Io(int port, int length) =>
        new ByteWriter().U8(0x47).U8(0x01).U16(port).U16(port).U8(1).U8(length).ToArray();

    /// <summary>Edge-triggered, exclusive ISA interrupt.</summary>
    public static byte[] IrqNoFlags(int irq) => new ByteWriter().U8(0x22).U16(1 << irq).ToArray();

    /// <summary>8-bit ISA DMA channel, compatibility timing.</summary>
    public static byte[] Dma(int channel) => new ByteWriter().U8(0x2A).U8(1 << channel).U8(0).ToArray();

    /// <summary>Level-triggered, active-high, shared interrupts, one of which is chosen.</summary>
    public static byte[] SharedInterrupt(params uint[] interrupts)
    {
        var bytes = new ByteWriter().U8(0x89).U16(2 + (4 * interrupts.Length)).U8(0x09).U8(interrupts.Length);
        foreach (uint interrupt in interrupts)
        {
            bytes.U32(interrupt);
        }
        return bytes.ToArray();
    }

    /// <summary>Bus numbers <paramref name="first"/> to <paramref name="last"/>.</summary>
    public static byte[] BusNumbers(int first, int last) => WordSpace(BusSpace, 0, first, last);

    /// <summary>A window of I/O ports.</summary>
    public static byte[] IoWindow(int first, int last) => WordSpace(IoSpace, 0x03, first, last);

    /// <summary>A window of read-write memory below 4 GiB.</summary>
    public static byte[] MemoryWindow(uint first, uint last, bool cacheable) =>
        new ByteWriter().U8(0x87).U16(23).U8(MemorySpace).U8(FixedRange).U8(cacheable ? 0x03 : 0x01)
            .U32(0).U32(first).U32(last).U32(0).U32(last - first + 1).ToArray();

    private static byte[] WordSpace(byte type, byte typeFlags, int first, int last) =>
        new ByteWriter().U8(0x88).U16(13).U8(type).U8(FixedRange).U8(typeFlags)
            .U16(0).U16(first).U16(last).U16(0).U16(last - first + 1).ToArray();
}
