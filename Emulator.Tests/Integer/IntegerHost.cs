using System.ComponentModel;
using System.Runtime.InteropServices;
using Emulator.BT.Translator.X64;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Emulator.Tests.Integer;

/// <summary>
/// Runs 32-bit user code on the host's processor: the 64-bit process goes to its 32-bit code segment by a far return and back by a far
/// jump. Exceptions of the program end it (SIGFPE, SIGSEGV, SIGTRAP, SIGILL from its page). Linux on x86-64, one at a time.
/// </summary>
// SAFETY: all memory is the window, mapped at its fixed address and owned by this object; programs reach nothing else.
internal sealed unsafe partial class IntegerHost : IDisposable
{
    private const int ProtAll = 7, MapPrivate = 2, MapAnonymous = 0x20, MapFixedNoReplace = 0x10_0000;
    private const int ModifyLdt = 154, WriteLdt = 1;
    private const int BlockSignals = 0, SetMask = 2;
    private const ulong Asynchronous = ~(1ul << 3 | 1ul << 4 | 1ul << 6 | 1ul << 7 | 1ul << 10);

    private static readonly int[] Signals = [4, 5, 8, 11];

    private readonly List<SignalHandler> handlers = [];
    private readonly NativeBlock* block = (NativeBlock*)Window.Block;

