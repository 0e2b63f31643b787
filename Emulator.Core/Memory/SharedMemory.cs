using System.Runtime.InteropServices;

namespace Emulator.Core.Memory;

/// <summary>Memory behind an anonymous file (memfd_create), so that pages of it can be mapped at other addresses too. Linux.</summary>
internal sealed unsafe partial class SharedMemory : IDisposable
{
    private const int ReadWrite = 3, MapShared = 1, CloseOnExec = 1;

    private readonly nuint bytes;

    private SharedMemory(int file, byte* start, nuint bytes)
    {
        File = file;
        Start = start;
        this.bytes = bytes;
    }

    /// <summary>Descriptor of the file.</summary>
    public int File { get; }

    /// <summary>First byte, page-aligned; zeros until written.</summary>
    public byte* Start { get; }

    /// <summary>Makes <paramref name="bytes"/> of it.</summary>
    /// <returns>Null when the host has no such thing, or not that much.</returns>
    public static SharedMemory? TryMake(ulong bytes)
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }
        int file = Create("guest memory", CloseOnExec);
        if (file < 0)
        {
            return null;
        }
        // SAFETY: owned by the object, unmapped in Dispose.
        nint at = Truncate(file, (long)bytes) == 0 ? Map(0, (nuint)bytes, ReadWrite, MapShared, file, 0) : -1;
        if (at == -1)
        {
            _ = Close(file);
            return null;
        }
        return new SharedMemory(file, (byte*)at, (nuint)bytes);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _ = Unmap((nint)Start, bytes);
        _ = Close(File);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Truncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);
}
