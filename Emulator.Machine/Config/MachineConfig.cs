using Emulator.BT.Model;
using Emulator.Core.Diagnostics;

using Emulator.BT.Translator;

namespace Emulator.Machine.Config;

/// <summary>Everything a machine is made from: what the command line says, with defaults filled in.</summary>
public sealed record MachineConfig
{
    /// <summary>RAM when nothing is said: 128 MiB, as in QEMU.</summary>
    public const long DefaultRamBytes = 128L << 20;

    /// <summary>Board, <c>-M</c>; one of <see cref="MachineTypes.All"/>.</summary>
    public string MachineType { get; init; } = MachineTypes.Default;

    /// <summary>Processor, <c>-cpu</c>.</summary>
    public CpuConfig Cpu { get; init; } = new(CpuModel.Default.Name, []);

    /// <summary>RAM in bytes, <c>-m</c>; a multiple of 4096.</summary>
    public long RamBytes { get; init; } = DefaultRamBytes;

    /// <summary>System firmware, <c>-bios</c>; null for the default one. See <see cref="DataFiles"/>.</summary>
    public string? BiosFile { get; init; }

    /// <summary>Directories of firmware files, <c>-L</c>, first match wins; searched before the usual ones.</summary>
    public IReadOnlyList<string> BiosSearchPath { get; init; } = [];

    /// <summary>Kernel image, <c>-kernel</c>; null boots by the firmware.</summary>
    public string? Kernel { get; init; }

    /// <summary>Initial RAM disk, or Multiboot modules separated by commas, <c>-initrd</c>.</summary>
    public string? Initrd { get; init; }

    /// <summary>Kernel command line, <c>-append</c>.</summary>
    public string Append { get; init; } = "";

    /// <summary>Floppy, hard disk and CD drives, by interface and index.</summary>
    public IReadOnlyList<DriveConfig> Drives { get; init; } = [];

    /// <summary>Boot order and menu, <c>-boot</c>.</summary>
    public BootConfig Boot { get; init; } = new();

    /// <summary>Execution tier, <c>-accel</c>; one of <see cref="Accelerators.All"/>.</summary>
    public string Accel { get; init; } = Accelerators.Default;

    /// <summary>The translator's settings, <c>-accel translate,threshold=N,threads=N,cache=MB</c>.</summary>
    public TranslatorOptions Translator { get; init; } = new();

    /// <summary>Counted clock, <c>-icount</c>: one instruction takes 2^shift ns; null paces by the host's clock.</summary>
    public int? IcountShift { get; init; }

    /// <summary>With <see cref="IcountShift"/>: false (<c>sleep=off</c>) skips the guest's idle time instead of sleeping.</summary>
    public bool IcountSleep { get; init; } = true;

    /// <summary>COM ports, <c>-serial</c>; an entry of kind <see cref="CharKind.None"/> is a port that does not exist.</summary>
    public IReadOnlyList<CharSpec> Serials { get; init; } = [];

    /// <summary>Printer ports, <c>-parallel</c>; an entry of kind <see cref="CharKind.None"/> is a port that does not exist.</summary>
    public IReadOnlyList<CharSpec> Parallels { get; init; } = [];

    /// <summary>Streams with a monitor on them, <c>-monitor</c> and <c>mon:</c>; <see cref="CharKind.None"/> is filtered out.</summary>
    public IReadOnlyList<CharSpec> Monitors { get; init; } = [];

    /// <summary>Debug consoles, <c>-debugcon</c> and <c>-device isa-debugcon</c>.</summary>
    public IReadOnlyList<DebugConConfig> DebugCons { get; init; } = [];

    /// <summary>Debug exits, <c>-device isa-debug-exit</c>.</summary>
    public IReadOnlyList<DebugExitConfig> DebugExits { get; init; } = [];

    /// <summary>Speaker and sound cards.</summary>
    public SoundConfig Sound { get; init; } = new();

    /// <summary>All of <c>-device</c> as given, for the monitor; those above are already typed.</summary>
    public IReadOnlyList<DeviceConfig> Devices { get; init; } = [];

    /// <summary>The byte that starts a command on a shared stream (Ctrl-a), <c>-echr</c>.</summary>
    public byte EscapeByte { get; init; } = 1;

    /// <summary>Where the screen is shown, <c>-display</c>.</summary>
    public DisplayKind Display { get; init; }

    /// <summary>How the terminal shows graphics modes, <c>-display term,graphics=NAME</c>.</summary>
    public TerminalGraphics TerminalGraphics { get; init; }

    /// <summary>The animation of the screen that begins with the machine, <c>-record</c>; null for none.</summary>
    public RecordingConfig? Recording { get; init; }

    /// <summary><c>-nographic</c>: the options above already hold what it stands for.</summary>
    public bool NoGraphic { get; init; }

    /// <summary>Display adapter, <c>-vga</c>.</summary>
    public VgaKind Vga { get; init; } = VgaKind.Std;

    /// <summary>High precision event timers, <c>-machine hpet=on|off</c>.</summary>
    public bool Hpet { get; init; } = true;

    /// <summary>Power management and ACPI tables, <c>-machine acpi=on|off</c>; <c>isapc</c> has none.</summary>
    public bool Acpi { get; init; } = true;

    /// <summary>Files that the firmware finds beside its own, <c>-fw_cfg</c> and <c>-option-rom</c>.</summary>
    public IReadOnlyList<FwCfgItem> FwCfgItems { get; init; } = [];

    /// <summary>VMware's port with its absolute pointer, <c>-machine vmport=on|off</c>.</summary>
    public bool VmPort { get; init; } = true;

    /// <summary>Real-time clock, <c>-rtc</c>.</summary>
    public RtcConfig Rtc { get; init; } = new();

    /// <summary><c>-S</c>: wait for the monitor's <c>cont</c> before the first instruction.</summary>
    public bool StartPaused { get; init; }

    /// <summary><c>-no-reboot</c>: end instead of resetting.</summary>
    public bool NoReboot { get; init; }

    /// <summary><c>-no-shutdown</c>: stop instead of ending at power-off.</summary>
    public bool NoShutdown { get; init; }

    /// <summary><c>-no-fd-bootchk</c>: the firmware does not look for the boot signature of a floppy.</summary>
    public bool NoFloppyBootCheck { get; init; }

    /// <summary><c>-nodefaults</c>: no default devices.</summary>
    public bool NoDefaults { get; init; }

    /// <summary>What is logged, <c>-d</c>.</summary>
    public LogItems LogItems { get; init; }

    /// <summary>Where the log goes, <c>-D</c>; null is stderr.</summary>
    public string? LogFile { get; init; }

    /// <summary>The machine's name, <c>-name</c>.</summary>
    public string? Name { get; init; }

    /// <summary>The machine's UUID, <c>-uuid</c>, for SMBIOS.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>File that holds the process's id while it runs, <c>-pidfile</c>.</summary>
    public string? PidFile { get; init; }
}
