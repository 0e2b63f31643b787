using Emulator.Cli.Options;
using Emulator.Core.Diagnostics;
using Emulator.Machine;
using Emulator.Machine.Config;
using Emulator.Remote.Audio;
using Emulator.Remote.Chardev;
using Emulator.Remote.Display;

namespace Emulator.Cli;

/// <summary>
/// <c>-dry-run</c>: makes the machine as a start does, in the same order, and does not run it. What it would write is tried and left as it is. Nobody is called: a peer may wait
/// for one connection only.
/// </summary>
public static class DryRun
{
    /// <summary>Refuses what a start refuses.</summary>
    /// <param name="config">The machine.</param>
    /// <param name="running">How the program runs.</param>
    /// <param name="onTerminal">True when the program's input and output are a terminal.</param>
    /// <exception cref="UserErrorException">It cannot start.</exception>
    public static void Check(MachineConfig config, RunOptions running, bool onTerminal)
    {
        if (running.Daemonize)
        {
            Daemon.Check();
        }
        if (config.Display == DisplayKind.Term && !onTerminal)
        {
            TerminalHost.Check();
        }
        InputFiles.Check(config);
        LogFile.Check(config.LogFile);
        using var images = new MachineImages(config.Drives, TextWriter.Null);
        CharBackends.Check(config);
        AudioOutputs.Check(config.Sound);
        PidFile.Check(config.PidFile);
        MachineConfig silent = Silent(config);
        using var inbox = new MachineInbox();
        using var streams = CharBackends.Open(silent, inbox.Post, new MuxCommands(() => { }, () => { }), TextWriter.Null, TextWriter.Null);
        using var sound = AudioOutputs.Open(silent.Sound, TextWriter.Null);
        new VirtualMachine(config, MachineHost.Connect(config, images, streams, sound), inbox, new EventLog(TextWriter.Null)).Dispose();
        Recordings.Check(config.Recording);
    }

    // The same machine, and nothing at the other end of its streams.
    private static MachineConfig Silent(MachineConfig config) => config with
    {
        Serials = [.. config.Serials.Select(Silent)],
        Parallels = [.. config.Parallels.Select(Silent)],
        Monitors = [.. config.Monitors.Select(Silent)],
        DebugCons = [.. config.DebugCons.Select(d => d with { Output = Silent(d.Output) })],
        Sound = config.Sound with { Outputs = [.. config.Sound.Outputs.Select(o => o with { Path = null })] },
    };

    private static CharSpec Silent(CharSpec spec) => spec with { Kind = spec.Kind == CharKind.None ? CharKind.None : CharKind.Null, LogFile = null };
}
