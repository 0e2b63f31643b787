using System.Diagnostics;
using System.Text;
using Emulator.Core.Backends;
using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;

namespace Emulator.Bench;

/// <summary>
/// <c>guest KERNEL APPEND [ACCEL]</c>: runs a kernel of the benchmark corpus and says how many guest instructions a second each workload
/// ran, counted between the lines <c>BENCH name start</c> and <c>BENCH name done</c> on COM1.
/// </summary>
internal sealed class GuestSpeed : ICharBackend
{
    private const long RamBytes = 512L << 20;

    private readonly StringBuilder line = new();
    private VirtualMachine? machine;
    private long startStamp, startCount;

    /// <inheritdoc/>
    public ICharReceiver? Receiver { get; set; }

    /// <summary>Runs the command.</summary>
    /// <returns>0, or 1 when the arguments are wrong.</returns>
    public static int Run(string[] arguments)
    {
        if (arguments.Length is < 2 or > 3)
        {
            Console.Error.WriteLine("guest: give a kernel, its command line, and perhaps an accelerator: guest bench32.elf 'mode=os bench=int-sieve' interp");
            return 1;
        }
        MachineConfig config = new()
        {
            RamBytes = RamBytes,
            Kernel = arguments[0],
            Append = arguments[1],
            Accel = arguments.Length > 2 ? arguments[2] : Accelerators.Interpreter,
            DebugExits = [new DebugExitConfig(0xF4, DebugExitConfig.DefaultIoSize)],
        };
        using var speed = new GuestSpeed();
        using var inbox = new MachineInbox();
        MachineParts parts = new() { Bios = FirmwareFiles.ReadBios(config), VideoBios = FirmwareFiles.ReadVideoBios(config), Serials = [speed] };
        using var machine = new VirtualMachine(config, parts, inbox, EventLog.Silent);
        speed.machine = machine;
        machine.Run();
        return 0;
    }

    /// <inheritdoc/>
    public void Send(ReadOnlySpan<byte> data)
    {
        foreach (byte b in data)
        {
            if (b != '\n')
            {
                line.Append((char)b);
                continue;
            }
            Take(line.ToString().TrimEnd().Split(' '));
            line.Clear();
        }
    }

    /// <inheritdoc/>
    public void AcceptInput()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Take(string[] words)
    {
        if (words is not ["BENCH", var name, var what, ..])
        {
            return;
        }
        long count = machine!.Board.Cpu.InstructionsRetired, stamp = Stopwatch.GetTimestamp();
        if (what == "start")
        {
            (startStamp, startCount) = (stamp, count);
        }
        else if (what == "done")
        {
            double seconds = Stopwatch.GetElapsedTime(startStamp, stamp).TotalSeconds;
            long instructions = count - startCount;
            Console.WriteLine($"{name,-16} {instructions / 1e6,8:f0} million instructions {seconds,7:f3} s {instructions / seconds / 1e6,6:f0} MIPS");
        }
    }
}
