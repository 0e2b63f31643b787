using System.Collections.Concurrent;
using Emulator.BT.Translator;
using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Firmware;
using Emulator.Firmware.Boot;
using Emulator.Firmware.Cmos;
using Emulator.Firmware.Description;
using Emulator.Firmware.FwCfg;
using Emulator.Machine.Bios;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Machine.Time;

namespace Emulator.Machine;

/// <summary>
/// A machine's life: power-on, run loop, stop and continue, reset, power-off. Everything in it happens on the thread that calls
/// <see cref="Run"/>; other threads use <see cref="MachineInbox.Post"/>.
/// </summary>
public sealed unsafe class VirtualMachine : IMachineControl, IStateful, IDisposable
{
    private readonly MachineConfig config;
    private readonly MachineParts parts;
    private readonly MachineDescription description;
    private readonly IMachineClock clock;
    private readonly EventQueue events;
    private readonly ConcurrentQueue<Action> posted;
    private readonly AutoResetEvent wake;
    private readonly EventLog log;
    private readonly MachineInbox inbox;
    private readonly BiosTraps biosTraps;
    private readonly bool startsDirectly;
    private bool resetRequested;
    private bool hasTripleFaulted;
    private long sliceEndNs;
    private int? exitCode;

    /// <summary>Builds the machine and brings it to power-on.</summary>
    /// <param name="config">What to build.</param>
    /// <param name="parts">What it is connected to.</param>
    /// <param name="inbox">Where posts from other threads go; may be filled before the machine exists.</param>
    /// <param name="log">The log of <c>-d</c>.</param>
    /// <exception cref="UserErrorException">The configuration is impossible, or the kernel cannot be loaded.</exception>
    public VirtualMachine(MachineConfig config, MachineParts parts, MachineInbox inbox, EventLog log)
    {
        this.config = config;
        startsDirectly = config.Kernel is not null && !NeedsBios(config.Kernel);
        this.parts = startsDirectly ? WithBuiltInBios(config, parts) : parts;
        this.log = log;
        this.inbox = inbox;
        posted = inbox.Actions;
        wake = inbox.Wake;
        clock = config.IcountShift is { } shift
            ? new CountedClock(() => Board?.Cpu.InstructionsRetired ?? 0, shift, config.IcountSleep)
            : new HostClock(() => Board?.Cpu.InstructionsRetired ?? 0) { EventDue = () => Board?.Cpu.EndSlice() };
        events = new EventQueue(clock) { EarlierDeadline = ShortenSlice };
        Board = BuildBoard();
        inbox.Interrupt = Board.Cpu.RequestStop;
        description = Describe();
        biosTraps = BiosTraps.Install(Board, this.parts, description, this, clock);
        State = config.StartPaused ? RunState.Prelaunch : RunState.Running;
        clock.IsRunning = State == RunState.Running;
        if (RefusedTranslation(config.Translator, Board.Cpu.Translator) is { } refusal)
        {
            Dispose();
            throw new UserErrorException(refusal);
        }
        try
        {
            PowerOn();
        }
        catch (FirmwareException e)
        {
            Dispose();
            throw new UserErrorException(e.Message);
        }
    }

    /// <summary>The hardware.</summary>
    public PcBoard Board { get; }

    /// <summary>What it was built from.</summary>
    public MachineConfig Config => config;

    /// <summary>Running, stopped or off.</summary>
    public RunState State { get; private set; }

    /// <summary>True when <see cref="Run"/> is about to return.</summary>
    public bool IsEnding => exitCode is not null;

    /// <summary>Timers on virtual time, for those who act on the machine from outside it.</summary>
    public IScheduler Scheduler => events;

    /// <summary>Virtual time, ns.</summary>
    public long NowNs => clock.NowNs;

    /// <summary>Host time that virtual time is behind now, and the most that it ever was: ns.</summary>
    public (long NowNs, long MostNs) Owed => (clock.OwedNs, clock.MostOwedNs);

    /// <summary>The log of <c>-d</c>.</summary>
    public EventLog Log => log;

    /// <summary>Called on the machine thread when <see cref="State"/> has changed.</summary>
    public Action? StateChanged { get; set; }

    /// <summary>Gets one line when the machine ends for a reason that the user should know.</summary>
    public Action<string>? Notice { get; set; }

    /// <summary>Gets one line at once when the guest has been stopped for a reason that the user should know.</summary>
    public Action<string>? Trouble { get; set; }

    /// <summary>Gets one line when something happened that the user should know and the machine goes on.</summary>
    public Action<string>? Warning { get; set; }

    /// <summary>Runs the machine until it ends.</summary>
    /// <returns>The process's exit code.</returns>
    public int Run()
    {
        while (true)
        {
            while (posted.TryDequeue(out Action? action))
            {
                action();
            }
            if (exitCode is { } code)
            {
                return code;
            }
            if (State != RunState.Running)
            {
                wake.WaitOne();
                continue;
            }
            if (resetRequested)
            {
                Reset();
            }
            RunSlice();
        }
    }

