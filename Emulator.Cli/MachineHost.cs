using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Board;
using Emulator.Machine.Config;
using Emulator.Remote.Audio;
using Emulator.Remote.Chardev;
using Emulator.Remote.Display;
using Emulator.Remote.Monitor;

namespace Emulator.Cli;

/// <summary>Runs a machine in this process: opens what it is connected to, and closes it in order.</summary>
public static class MachineHost
{
    /// <summary>Runs the machine until it ends.</summary>
    /// <returns>The program's exit code.</returns>
    /// <exception cref="UserErrorException">Something that the machine is connected to cannot be opened.</exception>
    public static int Run(MachineConfig config)
    {
        // What the machine says when it ends must not be lost on a terminal that still shows its screen.
        var notices = new List<string>();
        int code = Run(config, notices);
        notices.ForEach(Say);
        return code;
    }

    /// <summary>What the machine is connected to, with its firmware.</summary>
    /// <exception cref="UserErrorException">The firmware cannot be read.</exception>
    internal static MachineParts Connect(MachineConfig config, MachineImages images, CharBackends streams, AudioOutputs sound) => new()
    {
        Bios = FirmwareFiles.ReadBios(config),
        VideoBios = FirmwareFiles.ReadVideoBios(config),
        Drives = images.All,
        Serials = streams.Serials,
        Parallels = streams.Parallels,
        DebugCons = streams.DebugCons,
        AudioOutputs = sound.All,
    };

    private static int Run(MachineConfig config, List<string> notices)
    {
        if (config.Display == DisplayKind.Term)
        {
            TerminalHost.Check();
        }
        InputFiles.Check(config);
        using var logFile = LogFile.Open(config.LogFile);
        var log = new EventLog(logFile) { Items = config.LogItems };
        using var images = new MachineImages(config.Drives, Console.Error);
        using var inbox = new MachineInbox();
        VirtualMachine? machine = null;
        var commands = new MuxCommands(() => machine?.Quit(), () => Commit(images));
        using var streams = CharBackends.Open(config, inbox.Post, commands, Console.Out, Console.Error);
        using var sound = AudioOutputs.Open(config.Sound, Console.Error);
        using var pidFile = config.PidFile is string path ? new PidFile(path) : null;
        using (machine = new VirtualMachine(config, Connect(config, images, streams, sound), inbox, log) { Notice = notices.Add })
        {
            // Where the screen is the terminal, a line would spoil it: it comes at the end.
            Action<string> say = config.Display == DisplayKind.Term ? notices.Add : Say;
            machine.Warning = say;
            var keys = new KeyQueue(machine.Scheduler, machine.Board.Keyboard, () => machine.Board.Keyboard.Keyboard.Room);
            using var monitorHost = new MonitorHost(images, log);
            using var recording = Recordings.Open(config.Recording, machine, Console.Error);
            var monitor = new HumanMonitor(machine, monitorHost, keys, new ExecutionLog(machine), recording);
            IReadOnlyList<LineEditor> lines = MonitorSession.AttachAll(config, streams.Monitors, monitor);
            machine.Trouble = text =>
            {
                say(text);
                foreach (LineEditor line in lines)
                {
                    line.Interject(text);
                }
            };
            using var terminal = config.Display == DisplayKind.Term ? new TerminalHost(config, machine, inbox, keys) : null;
            using var signals = new HostSignals(signal => inbox.Post(machine.Quit));
            Daemon.Leave();
            return machine.Run();
        }
    }

    private static void Say(string text) => Console.Error.WriteLine($"emu: {text}");

    // Ctrl-a s. The machine goes on whatever comes of it.
    private static void Commit(MachineImages images)
    {
        try
        {
            images.Commit();
        }
        catch (Exception e) when (e is IOException or UserErrorException)
        {
            Console.Error.WriteLine($"emu: commit: {(e is IOException ? HostErrors.Describe(e) : e.Message)}");
        }
    }
}
