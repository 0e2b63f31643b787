namespace Emulator.Cli.Options;

/// <summary>QEMU's devices and their defaults that this build answers without having them.</summary>
internal static class QemuDevices
{
    private const string Ps2 = "the PS/2 keyboard and mouse, and VMware's absolute pointer, stand for it";
    private const string Std = "the display adapter is std (VGA with Bochs VBE)";

    // Name, whether the display adapter stands for it, and what to say.
    private static readonly (string Name, bool IsDisplay, string Note)[] StandIns =
    [
        ("usb-kbd", false, Ps2),
        ("usb-mouse", false, Ps2),
        ("usb-tablet", false, Ps2),
        ("vmmouse", false, "it is on the board already"),
        ("i8042", false, "it is on the board already"),
        ("cirrus-vga", true, Std),
        ("isa-cirrus-vga", true, Std),
        ("isa-vga", true, Std),
        ("vmware-svga", true, Std),
        ("qxl-vga", true, Std),
        ("qxl", true, Std),
        ("virtio-vga", true, Std),
        ("virtio-vga-gl", true, Std),
        ("bochs-display", true, Std),
    ];

    // What a name begins with, and why there is no such device.
    private static readonly (string Prefix, string Reason)[] Refusals =
    [
        ("virtio-", "virtio devices are not built yet; use IDE drives (-hda, -cdrom) and the std display"),
        ("vhost-", "virtio devices are not built yet; leave it out"),
        ("virtserial", "virtio devices are not built yet; use -serial"),
        ("virtconsole", "virtio devices are not built yet; use -serial"),
        ("e1000", Network),
        ("rtl8139", Network),
        ("ne2k_", Network),
        ("pcnet", Network),
        ("i8255", Network),
        ("i8256", Network),
        ("tulip", Network),
        ("vmxnet3", Network),
        ("usb-net", Network),
        ("scsi-", Scsi),
        ("lsi", Scsi),
        ("megasas", Scsi),
        ("mptsas", Scsi),
        ("am53c974", Scsi),
        ("nvme", Scsi),
        ("ahci", Scsi),
        ("ich9-ahci", Scsi),
        ("pvscsi", Scsi),
        ("usb-", Usb),
        ("nec-usb-", Usb),
        ("qemu-xhci", Usb),
        ("piix3-usb-", Usb),
        ("piix4-usb-", Usb),
        ("ich9-usb-", Usb),
        ("pci-ohci", Usb),
        ("AC97", Sound),
        ("ES1370", Sound),
        ("intel-hda", Sound),
        ("ich9-intel-hda", Sound),
        ("hda-", Sound),
        ("gus", Sound),
        ("cs4231a", Sound),
        ("vfio-", "devices of the host are not passed on; leave it out"),
        ("tpm-", "there is no TPM; leave it out"),
        ("ivshmem", "memory is not shared with other machines; leave it out"),
        ("uefi-vars", "UEFI firmware is not supported yet; leave it out"),
        ("pcie-", "PCI Express is not built; leave it out"),
        ("ioh3420", "PCI Express is not built; leave it out"),
        ("edu", "this device of QEMU's own is not built; leave it out"),
    ];

    // Device, property, values that are true here, and what to say of others.
    private static readonly (string Device, string Property, string[] Values, string Note)[] Globals =
    [
        ("PIIX4_PM", "disable_s3", ["1", "on", "true"], "the machine has no suspend to RAM (S3)"),
        ("PIIX4_PM", "disable_s4", ["1", "on", "true"], "the machine has no suspend to disk (S4)"),
        ("kvm-pit", "lost_tick_policy", ["delay", "slew"], "no tick of the timer is lost"),
        ("mc146818rtc", "lost_tick_policy", ["slew"], "no tick of the real-time clock is lost"),
        ("VGA", "vgamem_mb", ["16"], "the display adapter has 16 MiB of memory"),
    ];

    private const string Network = "network adapters are not built yet; leave it out";
    private const string Scsi = "drives are connected by IDE here; use -hda, -cdrom or -drive if=ide";
    private const string Usb = "USB is not built; leave it out";
    private const string Sound = "this sound card is not built; use -device sb16 or -device adlib";

    /// <summary>What stands for a device; null when nothing does.</summary>
    public static (string Note, bool IsDisplay)? StandIn(string name)
    {
        foreach (var row in StandIns)
        {
            if (row.Name == name)
            {
                return ($"{name}: {row.Note}", row.IsDisplay);
            }
        }
        return null;
    }

    /// <summary>Why there is no such device; null for a name that is nobody's.</summary>
    public static string? Refusal(string name) =>
        Refusals.FirstOrDefault(r => name.StartsWith(r.Prefix, StringComparison.OrdinalIgnoreCase)).Reason;

    /// <summary>A default that the machine has one answer to; null when it is no such default.</summary>
    public static (string[] Values, string Note)? Global(string device, string property)
    {
        foreach (var row in Globals)
        {
            if (row.Device == device && row.Property == property)
            {
                return (row.Values, $"{device}.{property}: {row.Note}");
            }
        }
        return null;
    }
}
