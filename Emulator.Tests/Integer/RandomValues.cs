namespace Emulator.Tests.Integer;

/// <summary>Numbers at which results and flags change more often than chance would have them.</summary>
internal static class RandomValues
{
    public static uint Next(Random random)
    {
        var value = (uint)random.NextInt64(1L << 32);
        return random.Next(8) switch
        {
            0 => (uint)random.Next(-3, 4),
            1 => 0x8000_0000u + (uint)random.Next(-2, 3),
            2 => (value & 0xFFFF_0000) | (ushort)(0x8000 + random.Next(-2, 3)),
            3 => (value & 0xFFFF_FF00) | (byte)(0x80 + random.Next(-2, 3)),
            4 => value & 0xFF,
            _ => value,
        };
    }
}
