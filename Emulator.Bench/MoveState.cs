using System.Diagnostics;
using System.Globalization;
using System.Text;
using Emulator.Bench.Fuzz;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using ITimer = Emulator.Core.Time.ITimer;

namespace Emulator.Bench;

/// <summary>
/// <c>move-state KERNEL INITRD MILLISECONDS COMMAND</c>: starts a Linux guest that says READY on its serial line and takes commands there, sends
/// COMMAND, and from then on puts the machine's whole state into a fresh machine every so many milliseconds of virtual time, until the guest says
/// DONE. The disk (64 MiB, in memory) and the line go along. Exit code 1 when DONE does not come in ten minutes of virtual time.
/// </summary>
internal static class MoveState
{
    private const long LongestNs = 600_000_000_000;

    /// <summary>Runs the command.</summary>
    public static int Run(IReadOnlyList<string> arguments)
    {
        if (arguments.Count != 4)
        {
            Console.Error.WriteLine("move-state wants KERNEL INITRD MILLISECONDS COMMAND");
            return 1;
        }
        var config = new MachineConfig { RamBytes = 128 << 20, Kernel = arguments[0], Initrd = arguments[1], Append = "console=ttyS0" };
        long intervalNs = long.Parse(arguments[2], CultureInfo.InvariantCulture) * 1_000_000;
        var line = new Line();
        var disk = new FuzzImage(64 << 20, []);
        byte[]? state = null;
        int moves = 0;
        long start = Stopwatch.GetTimestamp();
        while (!line.Text.Contains("\nDONE", StringComparison.Ordinal))
        {
            (state, long ns) = RunPart(config, line, disk, state, intervalNs, arguments[3]);
            if (ns > LongestNs)
            {
                Console.WriteLine(line.Text);
                return 1;
            }
            moves++;
        }
        Console.WriteLine(line.Text[line.Text.IndexOf("READY", StringComparison.Ordinal)..]);
        Console.WriteLine($"{moves - 1} moves of {state!.Length >> 20} MiB, {Stopwatch.GetElapsedTime(start).TotalSeconds:f0} s");
        return 0;
    }

    // From a state, or from power-on to READY, for one interval; returns the state at its end.
    private static (byte[] State, long Ns) RunPart(MachineConfig config, Line line, FuzzImage disk, byte[]? state, long intervalNs, string command)
    {
        using var inbox = new MachineInbox();
        var parts = new MachineParts
        {
            Bios = FirmwareFiles.ReadBios(config),
            VideoBios = FirmwareFiles.ReadVideoBios(config),
            Serials = [line],
            Drives = [(new DriveConfig { Interface = DriveInterface.Ide, Index = 0 }, disk)],
        };
        using var machine = new VirtualMachine(config, parts, inbox, EventLog.Silent);
        bool waits = state is null;
        if (state is not null)
        {
            using var stream = new MemoryStream(state);
            machine.Load(stream);
        }
        byte[] saved = [];
        ITimer timer = null!;
        timer = machine.Scheduler.CreateTimer("move", () =>
        {
            if (waits && line.Text.Contains("READY", StringComparison.Ordinal))
            {
                waits = false;
                line.Offer(command + "\n");
            }
            else if (!waits || machine.NowNs > LongestNs)
            {
                using var stream = new MemoryStream();
                machine.Save(stream);
                saved = stream.ToArray();
                machine.Quit();
            }
            timer.Arm(machine.NowNs + intervalNs);
        });
        timer.Arm(machine.NowNs + intervalNs);
        machine.Run();
        return (saved, machine.NowNs);
    }

    private sealed class Line : ICharBackend
    {
        private readonly StringBuilder text = new();
        private readonly Queue<byte> held = new();

        public ICharReceiver? Receiver { get; set; }

        public string Text => text.ToString();

        public void Send(ReadOnlySpan<byte> data) => text.Append(Encoding.Latin1.GetString(data));

        public void Offer(string command)
        {
            foreach (byte letter in Encoding.Latin1.GetBytes(command))
            {
                held.Enqueue(letter);
            }
            AcceptInput();
        }

        public void AcceptInput()
        {
            while (held.Count > 0 && Receiver is { Room: > 0 } receiver)
            {
                receiver.Receive([held.Dequeue()]);
            }
        }

        public void Dispose()
        {
        }
    }
}
