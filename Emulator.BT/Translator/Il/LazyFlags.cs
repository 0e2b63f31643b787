using System.Runtime.CompilerServices;
using Emulator.BT.Interpreter;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// Brings pending flags into the state, by the interpreter's own formulas. RyuJIT inlines them where a region stays; exits call
/// <see cref="Cold"/>: inlined there they cost RyuJIT half as much again as the region without them.
/// </summary>
internal static unsafe class LazyFlags
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add<W>(CpuState* cpu, ulong a, ulong b, ulong r)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsAdd<W>(a, b, r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sub<W>(CpuState* cpu, ulong a, ulong b, ulong r)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsSub<W>(a, b, r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Logic<W>(CpuState* cpu, ulong r)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsLogic<W>(r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Inc<W>(CpuState* cpu, ulong r)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsInc<W>(r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Dec<W>(CpuState* cpu, ulong r)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsDec<W>(r);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<W>(CpuState* cpu, ulong r, ulong carry, ulong overflow)
        where W : struct, IWidth => new ConcreteOps(cpu, null).FlagsResult<W>(r, carry, overflow);

    /// <summary>The same, called: for exits that are hardly ever taken.</summary>
    public static class Cold
    {
        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Add<W>(CpuState* cpu, ulong a, ulong b, ulong r)
            where W : struct, IWidth => LazyFlags.Add<W>(cpu, a, b, r);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Sub<W>(CpuState* cpu, ulong a, ulong b, ulong r)
            where W : struct, IWidth => LazyFlags.Sub<W>(cpu, a, b, r);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Logic<W>(CpuState* cpu, ulong r)
            where W : struct, IWidth => LazyFlags.Logic<W>(cpu, r);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Inc<W>(CpuState* cpu, ulong r)
            where W : struct, IWidth => LazyFlags.Inc<W>(cpu, r);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Dec<W>(CpuState* cpu, ulong r)
            where W : struct, IWidth => LazyFlags.Dec<W>(cpu, r);

        [MethodImpl(MethodImplOptions.NoInlining)]
        public static void Result<W>(CpuState* cpu, ulong r, ulong carry, ulong overflow)
            where W : struct, IWidth => LazyFlags.Result<W>(cpu, r, carry, overflow);
    }
}
