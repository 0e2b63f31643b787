using System.Runtime.InteropServices;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.X64;

/// <summary>
/// Host page mapping needs the host's page faults: a SIGSEGV in translated code is noted in the state and goes on at a stub; every other goes to
/// the runtime's own handler, which makes exceptions of them. One handler for the process, in machine code, since no managed code may run
/// there. Linux on x86-64.
/// </summary>
internal static unsafe partial class HostFaults
{
    private const int SigSegv = 11, ActionBytes = 152, MostRanges = 64, CodeBytes = 4096;

    // Offsets in ucontext_t: gregs start at 40, eight bytes each.
    private const int R8 = 40, R9 = 48, R10 = 56, R14 = 88, Rip = 168, Rflags = 176, ErrorCode = 192, TrapNumber = 200, Cr2 = 216;

    // AT_HWCAP2, bit 1: the kernel lets programs use RDGSBASE and WRGSBASE.
    private const int HardwareCapabilities2 = 26;
    private const ulong FsGsBase = 2;

    private static readonly Lock Gate = new();

    // Start, end and stub of each piece of code memory; a start of 0 ends the table.
    private static nint* ranges;

    /// <summary>True on a host that can have it: it lets a program set the base of GS.</summary>
    public static bool IsSupported =>
        OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64 && (AuxiliaryValue(HardwareCapabilities2) & FsGsBase) != 0;

    /// <summary>Has faults between two addresses go on at a stub.</summary>
    /// <returns>False when the host refuses, or there are too many already.</returns>
    public static bool TryWatch(nint start, nint end, nint stub)
    {
        lock (Gate)
        {
            if (ranges == null && !TryInstall())
            {
                return false;
            }
            for (int n = 0; n < MostRanges; n++)
            {
                if (ranges[3 * n] == 0 || ranges[(3 * n) + 1] == 0)
                {
                    // The end last: until then nothing is in it.
                    (ranges[(3 * n) + 2], ranges[3 * n]) = (stub, start);
                    Volatile.Write(ref ranges[(3 * n) + 1], end);
                    return true;
                }
            }
            return false;
        }
    }

    /// <summary>The code memory is going away.</summary>
    public static void Forget(nint start)
    {
        lock (Gate)
        {
            for (int n = 0; ranges != null && n < MostRanges; n++)
            {
                if (ranges[3 * n] == start)
                {
                    Volatile.Write(ref ranges[(3 * n) + 1], 0);
                }
            }
        }
    }

    private static bool TryInstall()
    {
        CodeMemory? memory = CodeMemory.TryMap(CodeBytes, parts: 1);
        byte* action = stackalloc byte[ActionBytes];
        if (memory == null || SetAction(SigSegv, null, action) != 0 || *(nint*)action is 0 or 1)
        {
            memory?.Dispose();
            return false;
        }
        // SAFETY: both stay for the life of the process, as the handler does. One entry more than is used ends the table.
        ranges = (nint*)NativeMemory.AllocZeroed((3 * MostRanges) + 3, (nuint)sizeof(nint));
        EmitHandler(memory, *(nint*)action);
        memory.Close();
        *(nint*)action = (nint)memory.Base;
        return SetAction(SigSegv, action, null) == 0;
    }

    // handler(signal: RDI, siginfo: RSI, ucontext: RDX), on the signal stack.
    private static void EmitHandler(CodeMemory memory, nint next)
    {
        const int context = HostRegister.Rdx, range = HostRegister.Rcx, value = HostRegister.Rax, state = 8;
        var code = new X64Writer();
        code.Begin(memory);
        int loop = code.NewLabel(), other = code.NewLabel(), notOurs = code.NewLabel();
        code.Load(value, context, Rip, wide: true);
        code.MovePointer(range, (nint)ranges);
        code.Bind(loop);
        code.MemImm(7, range, 0, 0, wide: true);
        code.JumpIf(4, notOurs);
        code.RegMem(0x3B, value, range, 0, wide: true);
        code.JumpIf(2, other);
        code.RegMem(0x3B, value, range, 8, wide: true);
        code.JumpIf(3, other);
        code.Load(state, context, R14, wide: true);
        foreach ((int from, int to) in ((int, int)[])
            [(Rip, HostOffsets.FaultRip), (Rflags, HostOffsets.FaultRflags), (R8, HostOffsets.FaultR8), (R9, HostOffsets.FaultR9), (R10, HostOffsets.FaultR10),
            (ErrorCode, HostOffsets.FaultErrorCode), (TrapNumber, HostOffsets.FaultVector), (Cr2, HostOffsets.FaultAddress)])
        {
            code.Load(value, context, from, wide: true);
            code.Store(state, to, value, wide: true);
        }
        code.Load(value, range, 16, wide: true);
        code.Store(context, Rip, value, wide: true);
        code.Byte(0xC3);
        code.Bind(other);
        code.RegImm(0, range, 24, wide: true);
        code.Jump(loop);
        code.Bind(notOurs);
        code.MovePointer(value, next);
        code.RegReg(0xFF, 4, value);
        code.Finish();
    }

    [LibraryImport("libc", EntryPoint = "sigaction")]
    private static partial int SetAction(int signal, byte* action, byte* old);

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial ulong AuxiliaryValue(ulong type);
}
