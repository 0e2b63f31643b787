using Emulator.Core.Cpu;
using Emulator.Machine;

namespace Emulator.Remote.Monitor;

/// <summary>Commands that run, stop and end the machine.</summary>
internal static unsafe class RunCommands
{
    public static IEnumerable<MonitorCommand> Make(VirtualMachine machine) =>
    [
        new("cont|c", "", "resume emulation", [], (_, _) => machine.Continue()),
        new("nmi", "", "inject an NMI", [], (_, output) => Nmi(machine, output)),
        new("quit|q", "", "quit the emulator", [], (_, _) => machine.Quit()),
        new("stop|s", "", "stop emulation", [], (_, _) => machine.Stop()),
        new("system_powerdown", "", "send system power down event", [], (_, _) => machine.Board.Power?.PowerButton()),
        new("system_reset", "", "reset the system", [], (_, _) => machine.Reset()),
    ];

    private static void Nmi(VirtualMachine machine, TextWriter output)
    {
        if (!machine.Board.TryRaiseNmi())
        {
            output.Write("the guest masks NMI (port 70h, bit 7): none is injected\n");
        }
    }

    /// <summary>The line of <c>info status</c>.</summary>
    public static string Status(RunState state) => state switch
    {
        RunState.Running => "VM status: running\n",
        RunState.Prelaunch => "VM status: paused (prelaunch)\n",
        RunState.IoError => "VM status: paused (io-error)\n",
        RunState.Shutdown => "VM status: paused (shutdown)\n",
        _ => "VM status: paused\n",
    };
}
