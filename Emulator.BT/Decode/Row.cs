using Emulator.BT.Interpreter;
using Emulator.BT.Semantics;
using Emulator.BT.Translator;
using Emulator.Core.Cpu;

namespace Emulator.BT.Decode;

/// <summary>What the table says of one instruction form: how each tier runs it, and whether it ends its block.</summary>
/// <param name="interpret">The interpreter's handler.</param>
/// <param name="emit">Records the instruction for the translator; null where the translator calls <paramref name="interpret"/> as a helper.</param>
/// <param name="ends">What the instruction does to its block.</param>
/// <param name="semantics">The semantics behind both; null for a helper.</param>
/// <param name="helper">The helper as the table names it.</param>
public readonly unsafe struct Row(
    delegate*<CpuState*, Insn*, bool> interpret, delegate*<ref EmitOps, Insn*, bool> emit, BlockEnd ends, Type? semantics, string helper)
{
    /// <summary>Name of the semantics or helper, for people.</summary>
    public string Meaning => semantics is null ? helper : NameOf(semantics);

    /// <summary>The interpreter's handler.</summary>
    public delegate*<CpuState*, Insn*, bool> Interpret { get; } = interpret;

    /// <summary>The recorder, or null for a helper.</summary>
    public delegate*<ref EmitOps, Insn*, bool> Emit { get; } = emit;

    /// <summary>What the instruction does to its block.</summary>
    public BlockEnd Ends { get; } = ends;

    /// <summary>A row whose two handlers come from one semantics.</summary>
    public static Row Of<S>(BlockEnd ends = BlockEnd.No)
        where S : struct, ISemantics => new(&Interpret1<S>, &Emit1<S>, ends, typeof(S), "");

    /// <summary>A row of a helper that both tiers call.</summary>
    public static Row Helper(delegate*<CpuState*, Insn*, bool> helper, BlockEnd ends, string name) => new(helper, null, ends, null, name);

    private static string NameOf(Type type) => !type.IsGenericType
        ? type.Name
        : $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>";

    private static bool Interpret1<S>(CpuState* cpu, Insn* i)
        where S : struct, ISemantics
    {
        var ops = new ConcreteOps(cpu, i);
        return S.Run<ConcreteOps, ulong>(ref ops, in *i);
    }

    private static bool Emit1<S>(ref EmitOps ops, Insn* i)
        where S : struct, ISemantics => S.Run<EmitOps, Value>(ref ops, in *i);
}

/// <summary>What an instruction does to its block.</summary>
public enum BlockEnd
{
    /// <summary>The block goes on.</summary>
    No,

    /// <summary>A near transfer: the successors may be linked.</summary>
    Branch,

    /// <summary>Anything after which the world may look different: no links.</summary>
    Hard,
}
