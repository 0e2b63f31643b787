using System.Runtime.InteropServices;

namespace Emulator.Core.Cpu;

/// <summary>An x87 double-extended value (SDM Vol. 1, 4.2.2) in 16 bytes: explicit-integer-bit significand, then sign and exponent.</summary>
[StructLayout(LayoutKind.Sequential, Size = 16)]
public struct Float80
{
    /// <summary>The 64-bit significand; bit 63 is the integer bit.</summary>
    public ulong Significand;

    /// <summary>Sign in bit 15, biased exponent (16383) in bits 0-14.</summary>
    public ushort SignExponent;
}
