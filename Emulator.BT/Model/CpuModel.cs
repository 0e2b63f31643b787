using Emulator.Core.Cpu;

namespace Emulator.BT.Model;

/// <summary>
/// What a processor model has, and so what CPUID says. A feature bit appears here only when the instructions and registers
/// behind it work; what is not here raises #UD or #GP.
/// </summary>
/// <param name="Name">QEMU's name.</param>
/// <param name="Description">One line for <c>-cpu help</c>.</param>
/// <param name="Family">CPUID family, 4-6.</param>
/// <param name="Signature">CPUID.1:EAX.</param>
/// <param name="Features">CPUID.1:EDX.</param>
public sealed record CpuModel(string Name, string Description, int Family, uint Signature, CpuFeatures Features)
{
    private const CpuFeatures I486 = CpuFeatures.Fpu | CpuFeatures.Vme;
    private const CpuFeatures Pentium = I486 | CpuFeatures.De | CpuFeatures.Pse | CpuFeatures.Tsc | CpuFeatures.Msr
        | CpuFeatures.Mce | CpuFeatures.Cx8 | CpuFeatures.Mmx;
    private const CpuFeatures Pentium2 = Pentium | CpuFeatures.Pae | CpuFeatures.Sep | CpuFeatures.Mtrr | CpuFeatures.Pge | CpuFeatures.Mca | CpuFeatures.Cmov
        | CpuFeatures.Pat | CpuFeatures.Fxsr;

    private const CpuFeatures Pentium3 = Pentium2 | CpuFeatures.Sse;

    /// <summary>The models by name, the default one first.</summary>
    public static IReadOnlyList<CpuModel> All { get; } =
    [
        // QEMU's has SSE3 and neither VME, MTRRs nor MCA.
        new("qemu32", "i686 with SSE2", 6, 0x0663, (Pentium3 | CpuFeatures.Sse2) & ~(CpuFeatures.Vme | CpuFeatures.Mtrr | CpuFeatures.Mca)),
        new("max", "i686 with everything that is built", 6, 0x0663, Pentium3 | CpuFeatures.Sse2 | CpuFeatures.Clflush),
        new("pentium3", "Pentium III: i686 with SSE", 6, 0x0673, Pentium3),
        new("pentium2", "Pentium II: i686 with MMX, PAE and large pages", 6, 0x0652, Pentium2),
        new("pentium", "Pentium MMX: i586 with 4 MiB pages", 5, 0x0543, Pentium),
        new("486", "80486DX: i486 with x87", 4, 0x0480, I486),
    ];

    /// <summary>The model when nothing is said.</summary>
    public static CpuModel Default => All[0];

    /// <summary>The model with every feature that is built.</summary>
    public static CpuModel Max { get; } = All.First(m => m.Name == "max");

    /// <summary>Bits of CR4 that may be set.</summary>
    public ulong Cr4Mask =>
        Cr4.TSD * Bit(CpuFeatures.Tsc) | (Cr4.VME | Cr4.PVI) * Bit(CpuFeatures.Vme) | Cr4.DE * Bit(CpuFeatures.De) | Cr4.PSE * Bit(CpuFeatures.Pse)
        | Cr4.MCE * Bit(CpuFeatures.Mce) | Cr4.PAE * Bit(CpuFeatures.Pae) | Cr4.PGE * Bit(CpuFeatures.Pge) | Cr4.OSFXSR * Bit(CpuFeatures.Fxsr)
        | Cr4.OSXMMEXCPT * Bit(CpuFeatures.Sse) | (HasRdpmc ? Cr4.PCE : 0);

    /// <summary>True when RDPMC and CR4.PCE exist: from the Pentium with MMX on (SDM Vol. 2B, RDPMC).</summary>
    public bool HasRdpmc => Has(CpuFeatures.Mmx);

    /// <summary>Bits of MXCSR that may be set: denormals-are-zeros came with SSE2.</summary>
    public uint MxcsrMask => Has(CpuFeatures.Sse2) ? 0xFFFFu : 0xFFBFu;

    /// <summary>True when the model has all of <paramref name="features"/>.</summary>
    public bool Has(CpuFeatures features) => (Features & features) == features;

    /// <summary>The model of that name, or null.</summary>
    public static CpuModel? Find(string name) => All.FirstOrDefault(m => m.Name == name);

    private ulong Bit(CpuFeatures feature) => Has(feature) ? 1ul : 0;
}

/// <summary>CPUID.1:EDX (SDM Vol. 2A, CPUID).</summary>
[Flags]
public enum CpuFeatures : uint
{
#pragma warning disable CS1591 // the manual's own names
    None = 0,
    Fpu = 1 << 0,
    Vme = 1 << 1,
    De = 1 << 2,
    Pse = 1 << 3,
    Tsc = 1 << 4,
    Msr = 1 << 5,
    Pae = 1 << 6,
    Mce = 1 << 7,
    Cx8 = 1 << 8,
    Sep = 1 << 11,
    Mtrr = 1 << 12,
    Pge = 1 << 13,
    Mca = 1 << 14,
    Cmov = 1 << 15,
    Pat = 1 << 16,
    Clflush = 1 << 19,
    Mmx = 1 << 23,
    Fxsr = 1 << 24,
    Sse = 1 << 25,
    Sse2 = 1 << 26,
#pragma warning restore CS1591
}
