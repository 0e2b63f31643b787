using System.Runtime.InteropServices;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Executable memory of the x86-64 back end, handed out from the front. It is freed as a whole: when it is full, every region goes.
/// </summary>
internal sealed unsafe partial class CodeMemory : IDisposable
{
    private const int ProtReadWriteExecute = 7, MapPrivateAnonymousLinux = 0x22, MapPrivateAnonymousMac = 0x1002;
    private const uint MemCommitReserve = 0x3000, MemRelease = 0x8000, PageExecuteReadWrite = 0x40;

    private readonly int size;
    private int start;

    private CodeMemory(byte* memory, int size)
    {
        Base = memory;
        this.size = size;
    }

    /// <summary>First byte.</summary>
    public byte* Base { get; }

    /// <summary>Bytes handed out.</summary>
    public int Used { get; private set; }

    /// <summary>Bytes left.</summary>
    public int Free => size - Used;

    /// <summary>Where the next code goes.</summary>
    public byte* Next => Base + Used;

    /// <summary>Maps memory.</summary>
    /// <returns>Null when the host does not let a program make code (a hardened kernel).</returns>
    public static CodeMemory? TryMap(int bytes)
    {
        // SAFETY: owned by the object, freed in Dispose; writers check against Free before they write.
        if (OperatingSystem.IsWindows())
        {
            nint at = VirtualAlloc(0, (nuint)bytes, MemCommitReserve, PageExecuteReadWrite);
            return at == 0 ? null : new CodeMemory((byte*)at, bytes);
        }
        nint mapped = Map(0, (nuint)bytes, ProtReadWriteExecute, OperatingSystem.IsMacOS() ? MapPrivateAnonymousMac : MapPrivateAnonymousLinux, -1, 0);
        return mapped == -1 ? null : new CodeMemory((byte*)mapped, bytes);
    }

    /// <summary>Keeps what was written so far for good: stubs.</summary>
    public void KeepRest() => start = Used;

    /// <summary>Hands out what was written at <see cref="Next"/>.</summary>
    public void Take(int bytes) => Used += (bytes + 15) & ~15;

    /// <summary>Forgets everything but the stubs.</summary>
    public void Reset() => Used = start;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (OperatingSystem.IsWindows())
        {
            VirtualFree((nint)Base, 0, MemRelease);
        }
        else
        {
            Unmap((nint)Base, (nuint)size);
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, long offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("kernel32")]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32")]
    private static partial int VirtualFree(nint address, nuint size, uint type);
}
