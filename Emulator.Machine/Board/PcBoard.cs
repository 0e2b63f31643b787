using Emulator.BT;
using Emulator.BT.Model;
using Emulator.BT.Translator;
using Emulator.Core.Backends;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;
using Emulator.Devices.Dma;
using Emulator.Devices.Floppy;
using Emulator.Devices.FwCfg;
using Emulator.Devices.Ide;
using Emulator.Devices.Input;
using Emulator.Devices.Interrupts;
using Emulator.Devices.Misc;
using Emulator.Devices.Parallel;
using Emulator.Devices.Pci;
using Emulator.Devices.Power;
using Emulator.Devices.Serial;
using Emulator.Devices.Timers;
using Emulator.Devices.Video;
using Emulator.Machine.Config;

namespace Emulator.Machine.Board;

/// <summary>
/// The board <c>pc</c>: i440FX, PIIX3, PIIX4 power management, ISA devices and a Bochs-VBE VGA; or <c>isapc</c>, the same without PCI. The only place
/// where parts are wired to each other: read it to see the whole computer.
/// </summary>
public sealed class PcBoard : IDisposable
{
    private const ulong LowRamEnd = 0xA0000, HighRamStart = 0x100000, BiosEnd = 1ul << 32, LowBiosStart = 0xE0000, LowBiosLength = 0x20000;
    private const ulong RomAndVideoBytes = 24 << 20, OptionRomStart = 0xC0000, IsaFramebuffer = 0xE0000000;

    private static readonly (int Port, int Irq)[] SerialPorts = [(0x3F8, 4), (0x2F8, 3), (0x3E8, 4), (0x2E8, 3)];

    private static readonly (int Port, int Irq)[] ParallelPorts = [(0x378, 7), (0x278, 5)];

