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
        using var log = LogFile.Open(config.LogFile);
        using var images = new MachineImages(config.Drives, Console.Error);
        var commands = new MuxCommands(() => { }, images.Commit);
        using var streams = CharBackends.Open(config, _ => { }, commands, Console.Out, Console.Error);
        using var pidFile = config.PidFile is string path ? new PidFile(path) : null;
        throw new UserErrorException("there is no board in this build yet; everything it would be connected to is there");
    }
}
