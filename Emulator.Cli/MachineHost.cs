using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;

namespace Emulator.Cli;

/// <summary>Runs a machine in this process: opens what it is connected to, and closes it in order.</summary>
public static class MachineHost
{
    /// <summary>Runs the machine until it ends.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="UserErrorException">Something that the machine is connected to cannot be opened.</exception>
    public static int Run(MachineConfig config)
    {
        InputFiles.Check(config);
        using var logFile = LogFile.Open(config.LogFile);
        var log = new EventLog(logFile) { Items = config.LogItems };
        using var images = new MachineImages(config.Drives, Console.Error);
        using var inbox = new MachineInbox();
        VirtualMachine? machine = null;
        var commands = new MuxCommands(() => machine?.Quit(), images.Commit);
        using var streams = CharBackends.Open(config, inbox.Post, commands, Console.Out, Console.Error);
        using var pidFile = config.PidFile is string path ? new PidFile(path) : null;
        var parts = new MachineParts
        {
            Bios = FirmwareFiles.ReadBios(config),
            VideoBios = FirmwareFiles.ReadVideoBios(config),
            Drives = images.All,
            Serials = streams.Serials,
            DebugCons = streams.DebugCons,
        };
        using (machine = new VirtualMachine(config, parts, inbox, log) { Notice = text => Console.Error.WriteLine($"emu: {text}") })
        {
            using var signals = new HostSignals(signal => inbox.Post(machine.Quit));
            return machine.Run();
        }
    }
}