    /// <summary>Builds the board. <paramref name="makeClock"/> gets the count of retired instructions.</summary>
    public PcBoard(
        MachineConfig config, CpuModel model, MachineParts parts, IMachineControl control, IScheduler scheduler, IClock clock, EventLog log)
    {
        // Memory and processor
        Memory = new PhysicalMemory((ulong)config.RamBytes, RomAndVideoBytes, mappable: Translator.WantsWindows(config.Accel == Accelerators.Interpreter ? null : config.Translator));
        MapRam();
        if (parts.Bios is not null)
        {
            MapBios(parts.Bios);
        }
        Ports = new PortBus();
        Cpu = new Vcpu(model, Memory, Ports, clock, log, config.Accel == Accelerators.Interpreter ? null : config.Translator)
        {
            ExactBudget = config.IcountShift != null,
        };

        // Interrupts, timers, DMA
        Pic = new I8259Pair(Cpu.SetInterruptLine);
        Pic.Wire(Ports);
        Cpu.Acknowledge = Pic.Acknowledge;
        Cpu.FpuError = Pic.Input(13).Raise;
        var coprocessorError = new CoprocessorError(Pic.Input(13), () => Cpu.IgnoresFpuErrors = true);
        coprocessorError.Wire(Ports);
        A20 = new A20Gate(open => Memory.A20 = open);
        if (config.Hpet)
        {
            Hpet = new Hpet(scheduler, Pic.Input(0), Pic.Input(8), Pic.NewSource);
            Hpet.Wire(Memory);
        }
        Pit = new I8254(scheduler, Hpet?.PitLine ?? Pic.Input(0));
        Pit.Wire(Ports);
        Rtc = new Mc146818(scheduler, new IrqLine(DriveRtcInterrupt), config.Rtc.AtPowerOn(DateTime.UtcNow));
        Rtc.Wire(Ports);
        Dma = new I8237Pair(Memory);
        Dma.Wire(Ports);
        PortA = new SystemControlPortA(A20, control);
        PortA.Wire(Ports);
        PortB = new SystemControlPortB(Pit, scheduler);
        PortB.Wire(Ports);
        Sound = new SoundDevices(config.Sound, parts.AudioOutputs, this, PortB, scheduler, log);

        // Keyboard, mouse, serial lines, debug ports
        Keyboard = new I8042(scheduler, Pic.Input(1), Pic.Input(12), A20, control, log);
        Keyboard.Wire(Ports);
        VmMouse = new VmMouse(Keyboard.Pointer.Nudge);
        Pointers = new PointerInput(Keyboard, VmMouse);
        if (config.VmPort)
        {
            new VmPort(new CpuRegisterWindow(Cpu), VmMouse, config.RamBytes).Wire(Ports);
        }
        for (int n = 0; n < Math.Min(parts.Serials.Count, SerialPorts.Length); n++)
        {
            if (parts.Serials[n] is { } backend)
            {
                var uart = new Uart16550A(scheduler, Pic.Input(SerialPorts[n].Irq), backend);
                uart.Wire(Ports, SerialPorts[n].Port, $"serial{n}");
                Serials.Add(uart);
            }
        }
        for (int n = 0; n < Math.Min(parts.Parallels.Count, ParallelPorts.Length); n++)
        {
            if (parts.Parallels[n] is { } printer)
            {
                var port = new ParallelPort(scheduler, Pic.Input(ParallelPorts[n].Irq), printer);
                port.Wire(Ports, ParallelPorts[n].Port, $"parallel{n}");
                Parallels.Add(port);
            }
        }
        for (int n = 0; n < config.DebugCons.Count; n++)
        {
            new DebugPort(parts.DebugCons[n]).Wire(Ports, config.DebugCons[n].IoBase);
        }
        foreach (DebugExitConfig exit in config.DebugExits)
        {
            new IsaDebugExit(control, exit.IoBase, exit.IoSize).Wire(Ports);
        }

        if (config.Vga != VgaKind.None)
        {
            Vga = new VgaController(scheduler, Memory, log);
            Vga.Wire(Ports, Memory);
        }
        Action resetBus;
        if (config.MachineType == MachineTypes.IsaPc)
        {
            // ISA: IDE without bus master, the firmware in RAM, the framebuffer where Bochs had it
            IdeChannels = [new IdeChannel(Pic.Input(14)), new IdeChannel(Pic.Input(15))];
            IdeChannels[0].Wire(Ports, "ide0", 0x1F0, 0x3F6);
            IdeChannels[1].Wire(Ports, "ide1", 0x170, 0x376);
            if (Vga is not null)
            {
                Memory.Map(new MemoryRegion(
                    "vga.lfb", IsaFramebuffer, (ulong)Vga.FramebufferLength, MemoryKind.Ram, Vga.FramebufferMachineAddress, null, 0));
            }
            resetBus = () =>
            {
                LoadFirmwareRam(parts.Bios);
                IdeChannels[0].Reset();
                IdeChannels[1].Reset();
            };
            resetBus();
        }
        else
        {
            // PCI: host bridge, ISA bridge, IDE, power management, display
            Pci = new PciBus(Ports, Memory);
            PciHost = new PciHost(Pci, control);
            PciHost.Wire(Ports);
            Pci.Add(0, 0, new I440Fx(Memory));
            Pci.Add(1, 0, new Piix3Isa(Pic.NewSource));
            var ide = new Piix3Ide(Memory, Pic.Input(14), Pic.Input(15));
            Pci.Add(1, 1, ide);
            ide.Wire(Ports);
            IdeChannels = [ide.Primary, ide.Secondary];
            if (config.Acpi)
            {
                Power = new Piix4Pm(scheduler, control, Pic.Input(9), Pic.NewSource(9), log);
                Pci.Add(1, 3, Power);
                Power.Wire(Ports);
                Power.ShowDevices(printer: Parallels.Count > 0, serial1: Serials.Count > 0, serial2: Serials.Count > 1);
            }
            if (Vga is not null)
            {
                Pci.Add(2, 0, new VgaFunction(Vga, Memory, parts.VideoBios));
            }
            resetBus = () =>
            {
                PciHost.Reset();
                Pci.Reset();
            };
        }

        // Drives
        Floppy = new FloppyController(scheduler, Pic.Input(6), new FloppyDmaChannel(Dma.Channel(2)));
        Floppy.Wire(Ports);
        Drives = AttachDrives(config, parts.Drives, scheduler, control);

        FwCfg = new FwCfgDevice(Memory, log);
        FwCfg.Wire(Ports);

        resets =
        [
            coprocessorError.Reset, Pic.Reset, () => Hpet?.Reset(), Pit.Reset, Rtc.Reset, Dma.Reset, A20.Reset, Keyboard.Reset, VmMouse.Reset, .. Serials.Select(s => (Action)s.Reset),
            .. Parallels.Select(p => (Action)p.Reset), resetBus,
            PortA.Reset, PortB.Reset, Sound.Reset, Floppy.Reset, FwCfg.Reset, () => Vga?.Reset(),
        ];
    }