    public IntegerHost()
    {
        nint at = Map((nint)Window.Base, Window.Size, ProtAll, MapPrivate | MapAnonymous | MapFixedNoReplace, -1, 0);
        if (at != (nint)Window.Base)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"no memory at {Window.Base:x}");
        }
        Write(Window.Enter, 64, EnterStub);
        Write(Window.Leave, 64, LeaveStub);
        Write(Window.Start32, 32, StartStub);
        Write(Window.Finish32, 32, FinishStub);
        // struct user_desc: entry, base, limit, flags (seg_32bit, contents, useable).
        SetSegment([0, Window.LocalBase, 0xFFFF, 1 | 1 << 6]);
        SetSegment([1, Window.Code, Window.CodeSize - 1, 2 << 1 | 1 << 6]);
        // Translated code's handler of page faults comes once and stays: it must be there before these, which take themselves away again.
        if (HostFaults.IsSupported && HostFaults.TryWatch(1, 1, 0))
        {
            HostFaults.Forget(1);
        }
        uint handler = Window.Handlers;
        foreach (int signal in Signals)
        {
            handlers.Add(new SignalHandler(signal, (nint)handler));
            ulong old = handlers[^1].Old;
            Write(handler, 64, c => HandlerStub(c, old));
            handler += 0x80;
        }
    }

    /// <summary>True where the host can run 32-bit code of ours in segments of ours: some kernels and hypervisors take the segments but do not have them.</summary>
    public static bool IsSupported { get; } = NativeCode.IsSupported && HasSegment(Window.CodeSelector) && HasSegment(Window.LocalSelector);

    /// <summary>True where FS and GS, which are the runtime's, can be saved and put back without the kernel (HWCAP2_FSGSBASE).</summary>
    public static bool HasFsGs { get; } = (AuxiliaryValue(26) & 2) != 0;

    /// <summary>The data and stack that programs see.</summary>
    public static Span<byte> Data => new((void*)Window.Data, (int)Window.DataSize);

    /// <summary>Puts a program in its page; it ends by a jump to <see cref="Window.Finish32"/>.</summary>
    public static void SetCode(ReadOnlySpan<byte> code) => code.CopyTo(new Span<byte>((void*)Window.Code, (int)Window.CodeSize));

    /// <summary>Runs the program.</summary>
    public Outcome Run(ReadOnlySpan<uint> registers, uint flags, bool local, int bits)
    {
        registers.CopyTo(new Span<uint>(block->In, 8));
        block->FlagsIn = flags;
        block->DataSelector = local ? Window.LocalSelector : Window.DataSelector;
        (block->Target, block->TargetSelector) = bits == 16 ? (0, Window.Code16Selector) : (Window.Code, Window.CodeSelector);
        block->Vector = Outcome.NoException;
        // A signal's frame would land on the program's stack.
        ulong mask = Asynchronous, old = 0;
        SignalMask(BlockSignals, &mask, &old);
        ((delegate* unmanaged[SuppressGCTransition]<void>)Window.Enter)();
        SignalMask(SetMask, &old, null);
        var outcome = new Outcome { Flags = block->FlagsOut, Vector = block->Vector, Eip = block->FaultEip };
        new Span<uint>(block->Out, 8).CopyTo(new Span<uint>(outcome.Registers, 8));
        return outcome;
    }

    public void Dispose()
    {
        handlers.ForEach(h => h.Dispose());
        Unmap((nint)Window.Base, Window.Size);
    }

    private static AssemblerMemoryOperand Dword(int at) => __dword_ptr.ss[Window.Block + (uint)at];

    private static void EnterStub(Assembler c)
    {
        c.push(rbx);
        c.push(rbp);
        c.push(r12);
        c.push(r13);
        c.push(r14);
        c.push(r15);
        c.mov(eax, Window.Block);
        c.mov(__qword_ptr[rax + NativeBlock.HostStackAt], rsp);
        c.mov(ecx, __dword_ptr[rax + NativeBlock.SelectorAt]);
        if (HasFsGs)
        {
            c.rdfsbase(rdx);
            c.mov(__qword_ptr[rax + NativeBlock.HostFsAt], rdx);
            c.rdgsbase(rdx);
            c.mov(__qword_ptr[rax + NativeBlock.HostGsAt], rdx);
            c.mov(fs, ecx);
            c.mov(gs, ecx);
        }
        c.mov(ds, ecx);
        c.mov(es, ecx);
        c.mov(esp, Window.HostStack);
        c.push(Window.CodeSelector);
        c.push((int)Window.Start32);
        // A far return of 64 bits.
        c.db(0x48, 0xCB);
    }

    private static void StartStub(Assembler c)
    {
        c.push(Dword(NativeBlock.FlagsInAt));
        c.popfd();
        for (int n = 7; n >= 0; n--)
        {
            c.mov(new AssemblerRegister32(Register.EAX + n), Dword(NativeBlock.InAt + (n * 4)));
        }
        c.jmp(__fword_ptr.ss[Window.Block + NativeBlock.TargetAt]);
    }

    private static void FinishStub(Assembler c)
    {
        for (int n = 0; n < 8; n++)
        {
            c.mov(Dword(NativeBlock.OutAt + (n * 4)), new AssemblerRegister32(Register.EAX + n));
        }
        c.mov(esp, Window.HostStack);
        c.pushfd();
        c.pop(Dword(NativeBlock.FlagsOutAt));
        c.push(0x202);
        c.popfd();
        c.jmp(0x33, Window.Leave);
    }

    private static void LeaveStub(Assembler c)
    {
        c.xor(ecx, ecx);
        c.mov(ds, ecx);
        c.mov(es, ecx);
        c.mov(eax, Window.Block);
        if (HasFsGs)
        {
            c.mov(fs, ecx);
            c.mov(gs, ecx);
            c.mov(rdx, __qword_ptr[rax + NativeBlock.HostFsAt]);
            c.wrfsbase(rdx);
            c.mov(rdx, __qword_ptr[rax + NativeBlock.HostGsAt]);
            c.wrgsbase(rdx);
        }
        c.mov(rsp, __qword_ptr[rax + NativeBlock.HostStackAt]);
        c.pop(r15);
        c.pop(r14);
        c.pop(r13);
        c.pop(r12);
        c.pop(rbp);
        c.pop(rbx);
        c.ret();
    }

    // Notes vector and EIP of an exception in the program's page and goes on at its end; anything else is the runtime's.
    private static void HandlerStub(Assembler c, ulong old)
    {
        const int SavedRip = 0xA8, SavedCs = 0xB8, TrapNumber = 0xC8;
        Label other = c.CreateLabel(), ours = c.CreateLabel();
        c.mov(rax, __qword_ptr[rdx + SavedRip]);
        c.cmp(__word_ptr[rdx + SavedCs], Window.Code16Selector);
        c.je(ours);
        c.mov(ecx, Window.Code);
        c.sub(rax, rcx);
        c.cmp(rax, (int)Window.CodeSize);
        c.jae(other);
        c.add(rax, rcx);
        c.Label(ref ours);
        c.mov(r8d, Window.Block);
        c.mov(__dword_ptr[r8 + NativeBlock.FaultEipAt], eax);
        c.mov(eax, __dword_ptr[rdx + TrapNumber]);
        c.mov(__dword_ptr[r8 + NativeBlock.VectorAt], eax);
        c.mov(eax, Window.Finish32);
        c.mov(__qword_ptr[rdx + SavedRip], rax);
        c.mov(__word_ptr[rdx + SavedCs], Window.CodeSelector);
        c.ret();
        c.Label(ref other);
        c.mov(rax, old);
        c.jmp(rax);
    }

    private static void Write(uint address, int bits, Action<Assembler> make)
    {
        var assembler = new Assembler(bits);
        make(assembler);
        var bytes = new ByteSink();
        assembler.Assemble(bytes, address);
        bytes.Bytes.CopyTo(new Span<byte>((void*)address, bytes.Bytes.Count));
    }

    // By LAR, after the segment was asked for.
    private static bool HasSegment(ushort selector)
    {
        uint* words = stackalloc uint[] { 0, Window.LocalBase, 0xFFFF, 1 | 1 << 6 };
        if (SystemCall(ModifyLdt, WriteLdt, words, 16) != 0)
        {
            return false;
        }
        // LAR EAX, [RDI]; SETZ [RDI + 4]; RET
        using var code = new NativeCode([0x0F, 0x02, 0x07, 0x0F, 0x94, 0x47, 0x04, 0xC3]);
        uint* block = stackalloc uint[] { selector, 0 };
        code.Run(block);
        return block[1] != 0;
    }

    private static void SetSegment(ReadOnlySpan<uint> description)
    {
        fixed (uint* words = description)
        {
            if (SystemCall(ModifyLdt, WriteLdt, words, 16) != 0)
            {
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "the host refuses a segment of ours");
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "getauxval")]
    private static partial nint AuxiliaryValue(nint type);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint function, void* argument, nint bytes);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, ulong* set, ulong* old);
}