    /// <summary>Stops the guest; time stands still.</summary>
    public void Stop()
    {
        if (State == RunState.Running)
        {
            SetState(RunState.Paused);
        }
    }

    /// <summary>Lets the guest go on. A machine that switched itself off stays off until it is reset.</summary>
    public void Continue()
    {
        if (State is RunState.Paused or RunState.Prelaunch or RunState.IoError)
        {
            SetState(RunState.Running);
        }
    }

    /// <summary>Ends the process with exit code 0.</summary>
    public void Quit() => exitCode ??= 0;

    /// <inheritdoc/>
    public void RequestReset()
    {
        resetRequested = true;
        Board.Cpu.RequestStop();
    }

    /// <inheritdoc/>
    public void RequestPowerOff()
    {
        if (config.NoShutdown)
        {
            SetState(RunState.Shutdown);
        }
        else
        {
            exitCode ??= 0;
        }
        Board.Cpu.RequestStop();
    }

    /// <inheritdoc/>
    public void StopForIoError(string reason)
    {
        SetState(RunState.IoError);
        Board.Cpu.RequestStop();
        Trouble?.Invoke($"{reason}; the machine is stopped until the monitor's cont");
    }

    /// <inheritdoc/>
    public void RequestExit(int code)
    {
        exitCode ??= code;
        Board.Cpu.RequestStop();
    }

    /// <summary>The user asked for a reset: at once, also while stopped.</summary>
    public void Reset()
    {
        resetRequested = false;
        if (config.NoReboot)
        {
            Notice?.Invoke("the guest asked for a reset, and -no-reboot ends the machine there");
            exitCode ??= 0;
            return;
        }
        Board.Reset();
        PowerOn();
        if (State == RunState.Shutdown)
        {
            SetState(RunState.Running);
        }
    }

    /// <summary>Writes the machine's whole state: processor, memory, devices, time. Disks are not in it. On the machine thread.</summary>
    public void Save(Stream stream) => StateFile.Save(stream, StateParts);

