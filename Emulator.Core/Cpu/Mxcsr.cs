namespace Emulator.Core.Cpu;

#pragma warning disable CS1591 // the manual's own names

/// <summary>Bits of MXCSR (SDM Vol. 1, 10.2.3).</summary>
public static class Mxcsr
{
    public const uint IE = 1, DE = 2, ZE = 4, OE = 8, UE = 16, PE = 32, DAZ = 64, IM = 0x80, DM = 0x100, ZM = 0x200, OM = 0x400, UM = 0x800,
        PM = 0x1000, FTZ = 0x8000;

    /// <summary>Rounding control: 0 to nearest even, then down, up, towards 0.</summary>
    public const uint RoundingMask = 0x6000, RoundDown = 0x2000, RoundUp = 0x4000, RoundToZero = 0x6000;

    /// <summary>The six sticky flags.</summary>
    public const uint Exceptions = IE | DE | ZE | OE | UE | PE;

    /// <summary>Exceptions found before an operation computes.</summary>
    public const uint PreComputation = IE | DE | ZE;

    /// <summary>A mask bit is its flag shifted left by this.</summary>
    public const int MaskShift = 7;

    /// <summary>Value after reset: all masked, round to nearest.</summary>
    public const uint Initial = 0x1F80;
}
