using System.ComponentModel;
using System.Runtime.InteropServices;
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
        SetLocalSegment();
        uint handler = Window.Handlers;
        foreach (int signal in Signals)
        {
            handlers.Add(new SignalHandler(signal, (nint)handler));
            ulong old = handlers[^1].Old;
            Write(handler, 64, c => HandlerStub(c, old));
            handler += 0x80;
        }
    }

    /// <summary>The data and stack that programs see.</summary>
    public static Span<byte> Data => new((void*)Window.Data, (int)Window.DataSize);

    /// <summary>Puts a program in its page; it ends by a jump to <see cref="Window.Finish32"/>.</summary>
    public static void SetCode(ReadOnlySpan<byte> code) => code.CopyTo(new Span<byte>((void*)Window.Code, (int)Window.CodeSize));

    /// <summary>Runs the program.</summary>
    public Outcome Run(ReadOnlySpan<uint> registers, uint flags, bool local)
    {
        registers.CopyTo(new Span<uint>(block->In, 8));
        block->FlagsIn = flags;
        block->DataSelector = local ? Window.LocalSelector : Window.DataSelector;
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
        c.jmp(Window.Code);
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
        const int SavedRip = 0xA8, TrapNumber = 0xC8;
        Label other = c.CreateLabel();
        c.mov(rax, __qword_ptr[rdx + SavedRip]);
        c.mov(ecx, Window.Code);
        c.sub(rax, rcx);
        c.cmp(rax, (int)Window.CodeSize);
        c.jae(other);
        c.add(rax, rcx);
        c.mov(r8d, Window.Block);
        c.mov(__dword_ptr[r8 + NativeBlock.FaultEipAt], eax);
        c.mov(eax, __dword_ptr[rdx + TrapNumber]);
        c.mov(__dword_ptr[r8 + NativeBlock.VectorAt], eax);
        c.mov(eax, Window.Finish32);
        c.mov(__qword_ptr[rdx + SavedRip], rax);
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

    private static void SetLocalSegment()
    {
        // struct user_desc: entry, base, limit, flags (seg_32bit, useable).
        uint* description = stackalloc uint[] { 0, Window.LocalBase, 0xFFFF, 1 | 1 << 6 };
        if (SystemCall(ModifyLdt, WriteLdt, description, 16) != 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "the host refuses a segment of ours");
        }
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint SystemCall(nint number, nint function, void* argument, nint bytes);

    [LibraryImport("libc", EntryPoint = "pthread_sigmask")]
    private static partial int SignalMask(int how, ulong* set, ulong* old);
}
