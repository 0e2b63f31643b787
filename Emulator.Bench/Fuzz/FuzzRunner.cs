using Emulator.BT.Helpers;
using Emulator.Core.Backends;
using Emulator.Core.Cpu;
using Emulator.Core.Diagnostics;
using Emulator.Core.Time;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Display;
using Emulator.Remote.Monitor;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// Runs random guests, each on a machine of its own for a bounded virtual time on the counted clock. Equal kinds and seeds make equal
/// runs. Whatever the guest does, nothing may be thrown.
/// </summary>
public sealed unsafe class FuzzRunner
{
    private const uint BootSector = 0x7C00;
    private const int RamBytes = 4 << 20, IcountShift = 3, CodeBytes = 0x8000, HostTimeMs = 500;
    private const long VirtualTimeNs = 1_000_000, FirmwareTimeNs = 20_000_000, BootTimeNs = 20_000_000_000;

    // What the user may ask at any moment must be answered whatever the guest has made of its tables.
    private static readonly string[] Questions =
    [
        "info registers", "info pic", "info pci", "info traps", "info block", "x /8i $eip", "x /16xw $esp", "xp /4i 0xfffffff0", "gva2gpa $eip",
        "screentext",
    ];

    // These list up to a million pages.
    private static readonly string[] LongQuestions = ["info mem", "info tlb"];

    private readonly byte[] bios, videoBios;
    private readonly IReadOnlyList<byte[]> sectors;
    private readonly byte[] bootedRam;

    /// <summary>Boots SeaBIOS once, up to the first instruction of a boot sector.</summary>
    /// <param name="bios">SeaBIOS.</param>
    /// <param name="videoBios">Its video BIOS.</param>
    /// <param name="sectors">Boot sectors to change.</param>
    /// <param name="codeSector">The boot sector around random code (testroms/fuzz16.asm); its code starts at 64.</param>
    public FuzzRunner(byte[] bios, byte[] videoBios, IReadOnlyList<byte[]> sectors, byte[] codeSector)
    {
        this.bios = bios;
        this.videoBios = videoBios;
        this.sectors = sectors;
        CodeSector = codeSector;
        bootedRam = BootToSector();
    }

    private byte[] CodeSector { get; }

    /// <summary>True when the last guest was ended by the host's clock, as those are that do little else than reset the machine.</summary>
    public bool CutShort { get; private set; }

    /// <summary>Runs one guest.</summary>
    /// <returns>A hash over its registers, memory and time at the end.</returns>
    public ulong Run(FuzzKind kind, int seed)
    {
        var random = new Random(HashCode(kind, seed));
        byte[] image = kind switch
        {
            FuzzKind.BiosRandom => RandomBytes(random, 65536),
            FuzzKind.BiosCode => Code(random, new byte[65536], 0, 16),
            FuzzKind.BiosMutated => Mutate(random, bios),
            FuzzKind.SectorRandom => Bootable(RandomBytes(random, 512)),
            FuzzKind.SectorCode => Bootable(Code(random, CodeSector, 64, 16)),
            FuzzKind.SectorMutated => Bootable(Mutate(random, sectors[random.Next(sectors.Count)])),
            _ => Code(random, new byte[CodeBytes], 0, 32),
        };
        bool isBios = kind is FuzzKind.BiosRandom or FuzzKind.BiosCode or FuzzKind.BiosMutated;
        using var inbox = new MachineInbox();
        using VirtualMachine machine = Build(inbox, isBios ? image : bios, isBios ? [] : image, random.Next(4) == 0, random.Next(2) == 0, random.Next(2) == 0);
        PcBoard board = machine.Board;
        if (kind == FuzzKind.Protected)
        {
            new FuzzTables(random, board).Enter(image);
        }
        else if (!isBios)
        {
            EnterSector(board, image, random);
        }
        Emulator.Core.Time.ITimer end = machine.Scheduler.CreateTimer("fuzz end", machine.Quit);
        end.Arm(kind == FuzzKind.BiosMutated ? FirmwareTimeNs : VirtualTimeNs);
        CutShort = false;
        using (new Timer(_ => inbox.Post(() => Cut(machine)), null, HostTimeMs, Timeout.Infinite))
        {
            machine.Run();
        }
        Ask(machine, seed % 32 == 0 ? [.. Questions, .. LongQuestions] : Questions);
        return MachineHash.Of(machine);
    }

    private void Cut(VirtualMachine machine)
    {
        CutShort = true;
        machine.Quit();
    }

