using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Emulator.Core.Cpu;

/// <summary>A register of a table in memory: GDTR, IDTR.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct TableRegister
{
    /// <summary>Linear address of the table.</summary>
    public ulong Base;

    /// <summary>Offset of the table's last byte.</summary>
    public uint Limit;
}

/// <summary>The six segment registers, indexed by <see cref="Seg"/>.</summary>
[InlineArray(6)]
public struct SegmentRegisters
{
    private SegmentRegister es;
}

/// <summary>DR0-DR7.</summary>
[InlineArray(8)]
public struct DebugRegisters
{
    private ulong dr0;
}

/// <summary>XMM0-XMM15; 32-bit code reaches the first eight.</summary>
[InlineArray(16)]
public struct XmmRegisters
{
    private Vector128<byte> xmm0;
}

/// <summary>
/// Everything that one virtual processor is, in unmanaged memory so that handlers and translated code reach it by pointer.
/// Executes nothing. The first 256 bytes hold what instructions name by byte offset (<see cref="GprOffset"/>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CpuState
{
    /// <summary>RAX RCX RDX RBX RSP RBP RSI RDI R8-R15.</summary>
    public fixed ulong Gpr[16];

    /// <summary>Always 0: where an absent base or index register points.</summary>
    public ulong Zero;

    /// <summary>Offset of the next instruction in CS. Exact at block boundaries; inside a block see <see cref="BlockRip"/>.</summary>
    public ulong Rip;

    /// <summary>Lazy flags: last result, sign-extended to 64 bits. ZF = (it is 0), SF = its sign, PF = parity of its low byte.</summary>
    public ulong FlagsResult;

    /// <summary>
    /// Lazy flags: bit 63 CF, bit 63 xor bit 62 OF, bit 3 AF; bit 0 inverts PF and bit 1 inverts SF, for flag images that no
    /// result can stand for (POPF, SAHF).
    /// </summary>
    public ulong FlagsAux;

    /// <summary>EFLAGS without the arithmetic flags (which are 0 here); bit 1 is 1.</summary>
    public ulong FlagsOther;

    /// <summary>Shadow page table for reads at the present privilege: host address minus linear address by page, 0 = slow path.</summary>
    public nint* ReadTable;

    /// <summary>The same for writes. A page without a dirty bit, with code or with a watchpoint has 0 here.</summary>
    public nint* WriteTable;

    /// <summary>The same for pages that may be written once the write is noted: they hold code, or one of the guest's page tables that is traced.</summary>
    public nint* TracedTable;

    /// <summary>RIP of the first instruction of the block that runs.</summary>
    public ulong BlockRip;

    /// <summary>Instructions left in this slice; a block takes its whole count when it is entered.</summary>
    public long Budget;

    /// <summary>
    /// Always 0. With <see cref="AttentionFlags"/> as its upper half one comparison tells whether translated code may go on: the
    /// budget is greater than both.
    /// </summary>
    public uint AttentionLow;

    /// <summary>
    /// Not 0 when the dispatcher must look at something before the next block: see <see cref="Attention"/>. Other threads raise some of them: changed by
    /// <see cref="RaiseAttention"/> and <see cref="ClearAttention"/> only.
    /// </summary>
    public int AttentionFlags;

    /// <summary>Exception recorded by the instruction that returned false; -1 when it left for another reason.</summary>
    public int FaultVector;

    /// <summary>Error code of the recorded exception.</summary>
    public uint FaultErrorCode;

    /// <summary>The arithmetic flags while host code of the x86-64 back end runs: OF in bit 0, LAHF's byte in bits 8-15.</summary>
    public uint FlagsImage;

    /// <summary>An operand from which host code of the x86-64 back end can make flags again.</summary>
    public uint FlagsStash;

    /// <summary>
    /// Of the translated code that runs: where its instructions lie in linear memory, minus where they lay when it was made. Flat code is found by the bytes of
    /// its pages, wherever they are mapped.
    /// </summary>
    public long CodeSlide;

    /// <summary>Eight times the number of the entry of <see cref="ReturnStack"/> that was pushed last; the low byte counts.</summary>
    public uint ReturnTop;

    /// <summary>True from the delivery of an NMI to the next IRET: another one waits (SDM Vol. 3A, 6.7.1).</summary>
    public bool NmiBlocked;

    /// <summary>The one NMI that waits for the IRET.</summary>
    public bool NmiLatched;

    /// <summary>Register files of the guest that are in the host's registers now (x86-64 back end): 1 XMM and MXCSR, 2 x87.</summary>
    public uint LiveUnits;

    /// <summary>Those that may be: no exception unmasked or pending, and CR0 and CR4 let the guest use them.</summary>
    public uint UsableUnits;

    /// <summary>512 aligned bytes in which x87 state goes to the host's registers and back, in FXSAVE's layout.</summary>
    public nint FxImage;

    /// <summary>What host code of the x86-64 back end has no register for, inside one instruction.</summary>
    public fixed ulong HostSpill[4];

    /// <summary>
    /// Host address at which linear address 0 of the present privilege would lie, in a window of 4 GiB that the host's MMU keeps (host page mapping); 0: there is none.
    /// </summary>
    public nint Window;

    /// <summary>Not 0 when the windows hold pages that the shadow tables have lost.</summary>
    public int WindowIsStale;

    /// <summary>Memory as privilege 0 reaches it, whatever the present one (system structures), and as privilege 3 does without alignment checks.</summary>
    public MemoryView SystemView, UserView;

    /// <summary>What SYSENTER and SYSEXIT did last, for host code.</summary>
    public FastCall Sysenter, Sysexit;

    /// <summary>What INT n did last, for host code, and IRET to a program.</summary>
    public GateCalls GateCalls;

    /// <summary>See <see cref="GateCalls"/>.</summary>
    public GateCall OuterReturn;

    /// <summary>The CS to which an IRET of privilege 0 returned without a change: its descriptor.</summary>
    public DescriptorProof InnerReturn;

    /// <summary>Selector and, from bit 16 on, access of that CS; 0: none.</summary>
    public uint InnerReturnSelector;

    /// <summary>Not 0 while INTR is active.</summary>
    public int InterruptLine;

    /// <summary>What loads of data segment registers did last, for host code.</summary>
    public LoadedSegments LoadedSegments;

    /// <summary>A fault that the host took in a window.</summary>
    public HostFault HostFault;

    /// <summary>MXCSR of the host's own code.</summary>
    public uint HostMxcsr;

    /// <summary>Stack address mask of SS: FFFF or FFFFFFFF (64-bit mode: all ones).</summary>
    public ulong StackMask;

    /// <summary>ES CS SS DS FS GS.</summary>
    public SegmentRegisters Segments;

    /// <summary>Local descriptor table.</summary>
    public SegmentRegister Ldtr;

    /// <summary>Task state segment.</summary>
    public SegmentRegister Tr;

    /// <summary>Global descriptor table.</summary>
    public TableRegister Gdtr;

    /// <summary>Interrupt descriptor table.</summary>
    public TableRegister Idtr;

#pragma warning disable CS1591 // the manual's own names
    public ulong Cr0, Cr2, Cr3, Cr4, Efer;

    public DebugRegisters Dr;

    public int Cpl;

    public FpuState Fpu;
#pragma warning restore CS1591

    /// <summary>XMM0-XMM15, aligned to 16 bytes where the state is.</summary>
    public XmmRegisters Xmm;

    /// <summary>SSE control and status (<see cref="Cpu.Mxcsr"/>).</summary>
    public uint Mxcsr;

    /// <summary>TSC = virtual clock in TSC ticks + this.</summary>
    public long TscOffset;

    /// <summary>Handle of the managed virtual processor (BT), for helpers; opaque here.</summary>
    public nint Owner;

    /// <summary>Handle of the managed MMU, for slow paths; opaque here.</summary>
    public nint Mmu;

    /// <summary>Linear address of a read-modify-write that took the slow path, between its read and its write.</summary>
    public ulong ModifyAddress;

    /// <summary>How CS says to decode: <see cref="CodeMode"/>.</summary>
    public int CodeMode;

    /// <summary>The instruction whose slow path runs now (BT's record); for exact time and fault addresses.</summary>
    public nint SlowInsn;

    /// <summary>What translated code takes for granted (BT's number for mode and flat segments); 0 after a segment changed.</summary>
    public int RegionKey;

    /// <summary>Table by which translated code finds the targets of computed transfers (BT's).</summary>
    public nint JumpCache;

    /// <summary>The exit by which translated code left for something that is not linked yet (BT's record).</summary>
    public nint PendingSlot;

    /// <summary>
    /// Where translated code of the x86-64 back end comes back to: for each CALL the RIP that it pushed and the host code there, 0 when that is no more.
    /// A ring of <see cref="ReturnEntries"/>, as a processor's return stack buffer is one: an entry that does not fit costs a look-up, no more.
    /// </summary>
    public fixed ulong ReturnStack[2 * ReturnEntries];

    /// <summary>Entries of <see cref="ReturnStack"/>: what a byte counts in steps of eight.</summary>
    public const int ReturnEntries = 32;

    /// <summary>Translated code has gone: no RET finds it by <see cref="ReturnStack"/> any more.</summary>
    public void ForgetReturns()
    {
        fixed (ulong* entries = ReturnStack)
        {
            new Span<ulong>(entries, 2 * ReturnEntries).Clear();
        }
    }

    /// <summary>Byte offset of general register <paramref name="n"/> from the start of the state.</summary>
    public static byte GprOffset(int n) => (byte)(n * 8);

    /// <summary>Byte offset of <see cref="Zero"/>.</summary>
    public const byte ZeroOffset = 128;

    /// <summary>Host code may no longer do by copying what depends on CR0, MSRs or where the descriptor tables are.</summary>
    public void ForgetCopies()
    {
        Sysenter.IsNoted = 0;
        Sysexit.IsNoted = 0;
        OuterReturn.Call.IsNoted = 0;
        InnerReturnSelector = 0;
        foreach (ref GateCall call in (Span<GateCall>)GateCalls)
        {
            call.Call.IsNoted = 0;
        }
        foreach (ref LoadedSegment segment in (Span<LoadedSegment>)LoadedSegments)
        {
            segment.Tag = 0;
        }
    }

    /// <summary>Sets reasons to leave the block loop. From any thread.</summary>
    public void RaiseAttention(int reasons) => Interlocked.Or(ref AttentionFlags, reasons);

    /// <summary>Takes reasons back; what another thread raises meanwhile stays.</summary>
    public void ClearAttention(int reasons) => Interlocked.And(ref AttentionFlags, ~reasons);

    /// <summary>True in virtual-8086 mode.</summary>
    public readonly bool IsV86 => (FlagsOther & Eflags.VM) != 0;

    /// <summary>True when CR0.PE is set.</summary>
    public readonly bool IsProtected => (Cr0 & Cpu.Cr0.PE) != 0;

    /// <summary>True when segment loads follow the 8086: real mode and V86.</summary>
    public readonly bool UsesRealSegments => !IsProtected || IsV86;

    /// <summary>True when CR0.PG is set.</summary>
    public readonly bool IsPaging => (Cr0 & Cpu.Cr0.PG) != 0;

    /// <summary>Complete EFLAGS image.</summary>
    public readonly uint GetEflags()
    {
        ulong aux = FlagsAux, result = FlagsResult;
        uint flags = (uint)FlagsOther | Eflags.Fixed1;
        flags |= (uint)(aux >> 63);
        flags |= (((uint)System.Numerics.BitOperations.PopCount(result & 0xFF) + 1 + (uint)aux) & 1) << 2;
        flags |= (uint)((aux >> 3) & 1) << 4;
        flags |= (result == 0 ? 1u : 0u) << 6;
        flags |= (uint)((result >> 63) ^ ((aux >> 1) & 1)) << 7;
        flags |= (uint)((aux ^ (aux << 1)) >> 63) << 11;
        return flags;
    }

    /// <summary>Replaces all of EFLAGS; undefined bits are dropped. Callers apply the privilege rules.</summary>
    public void SetEflags(uint value)
    {
        FlagsOther = (value & Eflags.Defined & ~Eflags.Arithmetic) | Eflags.Fixed1;
        SetArithmeticFlags(value);
    }

    /// <summary>Replaces CF PF AF ZF SF OF by those of <paramref name="value"/>.</summary>
    public void SetArithmeticFlags(uint value)
    {
        ulong cf = value & 1, pf = (value >> 2) & 1, af = (value >> 4) & 1, zf = (value >> 6) & 1, sf = (value >> 7) & 1, of = (value >> 11) & 1;
        // Result 0 has even parity, result 1 odd.
        FlagsResult = zf ^ 1;
        FlagsAux = cf << 63 | (cf ^ of) << 62 | af << 3 | sf << 1 | (pf ^ zf);
    }
}

