using System.Diagnostics;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;

namespace Emulator.Cli;

/// <summary>
/// <c>-daemonize</c>. A process with threads cannot be forked: the program starts itself once more, passes on what that says until it has
/// made its machine, and ends. The other one then gives up the terminal.
/// </summary>
public static class Daemon
{
    /// <summary>The variable that carries the program's name to the process that stays.</summary>
    public const string Mark = "EMU_DAEMON";
    private const char Ready = '\0';

    /// <summary>True in the process that stays.</summary>
    public static bool IsChild => Environment.GetEnvironmentVariable(Mark) is not null;

    /// <summary>Starts this command line once more.</summary>
    /// <param name="invocation">The program's name.</param>
    /// <param name="output">Gets what the other process says.</param>
    /// <param name="error">Gets its errors.</param>
    /// <returns>0 when the machine was made, else the other process's exit code.</returns>
    /// <exception cref="UserErrorException">The host cannot.</exception>
    public static int Start(Invocation invocation, TextWriter output, TextWriter error)
    {
        Check();
        string program = Environment.ProcessPath!;
        string[] words = Environment.GetCommandLineArgs();
        bool isHosted = Path.GetFileNameWithoutExtension(program) == "dotnet";
        var start = new ProcessStartInfo(program, isHosted ? words : words[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[Mark] = invocation.Name;
        using Process child = Process.Start(start) ?? throw new UserErrorException("-daemonize: the host starts no other process");
        child.StandardInput.Close();
        var messages = Task.Run(() => Copy(child.StandardError, error));
        bool isReady = Copy(child.StandardOutput, output);
        messages.Wait();
        if (isReady)
        {
            return 0;
        }
        child.WaitForExit();
        return child.ExitCode;
    }

    /// <summary>Refuses a host without daemons.</summary>
    /// <exception cref="UserErrorException">The host cannot.</exception>
    public static void Check()
    {
        if (OperatingSystem.IsWindows() || Environment.ProcessPath is null)
        {
            throw new UserErrorException("-daemonize: this host has no daemons; start emu as a service, or in a window of its own");
        }
    }

    /// <summary>The machine is made: says so, and leaves session and terminal. Nothing when the process is not a daemon's.</summary>
    public static void Leave()
    {
        if (IsChild)
        {
            Console.Out.Write(Ready);
            Console.Out.Flush();
            DetachedProcess.Detach();
        }
    }

    private static bool Copy(StreamReader from, TextWriter to)
    {
        bool isReady = false;
        for (int c = from.Read(); c >= 0; c = from.Read())
        {
            if (c == Ready)
            {
                isReady = true;
            }
            else
            {
                to.Write((char)c);
            }
        }
        return isReady;
    }
}
