namespace Emulator.BT.Fpu;

/// <summary>Layouts of the FPU environment in memory (SDM Vol. 1, figures 8-9 to 8-12).</summary>
public enum EnvironmentLayout
{
    /// <summary>16-bit operand size in protected mode: 14 bytes.</summary>
    Protected16,

    /// <summary>16-bit operand size in real or virtual-8086 mode: 14 bytes.</summary>
    Real16,

    /// <summary>32-bit operand size in protected mode: 28 bytes.</summary>
    Protected32,

    /// <summary>32-bit operand size in real or virtual-8086 mode: 28 bytes.</summary>
    Real32,
}
