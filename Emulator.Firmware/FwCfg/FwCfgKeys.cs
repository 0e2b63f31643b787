namespace Emulator.Firmware.FwCfg;

/// <summary>Keys of the fixed fw_cfg items. Source: QEMU <c>standard-headers/linux/qemu_fw_cfg.h</c> and the pc board.</summary>
public static class FwCfgKeys
{
    /// <summary>System UUID, 16 bytes.</summary>
    public const ushort Uuid = 0x0002;

    /// <summary>RAM below 4 GiB and above it together, bytes (64 bits).</summary>
    public const ushort RamSize = 0x0003;

    /// <summary>1 when there is no screen (16 bits).</summary>
    public const ushort NoGraphic = 0x0004;

    /// <summary>Processors present at power-on (16 bits).</summary>
    public const ushort CpuCount = 0x0005;

    /// <summary>NUMA nodes, then node of each processor, then bytes of each node (64 bits each).</summary>
    public const ushort Numa = 0x000D;

    /// <summary>1 when the boot menu is shown (16 bits); SeaBIOS knows it as <c>etc/show-boot-menu</c>.</summary>
    public const ushort BootMenu = 0x000E;

    /// <summary>Largest number of processors, or one more than the largest APIC id (16 bits).</summary>
    public const ushort MaxCpus = 0x000F;

    /// <summary>Protected-mode part of a kernel that is started by its setup.</summary>
    public const ushort KernelData = 0x0011;

    /// <summary>Its initial RAM disk.</summary>
    public const ushort InitrdData = 0x0012;

    /// <summary>Its command line, with the NUL.</summary>
    public const ushort CommandLineData = 0x0015;

    /// <summary>Its setup: boot sector and real-mode part.</summary>
    public const ushort SetupData = 0x0018;

    /// <summary>1 when ISA IRQ 0 is wired to I/O APIC input 2 (32 bits).</summary>
    public const ushort Irq0Override = 0x8002;
}
