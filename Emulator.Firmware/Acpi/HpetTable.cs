namespace Emulator.Firmware.Acpi;

/// <summary>The HPET description table's body (IA-PC HPET specification 1.0a, section 3.2.4).</summary>
internal static class HpetTable
{
    private const uint Identity = 0x8086_A201, Address = 0xFED0_0000;

    /// <summary>The table without its header: one block of three timers; no page protection is promised.</summary>
    public static byte[] Build() => new ByteWriter()
        .U32(Identity)
        .U8(0).U8(64).U8(0).U8(0).U32(Address).U32(0) // a 64-bit register block in system memory
        .U8(0).U16(0).U8(0)
        .ToArray();
}