    // string.GetHashCode and the like differ from run to run.
    private static int HashCode(FuzzKind kind, int seed) => unchecked((seed * 31) + (int)kind);

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] Bootable(byte[] sector)
    {
        sector[510] = 0x55;
        sector[511] = 0xAA;
        return sector;
    }

    private static byte[] Code(Random random, byte[] around, int start, int bits)
    {
        byte[] image = [.. around];
        new FuzzCode(random, bits).Fill(image.AsSpan(start, image.Length - start - (image.Length == 512 ? 2 : 0)));
        return image;
    }

    // From one byte to about one in eight, in bits or whole bytes.
    private static byte[] Mutate(Random random, byte[] original)
    {
        byte[] image = [.. original];
        int changes = 1 << random.Next(1 + (int)Math.Log2(image.Length / 8));
        for (int n = 0; n < changes; n++)
        {
            int at = random.Next(image.Length);
            image[at] = random.Next(2) == 0 ? (byte)(image[at] ^ (1 << random.Next(8))) : (byte)random.Next(256);
        }
        return image;
    }

    private static void EnterSector(PcBoard board, byte[] sector, Random random)
    {
        DirectStart.SetUpChips(board);
        CpuState* cpu = board.Cpu.State;
        for (int segment = 0; segment < 6; segment++)
        {
            Segmentation.SetReal(cpu, segment, 0);
        }
        cpu->Gpr[2] = random.Next(2) == 0 ? 0u : 0x80;
        cpu->Gpr[4] = 0x6F00;
        cpu->Rip = BootSector;
        cpu->SetEflags(Eflags.IF);
        board.Cpu.FlagsChanged();
    }

    private VirtualMachine Build(MachineInbox inbox, byte[] biosImage, byte[] sector, bool logging, bool noReboot, bool interpret)
    {
        MachineConfig config = new()
        {
            RamBytes = RamBytes,
            IcountShift = IcountShift,
            IcountSleep = false,
            NoReboot = noReboot,
            Accel = interpret ? Accelerators.Interpreter : Accelerators.Default,
            LogItems = logging ? LogItems.Int | LogItems.GuestErrors | LogItems.Unimplemented | LogItems.CpuReset : LogItems.None,
            Rtc = new RtcConfig { Base = RtcBase.Date, Start = new DateTime(2024, 2, 29, 12, 0, 0, DateTimeKind.Utc) },
        };
        byte[] first = sector.Length > 0 ? sector : sectors[0];
        MachineParts parts = new()
        {
            Bios = biosImage,
            VideoBios = videoBios,
            Serials = [new Sink()],
            Drives =
            [
                (new DriveConfig { Interface = DriveInterface.Floppy, Index = 0 }, new FuzzImage(1440 << 10, first)),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 0 }, new FuzzImage(4 << 20, first)),
                (new DriveConfig { Interface = DriveInterface.Ide, Index = 2, IsCdrom = true }, new FuzzImage(1 << 20, first)),
            ],
        };
        var machine = new VirtualMachine(config, parts, inbox, new EventLog(TextWriter.Null));
        if (sector.Length > 0)
        {
            bootedRam.CopyTo(machine.Board.Memory.Machine(0, RamBytes));
            machine.Board.Memory.Write(BootSector, sector);
        }
        return machine;
    }

    // RAM as SeaBIOS leaves it: interrupt vectors, BIOS data, itself in the shadow RAM.
    private byte[] BootToSector()
    {
        using var inbox = new MachineInbox();
        using VirtualMachine machine = Build(inbox, bios, [], logging: false, noReboot: true, interpret: true);
        CpuState* cpu = machine.Board.Cpu.State;
        bool arrived = false;
        machine.Board.Cpu.BeforeBlock = () =>
        {
            if (cpu->Rip == BootSector && cpu->Segments[Seg.CS].Base == 0 && !arrived)
            {
                arrived = true;
                machine.Quit();
                machine.Board.Cpu.RequestStop();
            }
        };
        machine.Scheduler.CreateTimer("no boot", machine.Quit).Arm(BootTimeNs);
        machine.Run();
        return arrived
            ? machine.Board.Memory.Machine(0, RamBytes).ToArray()
            : throw new InvalidOperationException("SeaBIOS did not start the boot sector");
    }

    private static void Ask(VirtualMachine machine, string[] questions)
    {
        var keys = new KeyQueue(machine.Scheduler, machine.Board.Keyboard, () => machine.Board.Keyboard.Keyboard.Room);
        using var recordings = new Recordings(machine, TextWriter.Null);
        var monitor = new HumanMonitor(machine, new NoHost(), keys, new ExecutionLog(machine), recordings);
        foreach (string question in questions)
        {
            monitor.Execute(question);
        }
    }

    private sealed class Sink : ICharBackend
    {
        public ICharReceiver? Receiver { get; set; }

        public void Send(ReadOnlySpan<byte> data)
        {
        }

        public void AcceptInput()
        {
        }

        public void Dispose()
        {
        }
    }

    private sealed class NoHost : IMonitorHost
    {
        public IBlockBackend OpenMedium(DriveConfig drive) => throw new UserErrorException("no media here");

        public void CloseMedium(IBlockBackend medium)
        {
        }

        public void RedirectLog(string path)
        {
        }
    }
}