    private readonly Action[] resets;

    /// <summary>RAM, ROM and the memory map.</summary>
    public PhysicalMemory Memory { get; }

    /// <summary>The I/O space.</summary>
    public PortBus Ports { get; }

    /// <summary>The processor.</summary>
    public Vcpu Cpu { get; }

    /// <summary>Interrupt controllers.</summary>
    public I8259Pair Pic { get; }

    /// <summary>Interval timer.</summary>
    public I8254 Pit { get; }

    /// <summary>High precision event timers; null with <c>hpet=off</c>.</summary>
    public Hpet? Hpet { get; }

    /// <summary>Real-time clock and CMOS.</summary>
    public Mc146818 Rtc { get; }

    /// <summary>DMA controllers.</summary>
    public I8237Pair Dma { get; }

    /// <summary>Speaker and sound cards.</summary>
    public SoundDevices Sound { get; }

    /// <summary>A20 gate.</summary>
    public A20Gate A20 { get; }

    /// <summary>Port 92.</summary>
    public SystemControlPortA PortA { get; }

    /// <summary>Port 61.</summary>
    public SystemControlPortB PortB { get; }

    /// <summary>Keyboard controller with keyboard and mouse.</summary>
    public I8042 Keyboard { get; }

    /// <summary>VMware's absolute pointer; stays off without its port.</summary>
    public VmMouse VmMouse { get; }

    /// <summary>The pointer that the user's hand is on.</summary>
    public PointerInput Pointers { get; }

    /// <summary>Serial ports that are there.</summary>
    public List<Uart16550A> Serials { get; } = [];

    /// <summary>Printer ports that are there.</summary>
    public List<ParallelPort> Parallels { get; } = [];

    /// <summary>PCI bus 0; null on <c>isapc</c>.</summary>
    public PciBus? Pci { get; }

    /// <summary>PCI configuration ports; null on <c>isapc</c>.</summary>
    public PciHost? PciHost { get; }

    /// <summary>Primary and secondary IDE channel.</summary>
    public IReadOnlyList<IdeChannel> IdeChannels { get; }

    /// <summary>Power management; null on <c>isapc</c> and with <c>acpi=off</c>.</summary>
    public Piix4Pm? Power { get; }

    /// <summary>Display adapter; null with <c>-vga none</c>.</summary>
    public VgaController? Vga { get; }

    /// <summary>Floppy controller.</summary>
    public FloppyController Floppy { get; }

    /// <summary>Firmware configuration device.</summary>
    public FwCfgDevice FwCfg { get; }

    /// <summary>Every drive with its present medium, for the monitor.</summary>
    public IReadOnlyList<BoardDrive> Drives { get; }

    /// <summary>Resets everything on the board, the processor last.</summary>
    public void Reset()
    {
        foreach (Action reset in resets)
        {
            reset();
        }
        Cpu.Reset();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Sound.Finish();
        Cpu.Dispose();
        Memory.Dispose();
    }

    private void MapRam()
    {
        Memory.Map(new MemoryRegion("ram.low", 0, Math.Min(LowRamEnd, Memory.RamSize), MemoryKind.Ram, 0, null, 0));
        if (Memory.RamSize > HighRamStart)
        {
            Memory.Map(new MemoryRegion("ram.high", HighRamStart, Memory.RamSize - HighRamStart, MemoryKind.Ram, HighRamStart, null, 0));
        }
    }

