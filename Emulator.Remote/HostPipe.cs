using System.Runtime.InteropServices;
using Emulator.Remote.Chardev;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Remote;

/// <summary>Pipes and other things without places among the host's files: to open one may wait for its other end.</summary>
public static partial class HostPipe
{
    private const int SeekCurrent = 1;

    /// <summary>True for one; false for what does not exist, or may not be read: its opening tells of that.</summary>
    public static bool IsAt(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return false;
        }
        using var look = new SafeFileHandle(Posix.Open(path, Posix.ReadOnlyWithoutWaiting), ownsHandle: true);
        return !look.IsInvalid && Seek(look, 0, SeekCurrent) < 0;
    }

    [LibraryImport("libc", EntryPoint = "lseek")]
    private static partial long Seek(SafeFileHandle handle, long offset, int whence);
}
