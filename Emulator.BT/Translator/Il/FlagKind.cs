using System.Runtime.CompilerServices;
using Emulator.BT.Semantics;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator.Il;

/// <summary>
/// A pending setter as a number, for the flags' record: 0 is "in the state", else 1 + 4 * operation + log2 of the width in bytes.
/// INC and DEC, which leave CF, come last.
/// </summary>
internal static unsafe class FlagKind
{
    /// <summary>First kind that leaves CF.</summary>
    public const int FirstWithoutCarry = 1 + (4 * 4);

    /// <summary>Kind of a CF that is given as a number, 0 or 1.</summary>
    public const int Bool = 64;

    /// <summary>The kind of a setter.</summary>
    public static int Of(IrOp op, int width) => 1 + (4 * Operation(op)) + System.Numerics.BitOperations.Log2((uint)width / 8);

    /// <summary>Brings the flags of a record into the state.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void ApplyRecord(
        CpuState* cpu, int kind, int carryKind, ulong a, ulong b, ulong c, ulong carryA, ulong carryB, ulong carryC, int hasOverflow, ulong overflow)
    {
        if (carryKind != Bool)
        {
            Apply(cpu, carryKind, carryA, carryB, carryC);
        }
        Apply(cpu, kind, a, b, c);
        if (carryKind == Bool)
        {
            RegionRuntime.SetCarry(cpu, carryA);
        }
        if (hasOverflow != 0)
        {
            RegionRuntime.FlagsCarryOverflow(cpu, cpu->FlagsAux >> 63, overflow);
        }
    }

    private static int Operation(IrOp op) => op switch
    {
        IrOp.FlagsAdd => 0,
        IrOp.FlagsSub => 1,
        IrOp.FlagsLogic => 2,
        IrOp.FlagsResult => 3,
        IrOp.FlagsInc => 4,
        _ => 5,
    };

    private static void Apply(CpuState* cpu, int kind, ulong a, ulong b, ulong c)
    {
        if (kind == 0)
        {
            return;
        }
        switch ((kind - 1) & 3)
        {
            case 0: Apply<W8>(cpu, (kind - 1) >> 2, a, b, c); break;
            case 1: Apply<W16>(cpu, (kind - 1) >> 2, a, b, c); break;
            case 2: Apply<W32>(cpu, (kind - 1) >> 2, a, b, c); break;
            default: Apply<W64>(cpu, (kind - 1) >> 2, a, b, c); break;
        }
    }

    private static void Apply<W>(CpuState* cpu, int operation, ulong a, ulong b, ulong c)
        where W : struct, IWidth
    {
        switch (operation)
        {
            case 0: LazyFlags.Add<W>(cpu, a, b, c); break;
            case 1: LazyFlags.Sub<W>(cpu, a, b, c); break;
            case 2: LazyFlags.Logic<W>(cpu, a); break;
            case 3: LazyFlags.Result<W>(cpu, a, b, c); break;
            case 4: LazyFlags.Inc<W>(cpu, a); break;
            default: LazyFlags.Dec<W>(cpu, a); break;
        }
    }
}
