namespace Emulator.Tests.Simd;

/// <summary>
/// Layout of the block that both sides start from and leave their results in: the host finds it at RDI, the guest at EDI.
/// </summary>
internal static class SimdBlock
{
    /// <summary>FXSAVE image before; MASKMOVQ and MASKMOVDQU write over its first bytes.</summary>
    public const int StateIn = 0;

    /// <summary>FXSAVE image after (host only).</summary>
    public const int StateOut = 0x200;

    /// <summary>RAX RCX RDX RBX, then RFLAGS, before.</summary>
    public const int RegistersIn = 0x400;

    /// <summary>The same after (host only).</summary>
    public const int RegistersOut = 0x428;

    /// <summary>MXCSR that the host goes on with.</summary>
    public const int HostMxcsr = 0x450;

    /// <summary>Vector of the exception that the instruction raised, or 0 (host only).</summary>
    public const int Trapped = 0x454;

    /// <summary>Memory operand, aligned to 16 bytes, with room around it.</summary>
    public const int Operand = 0x490;

    /// <summary>First byte and length of the memory around the operand that is compared.</summary>
    public const int Memory = 0x480, MemoryBytes = 0x40;

    /// <summary>Bytes in all.</summary>
    public const int Size = 0x500;
}
