namespace Emulator.Firmware;

/// <summary>The checksum of ACPI, SMBIOS and option ROMs: all bytes of a table add up to 0 modulo 256.</summary>
internal static class Checksum
{
    /// <summary>The byte that makes the sum 0 when its place holds 0 now.</summary>
    public static byte For(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (byte b in bytes)
        {
            sum += b;
        }
        return (byte)-sum;
    }
}
