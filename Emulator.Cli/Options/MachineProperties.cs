namespace Emulator.Cli.Options;

/// <summary>A property of <c>-machine</c> that scripts pass and that this board has one answer to.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Values">The values that are true of the board; empty when every one is.</param>
/// <param name="Note">What to say of every other value; null refuses it.</param>
internal sealed record MachineProperty(string Key, string[] Values, string? Note = null);

/// <summary>The properties of QEMU's PC boards beside those that <see cref="MachineParser"/> acts on.</summary>
internal static class MachineProperties
{
    /// <summary>What to say where USB was asked for and nothing is plugged in.</summary>
    public const string NoUsb = "there is no USB controller; keyboard and mouse are PS/2 devices";

    /// <summary>All rows.</summary>
    public static IReadOnlyList<MachineProperty> All { get; } =
    [
        new("usb", ["off"], NoUsb),
        new("smm", ["off", "auto"]),
        new("i8042", ["on"]),
        new("pit", ["on"]),
        new("pic", ["on"]),
        new("rtc", ["on"]),
        new("sata", ["off"]),
        new("nvdimm", ["off"]),
        new("hmat", ["off"]),
        new("igd-passthru", ["off"]),
        new("smbios-entry-point-type", ["32", "auto"]),

        // These say how QEMU goes about it, not what the guest sees.
        new("kernel-irqchip", []),
        new("kvm-shadow-mem", []),
        new("dump-guest-core", []),
        new("mem-merge", []),
        new("suppress-vmdesc", []),
        new("enforce-config-section", []),
        new("aes-key-wrap", []),
        new("dea-key-wrap", []),
        new("max-fw-size", []),
    ];
}
