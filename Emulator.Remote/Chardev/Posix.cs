using System.Runtime.InteropServices;

namespace Emulator.Remote.Chardev;

/// <summary>The few calls of POSIX that .NET has no wrapper for. Linux and macOS.</summary>
internal static unsafe partial class Posix
{
    public const int Interrupted = 4;
    public const short PollIn = 1;
    public const short PollOut = 4;
    public const short PollError = 8;
    public const short PollHangUp = 16;

    /// <summary>EAGAIN.</summary>
    public static int TryAgain => OperatingSystem.IsLinux() ? 11 : 35;

    /// <summary>O_RDWR | O_NOCTTY.</summary>
    public static int ReadWriteNoControllingTerminal => OperatingSystem.IsLinux() ? 0x102 : 0x20002;

    /// <summary>O_RDONLY | O_NONBLOCK | O_NOCTTY.</summary>
    public static int ReadOnlyWithoutWaiting => OperatingSystem.IsLinux() ? 0x900 : 0x20004;

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int fd, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int fd, byte* buffer, nint count);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setsid", SetLastError = true)]
    public static partial int NewSession();

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    public static partial int Duplicate(int fd, int to);

    [LibraryImport("libc", EntryPoint = "posix_openpt", SetLastError = true)]
    public static partial int OpenPseudoTerminal(int flags);

    [LibraryImport("libc", EntryPoint = "grantpt", SetLastError = true)]
    public static partial int GrantPseudoTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "unlockpt", SetLastError = true)]
    public static partial int UnlockPseudoTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "ptsname_r", SetLastError = true)]
    public static partial int PseudoTerminalName(int fd, byte* buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "isatty")]
    public static partial int IsTerminal(int fd);

    [LibraryImport("libc", EntryPoint = "tcgetattr", SetLastError = true)]
    public static partial int GetAttributes(int fd, byte* termios);

    [LibraryImport("libc", EntryPoint = "tcsetattr", SetLastError = true)]
    public static partial int SetAttributes(int fd, int actions, byte* termios);

    [LibraryImport("libc", EntryPoint = "cfmakeraw")]
    public static partial void MakeRaw(byte* termios);

    [LibraryImport("libc", EntryPoint = "tcgetpgrp", SetLastError = true)]
    public static partial int ForegroundGroup(int fd);

    [LibraryImport("libc", EntryPoint = "getpgrp")]
    public static partial int OwnGroup();

    /// <summary>TIOCGWINSZ of Linux.</summary>
    public const nuint GetWindowSize = 0x5413;

    /// <summary>Linux only: elsewhere arguments behind the second may be passed otherwise, ioctl being variadic.</summary>
    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int IoControl(int fd, nuint request, void* argument);

    /// <summary>Waits until <paramref name="fd"/> is ready for <paramref name="events"/>.</summary>
    /// <returns>The events that are there; 0 after the time, or after a signal.</returns>
    public static short Poll(int fd, short events, int timeoutMs)
    {
        var poll = new PollFd { Fd = fd, Events = events };
        return Poll(&poll, 1, timeoutMs) > 0 ? poll.Returned : (short)0;
    }

    /// <summary>Reads what is there, waiting for the first byte.</summary>
    /// <returns>Bytes read; 0 at the end; -1 on an error.</returns>
    public static int Read(int fd, Span<byte> buffer)
    {
        fixed (byte* p = buffer)
        {
            while (true)
            {
                nint n = Read(fd, p, buffer.Length);
                if (n >= 0)
                {
                    return (int)n;
                }
                int error = Marshal.GetLastPInvokeError();
                if (error == TryAgain)
                {
                    Poll(fd, PollIn, -1);
                }
                else if (error != Interrupted)
                {
                    return -1;
                }
            }
        }
    }

    /// <summary>Writes all of <paramref name="data"/>, waiting while the other side is full.</summary>
    /// <returns>False when nobody will ever read it.</returns>
    public static bool WriteAll(int fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* p = data)
        {
            int done = 0;
            while (done < data.Length)
            {
                nint n = Write(fd, p + done, data.Length - done);
                if (n >= 0)
                {
                    done += (int)n;
                    continue;
                }
                int error = Marshal.GetLastPInvokeError();
                if (error == TryAgain)
                {
                    Poll(fd, PollOut, -1);
                }
                else if (error != Interrupted)
                {
                    return false;
                }
            }
        }
        return true;
    }

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }
}
