namespace Emulator.Cli.Options;

/// <summary>QEMU's processors and features that this build does not have, so that each gets a fitting answer.</summary>
internal static class CpuNames
{
    /// <summary>64-bit models; those with versions (<c>-v1</c>) or variants (<c>-noTSX</c>) begin like this.</summary>
    public static IReadOnlyList<string> Models64 { get; } =
    [
        "qemu64", "kvm64", "core2duo", "phenom", "Conroe", "Penryn", "Nehalem", "Westmere", "SandyBridge", "IvyBridge", "Haswell", "Broadwell",
        "Skylake-Client", "Skylake-Server", "Cascadelake-Server", "Cooperlake", "Icelake-Client", "Icelake-Server", "SapphireRapids", "GraniteRapids",
        "SierraForest", "ClearwaterForest", "Denverton", "Snowridge", "KnightsMill", "Opteron_G1", "Opteron_G2", "Opteron_G3", "Opteron_G4", "Opteron_G5",
        "EPYC", "Dhyana",
    ];

    /// <summary>Models that another one stands for, and what to say.</summary>
    public static IReadOnlyDictionary<string, (string Model, string Note)> StandIns { get; } = new Dictionary<string, (string, string)>
    {
        ["host"] = ("max", "-cpu host: the processor is max, the best of this build: a 32-bit i686 with SSE2"),
        ["kvm32"] = ("qemu32", "-cpu kvm32: the processor is qemu32"),
        ["base"] = ("486", "-cpu base: the processor is 486, the least of this build"),
    };

    /// <summary>Properties that say how QEMU goes about it, not what the guest sees.</summary>
    public static IReadOnlyList<string> Settings { get; } = ["check", "enforce", "migratable", "host-cache-info", "l3-cache", "kvm", "host-phys-bits", "fill-mtrr-mask", "cpuid-0xb"];

    /// <summary>Features that no processor of this build has: switched off they are what was asked for.</summary>
    public static IReadOnlySet<string> Absent { get; } = new HashSet<string>(
        ("pni sse3 ssse3 sse4.1 sse4_1 sse4-1 sse4.2 sse4_2 sse4-2 sse4a avx avx2 avx512f aes pclmulqdq pclmuldq fma fma4 xop movbe popcnt x2apic xsave xsaveopt "
        + "xsavec xsaves xgetbv1 osxsave rdrand rdseed f16c hypervisor vmx svm npt monitor ds_cpl ds-cpl cx16 tsc-deadline tsc_deadline lm nx syscall rdtscp "
        + "pdpe1gb lahf_lm lahf-lm abm 3dnow 3dnowext 3dnowprefetch mmxext apic ds acpi ss ht tm tm2 pbe pse36 pn ia64 bmi1 bmi2 smep smap erms invpcid pcid "
        + "hle rtm adx la57 pku pks umip invtsc arat fsgsbase mpx sha-ni rdpid pmu kvmclock kvm_pv_eoi kvm-pv-eoi x-amx amx-tile spec-ctrl ssbd md-clear stibp").Split(' '));
}
