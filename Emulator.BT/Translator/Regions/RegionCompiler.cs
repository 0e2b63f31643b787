using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.BT.Translator.Il;
using Emulator.BT.Translator.Passes;
using Emulator.Core.Cpu;
using Iced.Intel;

namespace Emulator.BT.Translator.Regions;

/// <summary>
/// Makes host code of a plan: records each instruction by the semantics that the interpreter runs, or as a call of the helper that
/// both tiers share, and compiles the record. One for each thread.
/// </summary>
internal sealed unsafe class RegionCompiler(CpuModel model)
{
    private readonly IrBuilder ir = new();
    private readonly HostCodeReader reader = new();

    /// <summary>The record of a plan as text, for <c>-d ir</c>.</summary>
    public string Describe(RegionPlan plan)
    {
        Record(plan);
        return ir.Dump();
    }

    /// <summary>The record after the passes, and its IL, as text.</summary>
    public (string Folded, string Il) DescribeIl(RegionPlan plan)
    {
        Record(plan);
        FoldPass folded = IlCompiler.Fold(ir.Nodes, plan);
        return (IrBuilder.Dump(folded.Nodes, folded.Removed), string.Join('\n', IlCompiler.List(ir.Nodes, plan)) + "\n");
    }

    /// <summary>Compiles a plan, which stays the caller's.</summary>
    /// <exception cref="RegionLimitException">The region passes RyuJIT's limits.</exception>
    public CompiledRegion Compile(RegionPlan plan)
    {
        Record(plan);
        return IlCompiler.Compile(ir.Nodes, plan);
    }

    private void Record(RegionPlan plan)
    {
        ir.Clear();
        var ops = new EmitOps(ir);
        Decoder decoder = Decoder.Create(RegionKey.CodeMode(plan.Key) == CodeMode.Bits32 ? 32 : 16, reader, InsnDecoder.Options);
        for (int b = 0; b < plan.Blocks.Count; b++)
        {
            PlannedBlock block = plan.Blocks[b];
            ir.Append(IrOp.Block, imm: (ulong)b);
            for (int n = 0; n < block.Count; n++)
            {
                Insn* insn = block.Insns + n;
                reader.Set(block.Bytes + insn->Offset, insn->Length);
                ir.Append(IrOp.Instruction, imm: (ulong)n, insn: insn);
                decoder.Decode(out Instruction x);
                Insn scratch = *insn;
                Row row = x.IsInvalid ? InsnTable.Undefined : InsnTable.Find(in x, model, ref scratch);
                if (row.Emit != null)
                {
                    row.Emit(ref ops, insn);
                }
                else
                {
                    ir.Append(IrOp.Helper, insn: insn);
                }
            }
        }
    }
}
