using System.Runtime.InteropServices;
using Emulator.Machine.Config;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Remote.Block;

/// <summary>A file or block device of the host, opened for random access and locked against a second writer.</summary>
internal sealed partial class HostFile : IDisposable
{
    private const int SeekEnd = 2;

    private readonly SafeFileHandle handle;

    private HostFile(SafeFileHandle handle, long length)
    {
        this.handle = handle;
        Length = length;
    }

    /// <summary>Size in bytes; grows with writes behind the end.</summary>
    public long Length { get; private set; }

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="UserErrorException">It cannot be opened, is not a file or block device, or is in use.</exception>
    public static HostFile Open(string path, bool readOnly)
    {
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"{path} is a directory; give an image file");
        }
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(
                path,
                FileMode.Open,
                readOnly ? FileAccess.Read : FileAccess.ReadWrite,
                readOnly ? FileShare.Read : FileShare.None,
                FileOptions.RandomAccess);
        }
        catch (IOException e) when (HostErrors.IsSharingViolation(e))
        {
            throw new UserErrorException(
                $"{path} is in use by another drive or program; end that one, or share the image with -snapshot on both sides");
        }
        catch (FileNotFoundException)
        {
            throw new UserErrorException($"{path}: {HostErrors.Missing(path)}");
        }
        catch (DirectoryNotFoundException)
        {
            throw new UserErrorException($"{path}: no such directory; check the name");
        }
        catch (UnauthorizedAccessException)
        {
            throw new WriteProtectedException(readOnly
                ? $"{path}: permission denied; make the file readable"
                : $"{path}: permission denied for writing; make the file writable, or add -snapshot");
        }
        catch (IOException e)
        {
            throw new UserErrorException($"{path} cannot be opened: {HostErrors.Describe(e)}; check the name and the host's disk");
        }

        long length = SizeOf(handle);
        if (length < 0)
        {
            handle.Dispose();
            throw new UserErrorException($"{path} is neither a file nor a block device; give an image file");
        }
        return new(handle, length);
    }

    /// <summary>Reads what is there, 0 bytes at the end.</summary>
    public int Read(long offset, Span<byte> destination) => RandomAccess.Read(handle, destination, offset);

    /// <summary>Writes all of <paramref name="source"/>.</summary>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        RandomAccess.Write(handle, source, offset);
        Length = Math.Max(Length, offset + source.Length);
    }

    /// <summary>Returns when everything is on stable storage.</summary>
    public void Flush() => RandomAccess.FlushToDisk(handle);

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    // A block device has no size in its directory entry: only its end tells.
    private static long SizeOf(SafeFileHandle handle) =>
        OperatingSystem.IsWindows() ? RandomAccess.GetLength(handle) : Seek(handle, 0, SeekEnd);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle handle, long offset, int whence);
}
