using System.Buffers.Binary;
using Emulator.Core.Backends;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Core.Time;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Display;
using Emulator.Remote.Monitor;

namespace Emulator.Tests.Monitor;

/// <summary>A real machine with a BIOS of a few bytes, not yet running, and a monitor on it.</summary>
internal sealed unsafe class MonitorRig : IMonitorHost, IKeyboardSink, IDisposable
{
    private readonly ManualClock clock = new();
    private readonly EventQueue events;
    private readonly StringWriter log = new();

    /// <param name="code">What stands at the reset vector; a HLT unless told otherwise.</param>
    /// <param name="drives">Drives with their images.</param>
    public MonitorRig(byte[]? code = null, params (DriveConfig, IBlockBackend?)[] drives)
    {
        var bios = new byte[0x10000];
        (code ?? [0xF4]).CopyTo(bios, 0xFFF0);
        var config = new MachineConfig { RamBytes = 4 << 20, StartPaused = true, Name = "rig" };
        var parts = new MachineParts { Bios = bios, Drives = drives };
        Machine = new VirtualMachine(config, parts, Inbox, new EventLog(log)) { Notice = _ => { } };
        events = new EventQueue(clock);
        Recordings = new Recordings(Machine, log);
        var execution = new ExecutionLog(Machine);
        Monitor = new HumanMonitor(Machine, this, new KeyQueue(events, this, () => 16), execution, Recordings);
    }

    public MachineInbox Inbox { get; } = new();

    public VirtualMachine Machine { get; }

    public HumanMonitor Monitor { get; }

    public Recordings Recordings { get; }

    public List<IBlockBackend> Closed { get; } = [];

    public List<string> Keys { get; } = [];

    public string? LogPath { get; private set; }

    public string Log => log.ToString();

    public CpuState* Cpu => Machine.Board.Cpu.State;

    public PhysicalMemory Memory => Machine.Board.Memory;

    /// <summary>Carries out lines; the answer to the last.</summary>
    public string Do(params string[] lines) => lines.Select(Monitor.Execute).ToArray()[^1];

    public void Poke(uint address, params byte[] bytes) => Memory.Write(address, bytes);

    public void Poke32(uint address, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        Memory.Write(address, bytes);
    }

    /// <summary>Switches to paging with CR3.</summary>
    public void Page(uint cr3, ulong cr4)
    {
        Cpu->Cr3 = cr3;
        Cpu->Cr4 = cr4;
        Cpu->Cr0 |= Cr0.PE | Cr0.PG;
        Machine.Board.Cpu.Mmu.Walker.LoadPdptes(cr3);
        Machine.Board.Cpu.Mmu.FlushAll();
    }

    public void Advance(long ms)
    {
        for (long end = clock.NowNs + (ms * 1_000_000); clock.NowNs < end; clock.NowNs += 1_000_000)
        {
            events.RunDue();
        }
        events.RunDue();
    }

    public bool Knows(string name) => true;

    public void Key(string name, bool down) => Keys.Add($"{clock.NowNs / 1_000_000}{(down ? "+" : "-")}{name}");

    public IBlockBackend OpenMedium(DriveConfig drive) => ImageFactory.Open(drive)!;

    public void CloseMedium(IBlockBackend medium)
    {
        Closed.Add(medium);
        medium.Dispose();
    }

    public void RedirectLog(string path)
    {
        if (Path.GetFileName(path) == "refused")
        {
            throw new DirectoryNotFoundException();
        }
        LogPath = path;
    }

    public void Dispose()
    {
        Recordings.Dispose();
        Machine.Dispose();
        Inbox.Dispose();
    }
}
