using Emulator.BT.Model;
using Emulator.Core.Bus;
using Emulator.Core.Diagnostics;
using Emulator.Core.Time;
using Emulator.Devices.Audio;
using Emulator.Devices.Timers;
using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// Random port, memory and PCI accesses to one device at a time of a whole board that has no processor running. Nothing may be thrown, and time
/// goes on. Equal seeds do the same.
/// </summary>
public sealed class DeviceFuzzer : IClock, IMachineControl, IDisposable
{
    private const int RamBytes = 4 << 20, LongestPauseNs = 20_000_000;

    private readonly Random random;
    private readonly EventQueue events;
    private readonly PcBoard board;
    private readonly int[][] targets;
    private readonly byte[] buffer = new byte[64];

    /// <summary>Builds the board.</summary>
    public DeviceFuzzer(int seed)
    {
        random = new Random(seed);
        events = new EventQueue(this);
        var config = new MachineConfig
        {
            RamBytes = RamBytes,
            Accel = Accelerators.Interpreter,
            LogItems = LogItems.GuestErrors | LogItems.Unimplemented,
            Sound = new SoundConfig { Outputs = [new AudioDevConfig("a", null, AudioDevConfig.DefaultRate)], Speaker = "a", Sb16 = new Sb16Config(0x220, 5, 1, 5, "a") },
            Rtc = new RtcConfig { Base = RtcBase.Date, Start = new DateTime(2026, 12, 31, 23, 59, 58, DateTimeKind.Utc) },
        };
        var parts = new MachineParts
        {
            Bios = new byte[65536],
            VideoBios = new byte[32768],
            Serials = [new Sink(), new Sink(), new Sink(), new Sink()],
            Parallels = [new Sink()],
            AudioOutputs = new Dictionary<string, Core.Backends.IAudioSink> { ["a"] = new SilentSink() },
            Drives =
            [
                (new DriveConfig { Interface = DriveInterface.Floppy, Index = 0 }, new FuzzImage(1440 << 10, [])),
                (new DriveConfig { Interface = DriveInterface.Floppy, Index = 1 }, new FuzzImage(360 << 10, [])),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 0 }, new FuzzImage(4 << 20, [])),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 1 }, new FuzzImage(1 << 20, [])),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true }, new FuzzImage(1 << 20, [])),
            ],
        };
        board = new PcBoard(config, CpuModel.Default, parts, this, events, this, new EventLog(TextWriter.Null) { Items = config.LogItems });

        DirectStart.SetUpChips(board);

        // The ports of one device may lie apart; PCI configuration makes more while it runs.
        targets = [.. board.Ports.Ranges.GroupBy(r => r.Device).Select(g => g.SelectMany(r => Enumerable.Range(r.First, r.Count)).ToArray())];
        Devices = [.. board.Ports.Ranges.GroupBy(r => r.Device).Select(g => g.First().Name), "pci functions", "video memory", "vga registers", "hpet", "vmport calls"];
    }

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
        }
        Look();
    }

    void IMachineControl.RequestReset()
    {
        // A guest that only resets the machine gets nowhere.
        if (Requests++ % 100 == 0)
        {
            board.Reset();
        }
    }

    void IMachineControl.RequestPowerOff() => Requests++;

    void IMachineControl.RequestExit(int exitCode) => Requests++;

    /// <inheritdoc/>
    public void Dispose() => board.Dispose();

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
            board.Ports.Write(0xCF8, 4, 0x80000000u | (uint)(slot << 11) | (uint)(function << 8) | (uint)(random.Next(4) == 0 ? random.Next(256) : random.Next(64)) & 0xFC);
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
            ulong bar = board.Pci?.Find(2, 0) is { } vga ? vga.ReadConfig(0x18, 4) & ~15u : 0;
            Memory(bar + (ulong)random.Next(0x1000), size, value);
        }
    }

    private unsafe void CallVmPort(uint value)
    {
        // SAFETY: the register file belongs to the board's processor, which nothing runs.
        ulong* registers = board.Cpu.State->Gpr;
        uint[] commands = [0x45414552, 0xF5, 0x4C455252, 0x53424152, 4, 1, value];
        (registers[0], registers[1], registers[3]) = (0x564D5868, (ulong)(random.Next(8) == 0 ? value : (uint)random.Next(8, 48)), commands[random.Next(commands.Length)]);
        board.Ports.Read(0x5658, 4);
        board.Pointers.MoveTo(random.Next(-100, 40000), random.Next(-100, 40000), random.Next(-2, 3), random.Next(8));
    }

    private void Port(int port, int size, uint value)
    {
        if (random.Next(5) < 3)
        {
            board.Ports.Write((ushort)port, size, value);
        }
        else
        {
            board.Ports.Read((ushort)port, size);
        }
    }

    private void Memory(ulong address, int size, uint value)
    {
        if (random.Next(5) < 3)
        {
            board.Memory.WriteValue(address, size, value);
        }
        else
        {
            board.Memory.ReadValue(address, size);
        }
    }

    // What the host does meanwhile: keys, the mouse, interrupts taken, discs changed.
    private void Input()
    {
        switch (random.Next(6))
        {
            case 0:
                board.Keyboard.Key(random.Next(2) == 0 ? "a" : "pause", random.Next(2) == 0);
                break;
            case 1:
                board.Keyboard.Mouse(random.Next(-300, 300), random.Next(-300, 300), random.Next(-8, 8), random.Next(32));
                break;
            case 2 when board.Drives.FirstOrDefault(d => d.Cdrom is not null)?.Cdrom is { } cd:
                cd.Medium = random.Next(3) == 0 ? null : new FuzzImage(1 << 20, []);
                break;
            case 3 when board.Drives.FirstOrDefault(d => d.Floppy is not null)?.Floppy is { } floppy:
                floppy.Medium = random.Next(3) == 0 ? null : new FuzzImage(720 << 10, []);
                break;
            default:
                if (board.Pic.Interrupting)
                {
                    board.Pic.Acknowledge();
                    board.Ports.Write(0xA0, 1, 0x20);
                    board.Ports.Write(0x20, 1, 0x20);
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
        if (board.Vga is { } vga)
        {
            (int width, int height) = vga.Size;
            vga.Render(new uint[width * height]);
            vga.ReadText();
        }
        board.Memory.Read(0, buffer);
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
