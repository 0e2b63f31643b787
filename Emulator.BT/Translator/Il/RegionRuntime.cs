using BitOperations = System.Numerics.BitOperations;
using System.Runtime.CompilerServices;
using Emulator.BT.Interpreter;
using Emulator.BT.Translator.Regions;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// What translated code calls: the slow paths of memory accesses, exits, and operations that IL has no opcode for. What is seldom
/// called is never inlined: RyuJIT's time for the cold code would be many times that for the region itself.
/// </summary>
internal static unsafe class RegionRuntime
{
    /// <summary>In the access argument of <see cref="Resolve"/>: the operand is written. Bits 0-3 are the segment, 4-7 the size in bytes.</summary>
    public const int Write = 0x100;

    /// <summary>
    /// Host address of an operand that the shadow tables don't know yet, or 0 where the interpreter has to do the instruction.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static nint Resolve(CpuState* cpu, int access, ulong address) =>
        (nint)SlowAccess.Resolve(cpu, access & 15, address, (access >> 4) & 15, (access & Write) != 0);

    /// <summary>Address of <see cref="Unlinked"/>, for slots.</summary>
    public static nint UnlinkedCode => (nint)(delegate*<CpuState*, Slot*, int>)&Unlinked;

    /// <summary>Where a slot leads that is not linked: back to the dispatcher, which may link it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Unlinked(CpuState* cpu, Slot* slot)
    {
        cpu->Rip = (uint)((long)slot->Rip + cpu->CodeSlide);
        cpu->PendingSlot = (nint)slot;
        return (int)RegionExit.Unlinked;
    }

    /// <summary>True when the state is still what the region was compiled for.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool KeyHolds(CpuState* cpu, int key) => RegionKey.Of(cpu) == key;

    /// <summary>After an instruction inside the region, with everything else in the state: goes to the dispatcher.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int LeaveAfter(CpuState* cpu, ulong rip, int notRun)
    {
        cpu->Rip = rip;
        cpu->Budget += notRun;
        return (int)RegionExit.Left;
    }

    /// <summary>After a helper ended the block: by a transfer, or by a fault, whose instruction then did not run.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int AfterHelper(CpuState* cpu, ulong rip, int notRun)
    {
        if (cpu->FaultVector >= 0)
        {
            cpu->Rip = rip;
            cpu->Budget += notRun;
        }
        return (int)RegionExit.Ended;
    }

    /// <summary>True when a string instruction is done, so that the region can go on behind it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool StringDone(CpuState* cpu, ulong next, int* dead) =>
        cpu->FaultVector < 0 && cpu->Rip == next && *dead == 0 && cpu->AttentionFlags == 0 && cpu->Budget > 0;

    /// <summary>Records #GP(0): a transfer beyond the limit of CS.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void FaultGeneralProtection(CpuState* cpu)
    {
        cpu->FaultVector = Vector.GP;
        cpu->FaultErrorCode = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetCarry(CpuState* cpu, ulong carry) => new ConcreteOps(cpu, null).SetCarry(carry);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void FlagsCarryOverflow(CpuState* cpu, ulong carry, ulong overflow) =>
        new ConcreteOps(cpu, null).FlagsCarryOverflow(carry, overflow);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static ulong LowFlags(CpuState* cpu) => new ConcreteOps(cpu, null).LowFlags();

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void SetLowFlags(CpuState* cpu, ulong flags) => new ConcreteOps(cpu, null).SetLowFlags(flags);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SetDirection(CpuState* cpu, bool down) => new ConcreteOps(cpu, null).SetDirection(down);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Condition(CpuState* cpu, int code) => Flags.Condition(cpu, code);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MulHigh(ulong a, ulong b) => Math.BigMul(a, b, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong MulHighSigned(ulong a, ulong b) => (ulong)Math.BigMul((long)a, (long)b, out _);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong LowestBit(ulong a) => (ulong)BitOperations.TrailingZeroCount(a);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong HighestBit(ulong a) => (ulong)BitOperations.Log2(a);

    /// <summary>1 when the low byte has an even number of ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int EvenParity(ulong a) => ~BitOperations.PopCount(a & 0xFF) & 1;
}
