using System.Runtime.InteropServices;
using Emulator.Machine.Config;
using Emulator.Remote.Chardev;
using Microsoft.Win32.SafeHandles;

namespace Emulator.Remote.Block;

/// <summary>A file or block device of the host, opened for random access and locked against a second writer.</summary>
internal sealed partial class HostFile : IImageStorage
{
    private const int SeekEnd = 2, FileTooLarge = 27;

    private SafeFileHandle handle;

    private HostFile(SafeFileHandle handle, string name, bool readOnly)
    {
        this.handle = handle;
        Name = name;
        IsReadOnly = readOnly;
        Length = SizeOf(handle);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsReadOnly { get; private set; }

    /// <inheritdoc/>
    public long Length { get; private set; }

    /// <summary>Opens <paramref name="path"/>.</summary>
    /// <exception cref="UserErrorException">It cannot be opened, is not a file or block device, or is in use.</exception>
    public static HostFile Open(string path, bool readOnly)
    {
        var file = new HostFile(OpenHandle(path, FileMode.Open, readOnly), path, readOnly);
        if (file.Length < 0)
        {
            file.Dispose();
            throw NoFile(path);
        }
        return file;
    }

    /// <summary>Makes an empty file at <paramref name="path"/>; what was there is lost.</summary>
    /// <exception cref="UserErrorException">It cannot be made, or is in use.</exception>
    public static HostFile Create(string path)
    {
        var file = new HostFile(OpenHandle(path, FileMode.OpenOrCreate, readOnly: false), path, readOnly: false);
        try
        {
            // Only now that nobody else has it.
            file.SetLength(0);
        }
        catch (IOException e)
        {
            file.Dispose();
            throw new UserErrorException($"{path} cannot be made: {HostErrors.Describe(e)}; check the host's disk");
        }
        return file;
    }

    private static SafeFileHandle OpenHandle(string path, FileMode mode, bool readOnly)
    {
        if (path.Length == 0 || path.Contains('\0'))
        {
            throw new UserErrorException($"an image's name is {(path.Length == 0 ? "empty" : "not one that a file can have (it holds a zero byte)")}; give an image file");
        }
        if (Directory.Exists(path))
        {
            throw new UserErrorException($"{path} is a directory; give an image file");
        }
        if (HostPipe.IsAt(path))
        {
            throw NoFile(path);
        }
        SafeFileHandle handle;
        try
        {
            handle = File.OpenHandle(
                path,
                mode,
                readOnly ? FileAccess.Read : FileAccess.ReadWrite,
                readOnly ? FileShare.Read : FileShare.None,
                FileOptions.RandomAccess);
        }
        catch (IOException e) when (HostErrors.IsSharingViolation(e))
        {
            throw InUse(path);
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

        if (!ImageLock.TryTake(handle, readOnly))
        {
            handle.Dispose();
            throw InUse(path);
        }
        return handle;
    }

    /// <inheritdoc/>
    public void Read(long offset, Span<byte> destination)
    {
        while (!destination.IsEmpty)
        {
            int n = offset < 0 ? throw NoSuchPlace(offset) : RandomAccess.Read(handle, destination, offset);
            if (n == 0)
            {
                destination.Clear();
                return;
            }
            offset += n;
            destination = destination[n..];
        }
    }

    /// <inheritdoc/>
    public void Write(long offset, ReadOnlySpan<byte> source)
    {
        try
        {
            RandomAccess.Write(handle, source, offset);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw NoSuchPlace(offset);
        }
        Length = Math.Max(Length, offset + source.Length);
    }

    /// <inheritdoc/>
    public void SetLength(long length)
    {
        try
        {
            RandomAccess.SetLength(handle, length);
        }
        catch (ArgumentOutOfRangeException)
        {
            throw NoSuchPlace(length);
        }
        Length = length;
    }

    /// <inheritdoc/>
    public void Flush() => RandomAccess.FlushToDisk(handle);

    /// <inheritdoc/>
    public void Reopen(bool readOnly)
    {
        if (readOnly == IsReadOnly)
        {
            return;
        }

        // The lock of the handle that we hold would refuse the new one.
        handle.Dispose();
        try
        {
            handle = OpenHandle(Name, FileMode.Open, readOnly);
            IsReadOnly = readOnly;
        }
        catch (UserErrorException)
        {
            handle = OpenHandle(Name, FileMode.Open, IsReadOnly);
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => handle.Dispose();

    private static UserErrorException NoFile(string path) => new($"{path} is neither a file nor a block device; give an image file");

    // .NET has another exception for a place that no file of the host's can have, where every other failure is an IOException.
    private IOException NoSuchPlace(long offset) => new($"{Name}: the host's file system has no files that reach {offset}", FileTooLarge);

    private static UserErrorException InUse(string path) =>
        new($"{path} is in use by another drive or program; end that one, or share the image with -snapshot on both sides");

    // A block device has no size in its directory entry: only its end tells.
    private static long SizeOf(SafeFileHandle handle) =>
        OperatingSystem.IsWindows() ? RandomAccess.GetLength(handle) : Seek(handle, 0, SeekEnd);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(SafeFileHandle handle, long offset, int whence);
}
