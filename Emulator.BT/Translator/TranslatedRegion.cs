using System.Runtime.InteropServices;
using Emulator.BT.Decode;
using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;

namespace Emulator.BT.Translator;

/// <summary>Translated code with the decoded instructions that it refers to. Dispose it only when it does not run.</summary>
public sealed unsafe class TranslatedRegion : IDisposable
{
    private Insn* insns;

    internal TranslatedRegion(CompiledRegion code, Insn* insns)
    {
        Compiled = code;
        this.insns = insns;
    }

    /// <summary>The code and its size.</summary>
    public CompiledRegion Compiled { get; }

    /// <summary>
    /// Runs it as the dispatcher runs a block: RIP is the block's start. A region that loops goes round while the budget lasts
    /// and nothing wants attention.
    /// </summary>
    public RegionExit Run(CpuState* cpu)
    {
        cpu->BlockRip = cpu->Rip;
        return Compiled.Code(cpu);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(insns);
        insns = null;
    }
}
