using Emulator.Core.Cpu;

namespace Emulator.BT.Model;

/// <summary>
/// What a processor model has, and so what CPUID says. A feature bit appears here only when the instructions and registers
/// behind it work; what is not here raises #UD or #GP.
/// </summary>
/// <param name="Name">QEMU's name.</param>
/// <param name="Family">CPUID family, 4-6.</param>
/// <param name="Signature">CPUID.1:EAX.</param>
/// <param name="Features">CPUID.1:EDX.</param>
public sealed record CpuModel(string Name, int Family, uint Signature, CpuFeatures Features)
{
    private const CpuFeatures Pentium = CpuFeatures.Fpu | CpuFeatures.Vme | CpuFeatures.De | CpuFeatures.Pse | CpuFeatures.Tsc | CpuFeatures.Msr | CpuFeatures.Mce | CpuFeatures.Cx8;

    /// <summary>The models by name.</summary>
    public static IReadOnlyList<CpuModel> All { get; } =
    [
        new("pentium2", 6, 0x0633, Pentium | CpuFeatures.Pae | CpuFeatures.Sep | CpuFeatures.Mtrr | CpuFeatures.Pge | CpuFeatures.Mca | CpuFeatures.Cmov | CpuFeatures.Pat),
        new("pentium", 5, 0x0543, Pentium),
        new("486", 4, 0x0480, CpuFeatures.Fpu | CpuFeatures.Vme),
    ];

    /// <summary>Bits of CR4 that may be set.</summary>
    public ulong Cr4Mask =>
        Cr4.TSD * Bit(CpuFeatures.Tsc) | (Cr4.VME | Cr4.PVI) * Bit(CpuFeatures.Vme) | Cr4.DE * Bit(CpuFeatures.De) | Cr4.PSE * Bit(CpuFeatures.Pse)
        | Cr4.MCE * Bit(CpuFeatures.Mce) | Cr4.PAE * Bit(CpuFeatures.Pae) | Cr4.PGE * Bit(CpuFeatures.Pge);

    /// <summary>True when the model has all of <paramref name="features"/>.</summary>
    public bool Has(CpuFeatures features) => (Features & features) == features;

    /// <summary>The model of that name, or null.</summary>
    public static CpuModel? Find(string name) => name switch
    {
        "qemu32" or "max" or "base" => All[0],
        _ => All.FirstOrDefault(m => m.Name == name),
    };

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
#pragma warning restore CS1591
}
