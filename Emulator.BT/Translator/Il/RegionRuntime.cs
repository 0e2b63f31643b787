using BitOperations = System.Numerics.BitOperations;
using System.Runtime.CompilerServices;
using Emulator.BT.Decode;
using Emulator.BT.Interpreter;
using Emulator.Core.Cpu;
using Emulator.Mmu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// What translated code calls: the slow paths of memory accesses, exits, and operations that IL has no opcode for. What is seldom
/// called is never inlined: RyuJIT's time for the cold code would be many times that for the region itself.
/// </summary>
internal static unsafe class RegionRuntime
{
    /// <summary>A guest fault is recorded.</summary>
    public const int Faulted = 0;

    /// <summary>The access is done.</summary>
    public const int Done = 1;

    /// <summary>The access is done and the running block died of it: leave after this instruction.</summary>
    public const int DoneAndDead = 2;

    /// <summary>A load that the shadow tables don't know.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Load(CpuState* cpu, int segment, ulong address, int size, Insn* insn, Block* block, ulong* value)
    {
        cpu->SlowInsn = (nint)insn;
        bool done = SlowAccess.Load(cpu, segment, address, size, out *value);
        return Status(done, block);
    }

    /// <summary>A store that the shadow tables don't know.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Store(CpuState* cpu, int segment, ulong address, int size, Insn* insn, Block* block, ulong value)
    {
        cpu->SlowInsn = (nint)insn;
        return Status(SlowAccess.Store(cpu, segment, address, size, value), block);
    }

    /// <summary>The first half of a read-modify-write that the shadow tables don't know; false: a guest fault is recorded.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool BeginModify(CpuState* cpu, int segment, ulong address, int size, Insn* insn, ulong* value)
    {
        cpu->SlowInsn = (nint)insn;
        return SlowAccess.BeginModify(cpu, segment, address, size, out *value);
    }

    /// <summary>Its second half.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void EndModify(CpuState* cpu, int size, ulong value) => SlowAccess.EndModify(cpu, size, value);

    /// <summary>True when the block's bytes were written since it was decoded.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool IsDead(Block* block) => block->MachineAddress == Block.Dead;

    /// <summary>Runs a helper; 0: the block ends here, 1: go on, 2: go on, but the block died of it.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int Helper(CpuState* cpu, Insn* insn, Block* block) => Status(insn->Handler(cpu, insn), block);

    /// <summary>Puts RIP at an offset from the block's start and gives back the budget of the instructions that did not run.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void LeaveAt(CpuState* cpu, int offset, int notRun)
    {
        cpu->Rip = cpu->BlockRip + (ulong)offset;
        cpu->Budget += notRun;
    }

    /// <summary>After a helper ended the block: by a transfer, or by a fault, whose instruction then did not run.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static RegionExit LeaveAfterHelper(CpuState* cpu, int offset, int notRun)
    {
        if (cpu->FaultVector < 0)
        {
            return RegionExit.Left;
        }
        LeaveAt(cpu, offset, notRun);
        return RegionExit.Fault;
    }

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

    private static int Status(bool done, Block* block) => !done ? Faulted : IsDead(block) ? DoneAndDead : Done;
}
