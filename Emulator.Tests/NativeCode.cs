using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Emulator.Tests;

/// <summary>
/// Machine code of the host, run as a function of one pointer (System V calling convention: the pointer arrives in RDI, and RBX RBP
/// R12-R15 must come back unchanged). Linux on x86-64 only; tests use <see cref="NativeFactAttribute"/>.
/// </summary>
// SAFETY: the page is mapped and owned by this object, writable only until the code is in it; the caller answers for what the code does.
public sealed unsafe partial class NativeCode : IDisposable
{
    private const int ProtRead = 1, ProtWrite = 2, ProtExec = 4, MapPrivate = 2, MapAnonymous = 0x20;

    private readonly nuint size;
    private nint page;

    /// <summary>Copies the code, which ends in RET, to a page of its own.</summary>
    /// <exception cref="Win32Exception">The host refuses executable memory.</exception>
    public NativeCode(ReadOnlySpan<byte> code)
    {
        size = ((nuint)code.Length + 4095) & ~(nuint)4095;
        page = Map(0, size, ProtRead | ProtWrite, MapPrivate | MapAnonymous, -1, 0);
        if (page == -1)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
        code.CopyTo(new Span<byte>((void*)page, code.Length));
        if (Protect(page, size, ProtRead | ProtExec) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>True where the code can run.</summary>
    public static bool IsSupported => OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;

    /// <summary>True on an Intel processor, whose undefined results the P6 rules follow.</summary>
    public static bool IsIntel => X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x756E_6547; // "Genu"

    /// <summary>Where the code lies.</summary>
    public nint Address => page;

    /// <summary>Calls the code. It must be short: the garbage collector waits for it.</summary>
    public void Run(void* block)
    {
        ObjectDisposedException.ThrowIf(page == 0, this);
        ((delegate* unmanaged[SuppressGCTransition]<void*, void>)page)(block);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (page != 0)
        {
            Unmap(page, size);
            page = 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "mprotect", SetLastError = true)]
    private static partial int Protect(nint address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
