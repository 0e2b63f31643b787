using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Iced.Intel;

namespace Emulator.BT.Translator;

/// <summary>
/// Makes a region of one block of the interpreter: records each instruction by the semantics that the interpreter runs,
/// or as a call of the helper that both tiers share, and compiles the record.
/// </summary>
public sealed unsafe class BlockTranslator(CpuModel model, PhysicalMemory memory)
{
    private const DecoderOptions Options = DecoderOptions.ForceReservedNop;
    private readonly IrBuilder ir = new();
    private readonly HostCodeReader reader = new();

    /// <summary>The record of the last block, for <c>-d ir</c> and tests.</summary>
    public string Dump() => ir.Dump();

    /// <summary>Translates a live block for the present state of the processor.</summary>
    /// <returns>Null for blocks that only the interpreter runs: dead, uncached or across two pages.</returns>
    public TranslatedRegion? Translate(Block* block, CpuState* cpu)
    {
        if (block->MachineAddress == Block.Dead || block->SecondPage != 0)
        {
            return null;
        }
        // SAFETY: owned by the region, which frees them. Helpers read them at run time, when the block's own may be overwritten.
        var insns = (Insn*)NativeMemory.Alloc((nuint)block->Count, (nuint)sizeof(Insn));
        NativeMemory.Copy(block->First, insns, (nuint)(block->Count * sizeof(Insn)));
        Record(block, insns, cpu->CodeMode);
        RegionShape shape = RegionShape.Of(block, cpu);
        return new TranslatedRegion(IlCompiler.Compile(ir, in shape), insns);
    }

    private void Record(Block* block, Insn* insns, int codeMode)
    {
        ir.Clear();
        var ops = new EmitOps(ir);
        byte* bytes = memory.Host + block->MachineAddress;
        reader.Set(bytes, block->Length);
        Decoder decoder = Decoder.Create(codeMode == CodeMode.Bits32 ? 32 : 16, reader, Options);
        for (int n = 0; n < block->Count; n++)
        {
            Insn* insn = insns + n;
            reader.Set(bytes + insn->Offset, insn->Length);
            ir.Append(IrOp.Instruction, imm: (ulong)n, insn: insn);
            decoder.Decode(out Instruction x);
            Insn scratch = *insn;
            Row row = InsnTable.Find(in x, model, ref scratch);
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
