using System.Runtime.InteropServices;
using Emulator.Core.Memory;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// The same memory at two host addresses: at one it can be read and executed, at the other read and written. So no page is ever writable and executable at once.
/// Linux: a file of memfd_create, mapped twice. Windows: two views of a section. macOS: mach_vm_remap.
/// </summary>
internal sealed unsafe partial class DoubleMapping : IDisposable
{
    private const int ReadWrite = 3, ReadExecute = 5, MapShared = 1, MapPrivateAnonymousMac = 0x1002, CloseOnExec = 1;
    private const int DontNeed = 4, Collapse = 25, AnonymousUnreadable = 0x22, Fixed = 0x10;
    private const int VmAnywhere = 1, VmInheritNone = 2;
    private const uint PageExecuteReadWrite = 0x40, FileMapReadWrite = 6, FileMapReadExecute = 0x24;

    private DoubleMapping(nint executable, nint writable, int size)
    {
        Executable = executable;
        Writable = writable;
        Size = size;
    }

    /// <summary>Host address where it can be executed.</summary>
    public nint Executable { get; }

    /// <summary>Host address where it can be written; 0 when that is closed.</summary>
    public nint Writable { get; private set; }

    /// <summary>Bytes.</summary>
    public int Size { get; }

    /// <summary>Maps <paramref name="bytes"/>, zeros.</summary>
    /// <returns>Null when the host refuses.</returns>
    public static DoubleMapping? TryMake(int bytes)
    {
        // SAFETY: owned by the object, unmapped in Dispose.
        (nint executable, nint writable) = OperatingSystem.IsWindows() ? MapSection(bytes) : OperatingSystem.IsMacOS() ? Remap((nuint)bytes) : MapFile((nuint)bytes);
        if (executable != 0 && writable != 0)
        {
            return new DoubleMapping(executable, writable, bytes);
        }
        Free(executable, bytes);
        Free(writable, bytes);
        return null;
    }

    /// <summary>Pages that will not be written for a while need not be resident at <see cref="Writable"/> as well; their contents stay.</summary>
    public void ReleaseWritable(int from, int bytes)
    {
        if (OperatingSystem.IsLinux())
        {
            // Advice on a shared mapping: whatever comes of it, nothing is lost.
            _ = Advise(Writable + from, (nuint)bytes, DontNeed);
        }
    }

    /// <summary>
    /// What will run for long lies in pages of the host that are as large as it has them: translated code is spread so wide that looking up its addresses costs more than
    /// running it. Of a whole <see cref="HugePages.Size"/>, of which something was written.
    /// </summary>
    public void MakeHuge(int from)
    {
        if (OperatingSystem.IsLinux())
        {
            // Linux 6.1 and newer; a kernel that knows no such advice, or has no large page, leaves all as it is.
            _ = Advise(Executable + from, HugePages.Size, Collapse);
        }
    }

    /// <summary>It cannot be written any more.</summary>
    public void CloseWritable()
    {
        Free(Writable, Size);
        Writable = 0;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        CloseWritable();
        Free(Executable, Size);
    }

    private static (nint Executable, nint Writable) MapFile(nuint bytes)
    {
        int file = Create("translated code", CloseOnExec);
        if (file < 0)
        {
            return (0, 0);
        }
        bool sized = Truncate(file, (long)bytes) == 0;
        nint executable = sized ? MapAligned(bytes, file) : -1, writable = sized ? Map(0, bytes, ReadWrite, MapShared, file, 0) : -1;
        // The mappings keep it.
        _ = Close(file);
        return (executable == -1 ? 0 : executable, writable == -1 ? 0 : writable);
    }

    // A large page of the host can only be where its place in the file and its address both begin one.
    private static nint MapAligned(nuint bytes, int file)
    {
        if (bytes < HugePages.Size)
        {
            return Map(0, bytes, ReadExecute, MapShared, file, 0);
        }
        nint reserved = Map(0, bytes + HugePages.Size, 0, AnonymousUnreadable, -1, 0);
        if (reserved == -1)
        {
            return -1;
        }
        nint before = -reserved & (HugePages.Size - 1);
        if (before != 0)
        {
            _ = Unmap(reserved, (nuint)before);
        }
        _ = Unmap(reserved + before + (nint)bytes, HugePages.Size - (nuint)before);
        return Map(reserved + before, bytes, ReadExecute, MapShared | Fixed, file, 0);
    }

    private static (nint Executable, nint Writable) Remap(nuint bytes)
    {
        nint executable = Map(0, bytes, ReadWrite, MapPrivateAnonymousMac, -1, 0);
        if (executable == -1)
        {
            return (0, 0);
        }
        nint library = NativeLibrary.Load("/usr/lib/libSystem.dylib");
        uint self = *(uint*)NativeLibrary.GetExport(library, "mach_task_self_");
        ulong writable = 0;
        // Before it becomes executable, so that the second one may be written.
        bool mapped = RemapMac(self, ref writable, bytes, 0, VmAnywhere, self, (ulong)executable, 0, out _, out _, VmInheritNone) == 0;
        return (executable, mapped && Protect(executable, bytes, ReadExecute) == 0 ? (nint)writable : 0);
    }

    private static (nint Executable, nint Writable) MapSection(int bytes)
    {
        nint section = CreateFileMapping(-1, 0, PageExecuteReadWrite, 0, (uint)bytes, 0);
        if (section == 0)
        {
            return (0, 0);
        }
        (nint, nint) views = (MapViewOfFile(section, FileMapReadExecute, 0, 0, 0), MapViewOfFile(section, FileMapReadWrite, 0, 0, 0));
        // The views keep it.
        _ = CloseHandle(section);
        return views;
    }

    private static void Free(nint view, int bytes)
    {
        if (view == 0)
        {
            return;
        }
        _ = OperatingSystem.IsWindows() ? UnmapViewOfFile(view) : Unmap(view, (nuint)bytes);
    }

    [LibraryImport("libc", EntryPoint = "memfd_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Create(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "ftruncate")]
    private static partial int Truncate(int file, long length);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "mach_vm_remap")]
    private static partial int RemapMac(
        uint target, ref ulong address, ulong size, ulong mask, int flags, uint source, ulong from, int copy, out int present, out int most, uint inheritance);

    [LibraryImport("kernel32", EntryPoint = "CreateFileMappingW")]
    private static partial nint CreateFileMapping(nint file, nint security, uint protection, uint sizeHigh, uint sizeLow, nint name);

    [LibraryImport("kernel32")]
    private static partial nint MapViewOfFile(nint section, uint access, uint offsetHigh, uint offsetLow, nuint bytes);

    [LibraryImport("kernel32")]
    private static partial int UnmapViewOfFile(nint view);

    [LibraryImport("kernel32")]
    private static partial int CloseHandle(nint handle);
}