    // The whole image ends at 4 GiB; its last 128 KiB show below 1 MiB as well.
    private void MapBios(byte[] image)
    {
        ulong length = ((ulong)image.Length + PhysicalMemory.PageSize - 1) & ~(ulong)(PhysicalMemory.PageSize - 1);
        ulong machineAddress = Memory.Allocate(length), padding = length - (ulong)image.Length;
        image.CopyTo(Memory.Machine(machineAddress + padding, image.Length));
        Memory.Map(new MemoryRegion("bios", BiosEnd - length, length, MemoryKind.Rom, machineAddress, null, 0));
        ulong low = Math.Min(length, LowBiosLength);
        Memory.Map(new MemoryRegion(
            "bios.low", LowBiosStart + LowBiosLength - low, low, MemoryKind.Rom, machineAddress + length - low, null, 0));
    }

    /// <summary>A pulse on NMI, behind the gate that port 70h bit 7 closes.</summary>
    /// <returns>False while the gate is closed.</returns>
    public bool TryRaiseNmi()
    {
        if (Rtc.NmiMasked)
        {
            return false;
        }
        Cpu.RaiseNmi();
        return true;
    }

    // The power management sees the clock's own pin, whether or not the HPET has its interrupt.
    private void DriveRtcInterrupt(bool level)
    {
        (Hpet?.RtcLine ?? Pic.Input(8)).Set(level);
        if (level)
        {
            Power?.RtcInterrupt();
        }
    }

    // Without a chip set that shadows it, the firmware is RAM from C0000 on, as in QEMU: SeaBIOS writes to its own segment.
    private void LoadFirmwareRam(byte[]? bios)
    {
        Memory.SetShadowing(OptionRomStart, HighRamStart - OptionRomStart, readRam: true, writeRam: true);
        if (bios is not null)
        {
            int low = (int)Math.Min((ulong)bios.Length, LowBiosLength);
            Memory.Write(HighRamStart - (ulong)low, bios.AsSpan(bios.Length - low));
        }
    }

    private List<BoardDrive> AttachDrives(MachineConfig config, IReadOnlyList<(DriveConfig Drive, IBlockBackend? Image)> given, IScheduler scheduler, IMachineControl control)
    {
        var drives = new List<BoardDrive>();
        foreach ((DriveConfig drive, IBlockBackend? image) in WithDefaults(config, given))
        {
            if (drive.Interface == DriveInterface.Floppy)
            {
                var floppy = new FloppyDrive(image);
                Floppy.Attach(drive.Unit, floppy);
                drives.Add(new BoardDrive(drive, () => floppy.Medium) { Floppy = floppy });
                continue;
            }
            IdeChannel channel = IdeChannels[drive.Bus];
            if (drive.IsCdrom)
            {
                var cd = new AtapiCdrom(scheduler, image) { ErrorAction = new DriveErrors(drive, control).Decide };
                channel.Attach(drive.Unit, cd);
                drives.Add(new BoardDrive(drive, () => cd.Medium) { Cdrom = cd });
            }
            else if (image is not null)
            {
                var disk = new AtaDisk(scheduler, image, serial: $"EM{drive.Index + 1:d5}") { ErrorAction = new DriveErrors(drive, control).Decide };
                channel.Attach(drive.Unit, disk);
                drives.Add(new BoardDrive(drive, () => image) { Disk = disk });
            }
        }
        return drives;
    }

    // As QEMU's pc: an empty CD-ROM drive as secondary master and an empty floppy drive A, unless -nodefaults.
    private static IEnumerable<(DriveConfig Drive, IBlockBackend? Image)> WithDefaults(
        MachineConfig config, IReadOnlyList<(DriveConfig Drive, IBlockBackend? Image)> given)
    {
        foreach ((DriveConfig, IBlockBackend?) drive in given)
        {
            yield return drive;
        }
        if (config.NoDefaults)
        {
            yield break;
        }
        if (!given.Any(d => d.Drive is { Interface: DriveInterface.Ide, Index: 2 }) && !given.Any(d => d.Drive.IsCdrom))
        {
            yield return (new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true }, null);
        }
        if (!given.Any(d => d.Drive is { Interface: DriveInterface.Floppy, Index: 0 }))
        {
            yield return (new DriveConfig { Interface = DriveInterface.Floppy, Index = 0 }, null);
        }
    }
}