/// <summary>Values of <see cref="CpuState.CodeMode"/>.</summary>
public static class CodeMode
{
    /// <summary>16-bit default operand and address size.</summary>
    public const int Bits16 = 0;

    /// <summary>32-bit default operand and address size.</summary>
    public const int Bits32 = 1;

    /// <summary>64-bit mode.</summary>
    public const int Bits64 = 2;
}

/// <summary>Reasons in <see cref="CpuState.AttentionFlags"/> to leave the block loop.</summary>
public static class Attention
{
    /// <summary>An interrupt may be deliverable.</summary>
    public const int Interrupt = 1;

    /// <summary>STI, MOV SS or POP SS: no interrupt before the next instruction has run.</summary>
    public const int InterruptShadow = 2;

    /// <summary>MOV SS or POP SS: no debug exception either before the next instruction has run. Always with <see cref="InterruptShadow"/>.</summary>
    public const int DebugShadow = 256;

    /// <summary>Single-stepping (TF), debug registers or a debugger: one instruction at a time.</summary>
    public const int SingleStep = 4;

    /// <summary>The machine wants the loop to return.</summary>
    public const int Stop = 8;

    /// <summary>HLT: nothing to run until an interrupt.</summary>
    public const int Halted = 16;

    /// <summary>The processor shut down (triple fault).</summary>
    public const int Shutdown = 32;

    /// <summary>Translated code is ready to be installed.</summary>
    public const int Install = 128;

    /// <summary>A non-maskable interrupt is pending.</summary>
    public const int Nmi = 64;
}
