using Emulator.BT.Model;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Core.Time;
using Emulator.Devices.Timers;
using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// Random port, memory and PCI accesses to one device at a time of a whole board that has no processor running. Nothing may be thrown, and time
/// goes on. Equal seeds do the same. The board's state can be put into a fresh one, which then does the same.
/// </summary>
public sealed class DeviceFuzzer : IClock, IMachineControl, IDisposable
{
    private const int RamBytes = 4 << 20, LongestPauseNs = 20_000_000;

    private readonly string machineType;
    private readonly EventQueue events;
    private readonly SumSink sound = new();
    private readonly int[][] targets;
    private readonly byte[] buffer = new byte[64];
    private Random random;

    /// <summary>Builds the board; <c>isapc</c> has an AdLib, <c>pc</c> a Sound Blaster.</summary>
    public DeviceFuzzer(int seed, string machineType = MachineTypes.Default)
        : this(
            seed,
            machineType,
            [new FuzzImage(1440 << 10, []), new FuzzImage(360 << 10, []), new FuzzImage(4 << 20, []), new FuzzImage(1 << 20, []), new FuzzImage(1 << 20, [])])
    {
    }

    private DeviceFuzzer(int seed, string machineType, FuzzImage?[] images)
    {
        random = new Random(seed);
        this.machineType = machineType;
        events = new EventQueue(this);
        var sb16 = machineType == MachineTypes.Default ? new Sb16Config(0x220, 5, 1, 5, "a") : null;
        var config = new MachineConfig
        {
            MachineType = machineType,
            RamBytes = RamBytes,
            Accel = Accelerators.Interpreter,
            LogItems = LogItems.GuestErrors | LogItems.Unimplemented,
            Sound = new SoundConfig { Outputs = [new AudioDevConfig("a", null, AudioDevConfig.DefaultRate)], Speaker = "a", Sb16 = sb16, HasAdLib = sb16 is null, AdLib = "a" },
            Rtc = new RtcConfig { Base = RtcBase.Date, Start = new DateTime(2026, 12, 31, 23, 59, 58, DateTimeKind.Utc) },
        };
        var parts = new MachineParts
        {
            Bios = new byte[65536],
            VideoBios = new byte[32768],
            Serials = [new Sink(), new Sink(), new Sink(), new Sink()],
            Parallels = [new Sink()],
            AudioOutputs = new Dictionary<string, Core.Backends.IAudioSink> { ["a"] = sound },
            Drives =
            [
                (new DriveConfig { Interface = DriveInterface.Floppy, Index = 0 }, images[0]),
                (new DriveConfig { Interface = DriveInterface.Floppy, Index = 1 }, images[1]),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 0 }, images[2]),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 1 }, images[3]),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true }, images[4]),
            ],
        };
        Board = new PcBoard(config, CpuModel.Default, parts, this, events, this, new EventLog(TextWriter.Null) { Items = config.LogItems });

        DirectStart.SetUpChips(Board);
        PlacePciPorts();

        // The ports of one device may lie apart; PCI configuration makes more while it runs.
        targets = [.. Board.Ports.Ranges.GroupBy(r => r.Device).Select(g => g.SelectMany(r => Enumerable.Range(r.First, r.Count)).ToArray())];
        Devices = [.. Board.Ports.Ranges.GroupBy(r => r.Device).Select(g => g.First().Name), "pci functions", "video memory", "vga registers", "hpet", "vmport calls"];
    }

    /// <summary>The board.</summary>
    public PcBoard Board { get; }

    /// <summary>What <see cref="Save"/> saves.</summary>
    public IReadOnlyList<(string Name, IStateful Part)> Parts => [.. BoardState.PartsOf(Board), ("events", events)];

    /// <summary>A number made of all that was read, of the interrupt line after each access, and of the sound.</summary>
    public ulong Trace { get; private set; }

    /// <summary>Names of what can be run against.</summary>
    public IReadOnlyList<string> Devices { get; }

    /// <inheritdoc/>
    public long NowNs { get; private set; }

    /// <summary>Resets, power-offs and exits that were asked for.</summary>
    public int Requests { get; private set; }

    /// <summary>Interrupts that the controllers raised.</summary>
    public int Interrupts { get; private set; }

    /// <summary>Makes <paramref name="count"/> accesses to one device, with others among them at times.</summary>
    public void Run(int device, int count)
    {
        for (int n = 0; n < count; n++)
        {
            switch (random.Next(64))
            {
                case 0:
                    Pause(random.Next(random.Next(50) == 0 ? LongestPauseNs : 30_000));
                    break;
                case 1:
                    Access(random.Next(Devices.Count));
                    break;
                case 2:
                    Input();
                    break;
                default:
                    Access(device);
                    break;
            }
            Note(Board.Pic.Interrupting ? 1u : 0u);
        }
        Note(sound.Sum);
        Look();
    }

    /// <summary>The board's state.</summary>
    public byte[] Save()
    {
        using var stream = new MemoryStream();
        StateFile.Save(stream, Parts);
        return stream.ToArray();
    }

    /// <summary>A fresh board with copies of the media that are in the drives now, at the same time. It has the state of one that was just built.</summary>
    public DeviceFuzzer MakeFresh()
    {
        FuzzImage?[] media = [.. new[] { 0, 1 }.Select(n => CopyOf(Board.Floppy[n]?.Medium)), .. Board.Drives.Where(d => d.Floppy is null).OrderBy(d => d.Config.Index).Select(d => CopyOf(d.CurrentMedium()))];
        return new DeviceFuzzer(0, machineType, media) { NowNs = NowNs, Requests = Requests, Interrupts = Interrupts };
    }

    /// <summary>Begins a new course of accesses, the same for equal seeds.</summary>
    public void Restart(int seed)
    {
        random = new Random(seed);
        Trace = 0;
        sound.Sum = 0;
    }

    // The registers of power management, SMBus and bus master, where firmware would put them.
    private void PlacePciPorts()
    {
        foreach ((uint register, uint value) in new (uint, uint)[]
            { (0x80000B40, 0x601), (0x80000B80, 1), (0x80000B90, 0x701), (0x80000BD0, 0x0009_0000), (0x80000920, 0xC001), (0x80000904, 5), (0x80000B04, 1) })
        {
            Board.Ports.Write(0xCF8, 4, register);
            Board.Ports.Write(0xCFC, 4, value);
        }
    }

    private static FuzzImage? CopyOf(Core.Backends.IBlockBackend? medium) => ((FuzzImage?)medium)?.Copy();

    void IMachineControl.RequestReset()
    {
        // A guest that only resets the machine gets nowhere.
        if (Requests++ % 100 == 0)
        {
            Board.Reset();
            PlacePciPorts();
        }
    }

    void IMachineControl.RequestPowerOff() => Requests++;

    void IMachineControl.StopForIoError(string reason) => Requests++;

    void IMachineControl.RequestExit(int exitCode) => Requests++;

    /// <inheritdoc/>
    public void Dispose() => Board.Dispose();

    private void Access(int device)
    {
        int size = 1 << random.Next(3);
        uint value = random.Next(3) switch { 0 => (uint)random.NextInt64(1L << 32), 1 => 1u << random.Next(32), _ => (uint)random.Next(256) };
        if (device < targets.Length)
        {
            Port(targets[device][random.Next(targets[device].Length)], size, value);
        }
        else if (Devices[device] == "pci functions")
        {
            (int slot, int function) = random.Next(6) switch { 0 => (0, 0), 1 => (1, 0), 2 => (1, 1), 3 => (1, 3), 4 => (2, 0), _ => (random.Next(32), random.Next(8)) };
            Board.Ports.Write(0xCF8, 4, 0x80000000u | (uint)(slot << 11) | (uint)(function << 8) | (uint)(random.Next(4) == 0 ? random.Next(256) : random.Next(64)) & 0xFC);
            Port(0xCFC + random.Next(4), size, value);
        }
        else if (Devices[device] == "video memory")
        {
            Memory(0xA0000 + (ulong)random.Next(0x20000), size, value);
        }
        else if (Devices[device] == "hpet")
        {
            Memory(Hpet.Address + (ulong)(random.Next(8) == 0 ? random.Next(0x1000) : random.Next(0x180) & ~3), size, value);
        }
        else if (Devices[device] == "vmport calls")
        {
            CallVmPort(value);
        }
        else
        {
            ulong bar = Board.Pci?.Find(2, 0) is { } vga ? vga.ReadConfig(0x18, 4) & ~15u : 0;
            Memory(bar + (ulong)random.Next(0x1000), size, value);
        }
    }

    private unsafe void CallVmPort(uint value)
    {
        // SAFETY: the register file belongs to the board's processor, which nothing runs.
        ulong* registers = Board.Cpu.State->Gpr;
        uint[] commands = [0x45414552, 0xF5, 0x4C455252, 0x53424152, 4, 1, value];
        (registers[0], registers[1], registers[3]) = (0x564D5868, (ulong)(random.Next(8) == 0 ? value : (uint)random.Next(8, 48)), commands[random.Next(commands.Length)]);
        Note(Board.Ports.Read(0x5658, 4));
        Board.Pointers.MoveTo(random.Next(-100, 40000), random.Next(-100, 40000), random.Next(-2, 3), random.Next(8));
    }

    private void Note(ulong value) => Trace = (System.Numerics.BitOperations.RotateLeft(Trace, 5) ^ value) * 0x9E37_79B9_7F4A_7C15;

    private void Port(int port, int size, uint value)
    {
        if (random.Next(5) < 3)
        {
            Board.Ports.Write((ushort)port, size, value);
        }
        else
        {
            Note(Board.Ports.Read((ushort)port, size));
        }
    }

    private void Memory(ulong address, int size, uint value)
    {
        if (random.Next(5) < 3)
        {
            Board.Memory.WriteValue(address, size, value);
        }
        else
        {
            Note(Board.Memory.ReadValue(address, size));
        }
    }

    // What the host does meanwhile: keys, the mouse, interrupts taken, discs changed.
    private void Input()
    {
        switch (random.Next(6))
        {
            case 0:
                Board.Keyboard.Key(random.Next(2) == 0 ? "a" : "pause", random.Next(2) == 0);
                break;
            case 1:
                Board.Keyboard.Mouse(random.Next(-300, 300), random.Next(-300, 300), random.Next(-8, 8), random.Next(32));
                break;
            case 2 when Board.Drives.FirstOrDefault(d => d.Cdrom is not null)?.Cdrom is { } cd:
                cd.Medium = random.Next(3) == 0 ? null : new FuzzImage(1 << 20, []);
                break;
            case 3 when Board.Drives.FirstOrDefault(d => d.Floppy is not null)?.Floppy is { } floppy:
                floppy.Medium = random.Next(3) == 0 ? null : new FuzzImage(720 << 10, []);
                break;
            default:
                if (Board.Pic.Interrupting)
                {
                    Board.Pic.Acknowledge();
                    Board.Ports.Write(0xA0, 1, 0x20);
                    Board.Ports.Write(0x20, 1, 0x20);
                    Interrupts++;
                }
                break;
        }
    }

    private void Pause(long ns)
    {
        NowNs += ns;
        for (int n = 0; n < 1000 && events.RunDue() > 0; n++)
        {
        }
        if (events.NextDeadlineNs < NowNs - LongestPauseNs)
        {
            throw new InvalidOperationException("the timers do not come to an end");
        }
    }

    // The monitor may ask for the screen in whatever state the registers are.
    private void Look()
    {
        if (Board.Vga is { } vga)
        {
            (int width, int height) = vga.Size;
            vga.Render(new uint[width * height]);
            vga.ReadText();
        }
        Board.Memory.Read(0, buffer);
    }

    private sealed class SumSink : Core.Backends.IAudioSink
    {
        public ulong Sum { get; set; }

        public int Rate => 44100;

        public void Write(ReadOnlySpan<short> samples)
        {
            foreach (short sample in samples)
            {
                Sum = (Sum * 31) + (ushort)sample;
            }
        }

        public void WriteSilence(long frames) => Sum += (ulong)frames;

        public void Dispose()
        {
        }
    }

    private sealed class Sink : Core.Backends.ICharBackend
    {
        public Core.Backends.ICharReceiver? Receiver { get; set; }

        public void Send(ReadOnlySpan<byte> data)
        {
        }

        // As much as goes in, so that receivers are never empty for long.
        public void AcceptInput()
        {
            if (Receiver is { Room: > 0 } receiver)
            {
                receiver.Receive("x"u8);
            }
        }

        public void Dispose()
        {
        }
    }
}
