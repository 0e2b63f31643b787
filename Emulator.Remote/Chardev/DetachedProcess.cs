using Emulator.Machine.Config;

namespace Emulator.Remote.Chardev;

/// <summary>What makes a process a daemon. Linux and macOS.</summary>
public static class DetachedProcess
{
    /// <summary>A session of its own, and nothing at standard input, output and error.</summary>
    /// <exception cref="UserErrorException">There is no /dev/null.</exception>
    public static void Detach()
    {
        Posix.NewSession();
        int none = Posix.Open("/dev/null", Posix.ReadWriteNoControllingTerminal);
        if (none < 0)
        {
            throw new UserErrorException("-daemonize: /dev/null cannot be opened; leave -daemonize out");
        }
        for (int fd = 0; fd < 3; fd++)
        {
            Posix.Duplicate(none, fd);
        }
        if (none > 2)
        {
            Posix.Close(none);
        }
    }
}
