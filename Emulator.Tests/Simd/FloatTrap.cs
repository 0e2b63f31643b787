using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Emulator.Tests.Simd;

/// <summary>
/// A handler of SIGFPE in machine code, for as long as this object lives: it lets code of ours go on after the instruction that raised
/// it, and passes every other one to the runtime's handler. Linux on x86-64, one at a time.
/// </summary>
// SAFETY: the handler touches only the signal frame and the block that the interrupted code has in RDI.
internal sealed unsafe partial class FloatTrap : IDisposable
{
    private const int Signal = 8;

    // Bytes of struct sigaction; the handler's address comes first.
    private const int ActionBytes = 152;

    // In the third argument of the handler: saved RDI and RIP, and the exception's vector.
    private const int SavedRdi = 0x68, SavedRip = 0xA8, TrapNumber = 0xC8;

    private readonly byte[] old = Current();

    /// <summary>Installs the handler at an address.</summary>
    public FloatTrap(nint handler)
    {
        byte[] action = Current();
        BitConverter.TryWriteBytes(action, handler);
        Set(action);
    }

    /// <summary>The handler's code.</summary>
    /// <param name="codeBytes">Length of the code before it, which it guards.</param>
    /// <param name="resumeAt">Offset in that code where it goes on.</param>
    /// <param name="mark">Offset in the block of a doubleword that becomes the exception's vector.</param>
    public static byte[] Handler(int codeBytes, int resumeAt, int mark)
    {
        byte[] head = [0x48, 0x8B, 0x82, .. Word(SavedRip)]; // mov rax, [rdx+SavedRip]
        head = [.. head, 0x48, 0x8D, 0x0D, .. Word(-(codeBytes + head.Length + 7))]; // lea rcx, [start of the code]
        byte[] resume =
        [
            0x48, 0x8D, 0x81, .. Word(resumeAt), // lea rax, [rcx+resumeAt]
            0x48, 0x89, 0x82, .. Word(SavedRip), // mov [rdx+SavedRip], rax
            0x48, 0x8B, 0x8A, .. Word(SavedRdi), // mov rcx, [rdx+SavedRdi]
            0x8B, 0x82, .. Word(TrapNumber), // mov eax, [rdx+TrapNumber]
            0x89, 0x81, .. Word(mark), // mov [rcx+mark], eax
            0xC3,
        ];
        return
        [
            .. head,
            0x48, 0x29, 0xC8, // sub rax, rcx
            0x48, 0x3D, .. Word(codeBytes), // cmp rax, codeBytes
            0x73, (byte)resume.Length, // jae over
            .. resume,
            0x48, 0xB8, .. Current()[..8], // mov rax, the runtime's handler
            0xFF, 0xE0, // jmp rax
        ];
    }

    public void Dispose() => Set(old);

    private static byte[] Current()
    {
        var action = new byte[ActionBytes];
        fixed (byte* p = action)
        {
            Check(SetAction(Signal, null, p));
        }
        return action;
    }

    private static void Set(byte[] action)
    {
        fixed (byte* p = action)
        {
            Check(SetAction(Signal, p, null));
        }
    }

    private static void Check(int result)
    {
        if (result != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    private static byte[] Word(int value) => BitConverter.GetBytes(value);

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int SetAction(int signal, byte* action, byte* old);
}
