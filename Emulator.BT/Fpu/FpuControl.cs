namespace Emulator.BT.Fpu;

/// <summary>Fields of the x87 control word (SDM Vol. 1, 8.1.5).</summary>
public static class FpuControl
{
    /// <summary>Value after FNINIT.</summary>
    public const ushort Initial = 0x037F;

    /// <summary>Bits that FLDCW can set; bit 6 always reads 1.</summary>
    public const uint Writable = 0x1F3F, AlwaysOne = 0x40;

    /// <summary>Precision control: 000 = 24 bits, 200 = 53 bits, 300 = 64 bits.</summary>
    public const uint PrecisionMask = 0x300, Precision24 = 0, Precision53 = 0x200, Precision64 = 0x300;

    /// <summary>Rounding control.</summary>
    public const uint RoundingMask = 0xC00, Nearest = 0, Down = 0x400, Up = 0x800, Truncate = 0xC00;
}
