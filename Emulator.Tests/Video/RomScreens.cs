using System.Collections.Concurrent;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Core.Memory;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Block;
using Emulator.Remote.Display;
using Emulator.Remote.Monitor;
using Emulator.Tests.Guests;
using Xunit;

namespace Emulator.Tests.Video;

/// <summary>What <c>screendump</c> wrote, and when.</summary>
/// <param name="Png">The file.</param>
/// <param name="NowNs">The machine's time, ns.</param>
internal sealed record RomScreen(byte[] Png, long NowNs);

/// <summary>
/// The pictures of testroms/video.asm, each saved by the monitor's <c>screendump</c> in the middle of the OUT to port E9 that names it. One run for
/// each firmware, kept for all tests.
/// </summary>
internal sealed class RomScreens : ICharBackend, IMonitorHost
{
    private const uint FontPointers = 0x7010, Results = 0x7000;
    private const int GlyphHeights = 3;

    private static readonly ConcurrentDictionary<string, Lazy<RomScreens>> Runs = new();

    private readonly TempDirectory directory = new();
    private readonly Dictionary<int, RomScreen> screens = [];
    private VirtualMachine? machine;
    private HumanMonitor? monitor;

    /// <summary>The pictures by number.</summary>
    public IReadOnlyDictionary<int, RomScreen> All => screens;

    /// <summary>The BIOS' fonts of 8, 14 and 16 lines by height: 256 characters.</summary>
    public Dictionary<int, byte[]> Fonts { get; } = [];

    /// <summary>Timer ticks of a frame and its visible lines, in modes 03h, 12h and 13h.</summary>
    public (int Ticks, int Lines)[] Frames { get; private set; } = [];

    /// <inheritdoc/>
    public ICharReceiver? Receiver { get; set; }

    /// <summary>The run with <c>builtin</c> or with <c>seabios</c>.</summary>
    public static RomScreens Of(string firmware) => Runs.GetOrAdd(firmware, f => new Lazy<RomScreens>(() => Run(f))).Value;

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        foreach (byte number in data)
        {
            string path = directory.Make($"{number}.png", []);
            Assert.Equal("", monitor!.Execute($"screendump \"{path}\""));
            screens[number] = new RomScreen(File.ReadAllBytes(path), machine!.Scheduler.NowNs);
        }
    }

    /// <inheritdoc/>
    public void AcceptInput()
    {
    }

    /// <inheritdoc/>
    public void Dispose() => directory.Dispose();

    IBlockBackend IMonitorHost.OpenMedium(DriveConfig drive) => throw new InvalidOperationException();

    void IMonitorHost.CloseMedium(IBlockBackend medium) => throw new InvalidOperationException();

    void IMonitorHost.RedirectLog(string path) => throw new InvalidOperationException();

    private static RomScreens Run(string firmware)
    {
        using var run = new RomScreens();
        var drive = new DriveConfig { Interface = DriveInterface.Floppy, Index = 0, File = TestRoms.Path("video"), Format = "raw", ReadOnly = true };
        var config = new MachineConfig
        {
            BiosFile = firmware == FirmwareFiles.BuiltIn ? firmware : null,
            Boot = new BootConfig { Order = "a" },
            IcountShift = 5,
            IcountSleep = false,
            Drives = [drive],
            DebugCons = [new DebugConConfig(DebugConConfig.DefaultIoBase, 0xE9, new CharSpec { Kind = CharKind.Null })],
            DebugExits = [new DebugExitConfig(DebugExitConfig.DefaultIoBase, DebugExitConfig.DefaultIoSize)],
        };
        using IBlockBackend image = ImageFactory.Open(drive)!;
        using var inbox = new MachineInbox();
        var parts = new MachineParts
        {
            Bios = FirmwareFiles.ReadBios(config), VideoBios = FirmwareFiles.ReadVideoBios(config), Drives = [(drive, image)], DebugCons = [run],
        };
        using var machine = new VirtualMachine(config, parts, inbox, EventLog.Silent);
        using var recordings = new Recordings(machine, TextWriter.Null);
        run.machine = machine;
        run.monitor = new HumanMonitor(
            machine, run, new KeyQueue(machine.Scheduler, machine.Board.Keyboard, () => 0), new ExecutionLog(machine), recordings);
        using var limit = new Timer(_ => inbox.Post(machine.Quit), null, TimeSpan.FromMinutes(5), Timeout.InfiniteTimeSpan);
        Assert.Equal(1, machine.Run());
        run.ReadResults(machine.Board.Memory);
        return run;
    }

    private void ReadResults(PhysicalMemory memory)
    {
        int[] heights = [8, 14, 16];
        for (int n = 0; n < GlyphHeights; n++)
        {
            ulong at = memory.ReadValue(FontPointers + (4u * (uint)n), 2) + (memory.ReadValue(FontPointers + (4u * (uint)n) + 2, 2) << 4);
            Fonts[heights[n]] = [.. Enumerable.Range(0, heights[n] * 256).Select(i => (byte)memory.ReadValue(at + (ulong)i, 1))];
        }
        Frames = [.. Enumerable.Range(0, 3).Select(n => ((int)memory.ReadValue(Results + (4u * (uint)n), 2), (int)memory.ReadValue(Results + (4u * (uint)n) + 2, 2)))];
    }
}