    /// <summary>
    /// Takes over a state that <see cref="Save"/> wrote on a machine of the same configuration, with the same media. On the machine thread.
    /// </summary>
    /// <exception cref="StateException">
    /// It is not such a state; nothing has changed, unless a device found a value that it cannot have: then the machine has been reset.
    /// </exception>
    public void Load(Stream stream)
    {
        IReadOnlyDictionary<string, StateSection> sections = StateFile.Read(stream, StateParts);
        try
        {
            StateFile.Apply(sections, StateParts);
        }
        catch (StateException)
        {
            resetRequested = true;
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        inbox.Interrupt = null;
        Board.Dispose();
    }

    private IReadOnlyList<(string Name, IStateful Part)> StateParts => [.. BoardState.PartsOf(Board), ("clock", clock), ("events", events), ("machine", this)];

    int IStateful.StateVersion => 1;

    void IStateful.Transfer(StateTransfer state) => resetRequested = state.Bool(resetRequested);

    private void RunSlice()
    {
        events.RunDue();
        if (State != RunState.Running)
        {
            return;
        }
        CpuState* cpu = Board.Cpu.State;
        long deadline = events.NextDeadlineNs, now = clock.NowNs;
        sliceEndNs = deadline;
        Board.Cpu.Run(clock.SliceFor(deadline == long.MaxValue ? long.MaxValue : Math.Max(0, deadline - now)));
        sliceEndNs = long.MinValue;
        if ((cpu->AttentionFlags & Attention.Shutdown) != 0)
        {
            TripleFault();
        }
        else if ((cpu->AttentionFlags & Attention.Halted) != 0 && posted.IsEmpty && exitCode is null && !resetRequested && State == RunState.Running)
        {
            clock.SleepUntil(events.NextDeadlineNs, wake);
        }
    }

    private void ShortenSlice()
    {
        if (events.NextDeadlineNs < sliceEndNs)
        {
            Board.Cpu.EndSlice();
        }
    }

    private void TripleFault()
    {
        CpuState* cpu = Board.Cpu.State;
        cpu->ClearAttention(Attention.Shutdown);
        string where = $"triple fault at {cpu->Segments[Seg.CS].Selector:x4}:{cpu->Rip:x8} (linear {cpu->Segments[Seg.CS].Base + cpu->Rip:x8})";
        log.Write(LogItems.CpuReset, where);
        if (config.NoReboot)
        {
            Notice?.Invoke($"{where}: the processor shut down, and -no-reboot ends the machine there");
            exitCode ??= 0;
            return;
        }
        if (!hasTripleFaulted)
        {
            // Some guests reset the processor so; one that does nothing else should not look as if it hung.
            hasTripleFaulted = true;
            Warning?.Invoke($"{where}: the processor shut down, and the machine was reset, as from now on without a word; -no-reboot would end it");
        }
        resetRequested = true;
    }

    private void SetState(RunState state)
    {
        State = state;
        clock.IsRunning = state == RunState.Running;
        StateChanged?.Invoke();
    }

    private void PowerOn()
    {
        FwCfgContents contents = FwCfgContents.Build(description);
        foreach ((ushort key, byte[] data) in contents.Entries)
        {
            Board.FwCfg.AddEntry(key, data);
        }
        foreach ((string name, byte[] data) in contents.Files)
        {
            Board.FwCfg.AddFile(name, data);
        }
        foreach (FwCfgItem item in config.FwCfgItems)
        {
            if (contents.Files.ContainsKey(item.Name))
            {
                throw new UserErrorException($"{item.Origin}: the machine itself makes {item.Name}; give another name");
            }
            Board.FwCfg.AddFile(item.Name, item.Read());
        }
        if (Board.Pci is null && Board.Vga is not null && parts.VideoBios is not null)
        {
            // A card on PCI shows its ROM itself.
            Board.FwCfg.AddFile("vgaroms/vgabios.bin", parts.VideoBios);
        }
        foreach ((byte index, byte value) in CmosContents.Build(description))
        {
            Board.Rtc[index] = value;
        }
        if (config.Kernel is null)
        {
            return;
        }
        var files = new KernelFiles(config.Kernel, config.Initrd, config.Append);
        if (startsDirectly)
        {
            DirectStart.Prepare(Board, files, description, biosTraps);
            return;
        }
        RealModeStart start = RealModeLoader.Prepare(files, KernelLoader.Read(config.Kernel), description.RamSize);
        foreach (RealModePart part in start.Parts)
        {
            Board.FwCfg.AddEntry(part.Key, part.Data);
        }
        Board.FwCfg.AddFile(RealModeStart.RomFile, start.Rom);
    }

    private static bool NeedsBios(string kernel)
    {
        try
        {
            return RealModeLoader.Recognises(KernelLoader.Read(kernel));
        }
        catch (FirmwareException e)
        {
            throw new UserErrorException(e.Message);
        }
    }

    // What a direct start leaves behind is the built-in BIOS's, whichever one -bios names; so is the video BIOS where PCI does not bring one.
    private static MachineParts WithBuiltInBios(MachineConfig config, MachineParts parts) => parts with
    {
        Bios = FirmwareFiles.BuiltInBios,
        VideoBios = config.MachineType == MachineTypes.IsaPc ? FirmwareFiles.BuiltInVideo : parts.VideoBios,
    };

    private PcBoard BuildBoard()
    {
        try
        {
            return new PcBoard(config, CpuSelection.Resolve(config.Cpu), parts, this, events, clock, log);
        }
        catch (OutOfMemoryException)
        {
            throw new UserErrorException($"-m {config.RamBytes >> 20}: the host cannot give that much memory; give a smaller size, for example -m 512");
        }
        catch (PortTakenException e)
        {
            throw new UserErrorException($"{e.Message}; give one of them another iobase=, or leave it out");
        }
    }

    // What was asked for by name is there, or nothing starts.
    private static string? RefusedTranslation(TranslatorOptions asked, Translator? translator) => translator switch
    {
        null => null,
        { BackEnd: TranslatorBackEnd.Il } when asked.BackEnd == TranslatorBackEnd.X64 =>
            "-accel translate,backend=x64: this host gives no memory for x86-64 code; use backend=il, or leave it out",
        { BackEnd: TranslatorBackEnd.Il } when asked.Window == WindowUse.On =>
            "-accel translate,window=on: the IL back end does not go through the host's MMU; use window=auto or off, or backend=x64 on an x86-64 host",
        { Window: WindowUse.Off } when asked.Window == WindowUse.On =>
            "-accel translate,window=on: this host does not let its MMU be used so (x86-64 Linux does); use window=auto or off",
        _ => null,
    };

    private MachineDescription Describe() => new()
    {
        RamSize = (ulong)config.RamBytes,
        FloppyA = FloppyAt(0),
        FloppyB = FloppyAt(1),
        IdeDrives =
        [
            .. Board.Drives.Where(d => d.Config.Interface == DriveInterface.Ide).Select(d => new IdeDrive(
                d.Config.Bus, d.Config.Unit, d.Disk is { } disk
                    ? new DiskGeometry(disk.Cylinders, Emulator.Devices.Ide.AtaDisk.DefaultHeads, Emulator.Devices.Ide.AtaDisk.DefaultSectorsPerTrack)
                    : null)),
        ],
        SerialPorts = Board.Serials.Count,
        BootOrder = config.Boot.Once ?? config.Boot.Order ?? "cad",
        ChecksFloppySignature = !config.NoFloppyBootCheck,
        BootMenu = config.Boot.Menu,
        BootMenuWaitMs = config.Boot.SplashTimeMs,
        BootFailWaitMs = config.Boot.RebootTimeoutMs,
        HasAcpi = Board.Power is not null,
        NoGraphic = config.NoGraphic,
        HasHpet = Board.Hpet is not null,
        Uuid = config.Uuid ?? Guid.Empty,
    };

    private FloppyType FloppyAt(int unit) =>
        (FloppyType)(Board.Drives.FirstOrDefault(d => d.Floppy is not null && d.Config.Unit == unit)?.Floppy?.CmosType ?? 0);
}
