using Emulator.Bench.Fuzz;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Core.State;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Tests.Guests;
using Emulator.Tests.Misc;
using Xunit;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Tests.State;

/// <summary>
/// A guest on the counted clock that moves sectors by DMA, counts ticks and takes keys is stopped in the middle; what was saved goes on in a fresh
/// machine to the same end: output, registers, instructions, time, memory and disk.
/// </summary>
public sealed class MachineStateTests
{
    private const long KeyDistanceNs = 3_300_000, PollNs = 300, LastNs = 60_000_000_000;
    private static readonly string[] Keys = ["a", "q", "ret", "b", "f1", "shift", "z"];

    [Theory]
    [InlineData(FirmwareFiles.BuiltIn, Accelerators.Interpreter)]
    [InlineData(null, Accelerators.Default)]
    public void AFreshMachineGoesOnWithTheStateToTheSameEnd(string? bios, string accelerator)
    {
        var config = new MachineConfig
        {
            RamBytes = 8 << 20,
            BiosFile = bios,
            Accel = accelerator,
            IcountShift = 5,
            IcountSleep = false,
            Rtc = new RtcConfig { Base = RtcBase.Date, Start = new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc) },
            Boot = new BootConfig { Order = "a" },
            DebugExits = [new DebugExitConfig(0x501, 2)],
            DebugCons = [new DebugConConfig(0xE9, 0xE9, new CharSpec { Kind = CharKind.Null })],
        };
        byte[] disk = new byte[1 << 20];
        new Random(3).NextBytes(disk);
        using var whole = new Guest(config, disk);
        whole.SaveWhen(16, BusMasterIsActive);
        whole.Run();
        Assert.Equal(16, whole.Saved.Count);
        Assert.True(whole.Output.Length > 64 * 4, $"{whole.Output.Length} bytes of output");
        foreach (Moment moment in new[] { whole.Saved[0], whole.Saved[7], whole.Saved[15] })
        {
            using var second = new Guest(config, moment.Disk);
            second.Load(moment);
            second.Run();
            Assert.Equal(whole.Output, moment.Output + second.Output);
            Assert.Equal(whole.ExitCode, second.ExitCode);
            Assert.Equal(whole.Hash, second.Hash);
            Assert.Equal(whole.Disk, second.Disk);
        }
    }

    [Fact]
    public void AStateOfAnotherMachineIsRefusedInASentence()
    {
        using var first = new Guest(new MachineConfig { RamBytes = 8 << 20 }, new byte[1 << 20]);
        using var larger = new Guest(new MachineConfig { RamBytes = 8 << 20 }, new byte[2 << 20]);
        using var older = new Guest(new MachineConfig { RamBytes = 8 << 20, MachineType = MachineTypes.IsaPc }, new byte[1 << 20]);
        byte[] saved = first.Save();
        Assert.Equal(
            "state section ide0 was saved with a medium of 1048576 bytes in an IDE disk, where there is a medium of 2097152 bytes now; "
                + "load a state that was saved whole from a machine with the same options",
            Assert.Throws<StateException>(() => larger.Load(new Moment(saved, [], "", 0))).Message);
        Assert.StartsWith(
            "the state has a section pci-host for which this machine has no device; start it",
            Assert.Throws<StateException>(() => older.Load(new Moment(saved, [], "", 0))).Message,
            StringComparison.Ordinal);
    }

    private static bool BusMasterIsActive(PcBoard board) =>
        board.Pci?.Find(1, 1) is { } ide && ide.ReadConfig(0x20, 4) is > 1 and < 0x10000 and var bar && (board.Ports.Read((ushort)((bar & ~15u) + 2), 1) & 1) != 0;

    private sealed record Moment(byte[] State, byte[] Disk, string Output, int Keys);

    private sealed class Guest : IDisposable
    {
        private readonly MachineInbox inbox = new();
        private readonly VirtualMachine machine;
        private readonly TestCharBackend output = new();
        private readonly MemoryBlockBackend disk;
        private readonly ITimer keyTimer;
        private int keys;
        private bool isStarted;

        public Guest(MachineConfig config, byte[] contents)
        {
            disk = new MemoryBlockBackend([.. contents]);
            var boot = new MemoryBlockBackend(1440 << 10);
            File.ReadAllBytes(TestRoms.Path("state")).CopyTo(boot.Data, 0);
            var parts = new MachineParts
            {
                Bios = FirmwareFiles.ReadBios(config),
                VideoBios = FirmwareFiles.ReadVideoBios(config),
                Drives =
                [
                    (new DriveConfig { Interface = DriveInterface.Floppy, Index = 0 }, boot),
                    (new DriveConfig { Interface = DriveInterface.Ide, Index = 0 }, disk),
                ],
                DebugCons = [.. config.DebugCons.Select(_ => (ICharBackend)output)],
            };
            machine = new VirtualMachine(config, parts, inbox, EventLog.Silent);
            keyTimer = machine.Scheduler.CreateTimer("keys", PressKey);
            keyTimer.Arm(KeyDistanceNs);
            machine.Scheduler.CreateTimer("end", machine.Quit).Arm(LastNs);
        }

        public List<Moment> Saved { get; } = [];

        public string Output => output.Text;

        public byte[] Disk => disk.Data;

        public int ExitCode { get; private set; }

        public ulong Hash { get; private set; }

        /// <summary>Saves at <paramref name="count"/> moments at which <paramref name="condition"/> holds, 3 ms apart.</summary>
        public void SaveWhen(int count, Func<PcBoard, bool> condition)
        {
            ITimer timer = null!;
            timer = machine.Scheduler.CreateTimer("save", () =>
            {
                bool now = output.Text.Length > 0 && condition(machine.Board);
                if (now)
                {
                    Saved.Add(new Moment(Save(), [.. disk.Data], output.Text, keys));
                }
                if (Saved.Count < count)
                {
                    timer.Arm(machine.NowNs + (now ? 3_000_000 : output.Text.Length > 0 ? PollNs : 1_000_000));
                }
            });
            timer.Arm(1_000_000);
        }

        public byte[] Save()
        {
            using var stream = new MemoryStream();
            machine.Save(stream);
            return stream.ToArray();
        }

        public void Load(Moment moment)
        {
            using var stream = new MemoryStream(moment.State);
            machine.Load(stream);
            Assert.True(moment.State.AsSpan().SequenceEqual(Save()), "what was loaded is saved otherwise");
            (keys, isStarted) = (moment.Keys, true);
            keyTimer.Arm((keys + 1) * KeyDistanceNs);
        }

        public void Run()
        {
            ExitCode = machine.Run();
            Hash = MachineHash.Of(machine);
        }

        public void Dispose()
        {
            machine.Dispose();
            inbox.Dispose();
        }

        // From the boot sector's first output on; half of them are releases.
        private void PressKey()
        {
            isStarted |= output.Text.Length > 0;
            if (isStarted)
            {
                machine.Board.Keyboard.Key(Keys[keys / 2 % Keys.Length], keys % 2 == 0);
            }
            keys++;
            keyTimer.Arm((keys + 1) * KeyDistanceNs);
        }
    }
}
