using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Remote.Block;

/// <summary>
/// Locks of an open file on Linux that QEMU's programs see and that see theirs (QEMU, <c>docs/devel/</c> image locking): a shared lock on byte
/// 100 + n says that permission n is used, one on byte 200 + n that nobody else may use it. Each side takes its locks and then looks for the
/// other's.
/// </summary>
internal static partial class ImageLock
{
    private const int UsedBase = 100, UnsharedBase = 200;
    private const int ConsistentRead = 0, Write = 1, Resize = 3;
    private const int SetLock = 37, GetLock = 36; // F_OFD_SETLK, F_OFD_GETLK
    private const short SharedLock = 0, ExclusiveLock = 1, NoLock = 2;
    private const int WouldBlock = 11, AccessDenied = 13;

    /// <summary>Takes the locks of a reader, or of a writer. They go when the handle is closed.</summary>
    /// <returns>False when another program uses the file in a way that excludes this one.</returns>
    public static bool TryTake(SafeFileHandle handle, bool readOnly)
    {
        if (!OperatingSystem.IsLinux())
        {
            return true;
        }
        int[] used = readOnly ? [ConsistentRead] : [ConsistentRead, Write, Resize];
        int[] unshared = [Write, Resize];
        return used.All(n => Share(handle, UsedBase + n))
            && unshared.All(n => Share(handle, UnsharedBase + n))
            && used.All(n => IsFree(handle, UnsharedBase + n))
            && unshared.All(n => IsFree(handle, UsedBase + n));
    }

    // A file system without locks has nothing to say here.
    private static bool Share(SafeFileHandle handle, long offset)
    {
        var range = new FileLock { Type = SharedLock, Start = offset, Length = 1 };
        return Control(handle, SetLock, ref range) == 0 || Marshal.GetLastPInvokeError() is not (WouldBlock or AccessDenied);
    }

    private static bool IsFree(SafeFileHandle handle, long offset)
    {
        var range = new FileLock { Type = ExclusiveLock, Start = offset, Length = 1 };
        return Control(handle, GetLock, ref range) != 0 || range.Type == NoLock;
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(SafeFileHandle handle, int command, ref FileLock range);

    // struct flock of 64-bit Linux; the owner must be 0.
    [StructLayout(LayoutKind.Sequential)]
    private struct FileLock
    {
        public short Type;
        public short Whence;
        public long Start;
        public long Length;
        public int Owner;
    }
}
