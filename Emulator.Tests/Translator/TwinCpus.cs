using System.Text;
using Emulator.BT.Translator;
using Emulator.BT.Translator.Il;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using Iced.Intel;
using CodeBlock = Emulator.BT.Decode.Block;
using Insn = Emulator.BT.Decode.Insn;
using Decoder = Iced.Intel.Decoder;

namespace Emulator.Tests.Translator;

/// <summary>
/// Two processors with equal state and memory: one interprets a block, the other runs its translation. 128 KiB of RAM each;
/// with paging on, every linear page leads to one of its pages, some of them read-only, supervisor or not present.
/// </summary>
internal sealed unsafe class TwinCpus : IDisposable
{
    public const int RamBytes = 128 << 10, Directory = 0x1000, Tables = 0x2000, FirstData = 0x4000, Code = 0x1C000;

    private readonly byte[] image = new byte[RamBytes];
    private CpuState initial;

    /// <summary>A linear address of the code where paging is on.</summary>
    public uint CodeLinear { get; private set; }

    public TestCpu Interpreter { get; } = new(RamBytes);

    public TestCpu Translated { get; } = new(RamBytes);

    /// <summary>Fills memory and page tables, and puts code at a machine address.</summary>
    public void SetMemory(Random random, ReadOnlySpan<byte> code, int codeAddress)
    {
        random.NextBytes(image);
        Span<uint> words = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(image.AsSpan());
        for (int n = 0; n < 1024; n++)
        {
            words[(Directory / 4) + n] = (uint)(Tables + (n & 1) * 0x1000) | (random.Next(100) == 0 ? 0u : 7u);
        }
        for (int n = 0; n < 2048; n++)
        {
            int page = random.Next(40) == 0 ? codeAddress : random.Next(FirstData, Code);
            uint rights = (random.Next(50) == 0 ? 0u : 1) | (random.Next(40) == 0 ? 0u : 2) | (random.Next(40) == 0 ? 0u : 4);
            CodeLinear = page == codeAddress ? ((uint)n << 12) + ((uint)codeAddress & 0xFFF) : CodeLinear;
            words[(Tables / 4) + n] = ((uint)page & ~0xFFFu) | rights | ((uint)random.Next(4) << 5);
        }
        code.CopyTo(image.AsSpan(codeAddress));
        Interpreter.Vcpu.Cache.Reset();
        Translated.Vcpu.Cache.Reset();
    }

    /// <summary>Gives both processors the memory image and a state that a test makes of a reset one.</summary>
    public void SetState(Random random, Action<Random, TestCpu> make)
    {
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[Interpreter, Translated])
        {
            image.CopyTo(cpu.Memory.Machine(0, RamBytes));
        }
        Interpreter.Vcpu.Reset();
        make(random, Interpreter);
        CpuState* to = Translated.State;
        (nint owner, nint mmu) = (to->Owner, to->Mmu);
        *to = *Interpreter.State;
        (to->Owner, to->Mmu) = (owner, mmu);
        foreach (TestCpu cpu in (ReadOnlySpan<TestCpu>)[Interpreter, Translated])
        {
            cpu.Vcpu.Mmu.SelectPrivilege();
            cpu.Vcpu.Mmu.FlushAll();
        }
        initial = *Interpreter.State;
    }

    /// <summary>The block at a machine address, decoded for the processor's present state.</summary>
    public static CodeBlock* BlockAt(TestCpu cpu, int machineAddress)
    {
        int mode = cpu.State->CodeMode;
        CodeBlock* block = cpu.Vcpu.Cache.Find((ulong)machineAddress, mode);
        return block != null ? block : cpu.Vcpu.Cache.Decode(cpu.State, (ulong)machineAddress, mode);
    }

    /// <summary>Runs both and compares everything.</summary>
    /// <returns>Null, or what differs.</returns>
    public string? Run(CodeBlock* block, CodeBlock* translatedBlock, TranslatedRegion region)
    {
        Interpret(Interpreter.State, block, region.Compiled.Loops, 0);
        RegionExit exit = region.Run(Translated.State);
        if (Translated.State->Budget != Interpreter.State->Budget || (exit == RegionExit.Left && Interpreter.State->FaultVector >= 0))
        {
            exit = GoOn(Translated.State, translatedBlock, region.Compiled.Loops, exit);
        }
        CpuState a = *Interpreter.State, b = *Translated.State;
        bool fault = a.FaultVector >= 0;
        string? difference = exit == (fault ? RegionExit.Fault : RegionExit.Left) ? null : $"exit is {exit}, fault {a.FaultVector}\n";
        Neutralise(ref a);
        Neutralise(ref b);
        if (!new ReadOnlySpan<byte>(&a, sizeof(CpuState)).SequenceEqual(new ReadOnlySpan<byte>(&b, sizeof(CpuState))))
        {
            difference += Describe(in a, in b);
        }
        if ((block->MachineAddress == CodeBlock.Dead) != (translatedBlock->MachineAddress == CodeBlock.Dead))
        {
            difference += "one block is dead, the other is not\n";
        }
        Span<byte> memory = Interpreter.Memory.Machine(0, RamBytes), other = Translated.Memory.Machine(0, RamBytes);
        if (!memory.SequenceEqual(other))
        {
            int at = memory.CommonPrefixLength(other);
            difference += $"memory at {at:x}: interpreted {memory[at]:x2}, translated {other[at]:x2}\n";
        }
        return difference;
    }

    /// <summary>The code of a block as text, with the state that it started from.</summary>
    public string Listing(int codeAddress, int length, bool is32)
    {
        var text = new StringBuilder();
        Decoder decoder = Decoder.Create(is32 ? 32 : 16, image.AsSpan(codeAddress, length).ToArray());
        var formatter = new NasmFormatter();
        while (decoder.IP < (ulong)length)
        {
            decoder.Decode(out Instruction x);
            var output = new StringOutput();
            formatter.Format(x, output);
            text.Append($"+{x.IP:d2}  {output.ToString()}\n");
        }
        text.Append("start: ");
        for (int n = 0; n < 8; n++)
        {
            text.Append($"{initial.Gpr[n]:x8} ");
        }
        return text.Append($"rip {initial.Rip:x} flags {initial.GetEflags():x} budget {initial.Budget} cs limit {initial.Segments[Seg.CS].Limit:x}\n").ToString();
    }

    public void Dispose()
    {
        Interpreter.Dispose();
        Translated.Dispose();
    }

    // As Vcpu runs blocks, without delivering what they record.
    private static void Interpret(CpuState* cpu, CodeBlock* block, bool loops, int first)
    {
        do
        {
            if (first == 0)
            {
                cpu->BlockRip = cpu->Rip;
            }
            cpu->Budget -= block->Count - first;
            Insn* i = block->First + first;
            first = 0;
            while (i->Handler(cpu, i))
            {
                i++;
            }
            if (cpu->FaultVector >= 0)
            {
                cpu->Budget += block->Count - (i - block->First);
                cpu->Rip = cpu->BlockRip + i->Offset;
                return;
            }
        }
        while (loops && cpu->Rip == cpu->BlockRip && block->MachineAddress != CodeBlock.Dead && cpu->AttentionFlags == 0 && cpu->Budget > 0);
    }

    // A helper that loaded a segment may make a region leave in the middle of a live block: the interpreter takes over there.
    private static RegionExit GoOn(CpuState* cpu, CodeBlock* block, bool loops, RegionExit exit)
    {
        for (int n = 1; exit == RegionExit.Left && block->MachineAddress != CodeBlock.Dead && n < block->Count; n++)
        {
            if (cpu->BlockRip + block->First[n].Offset == cpu->Rip)
            {
                Interpret(cpu, block, loops, n);
                return cpu->FaultVector >= 0 ? RegionExit.Fault : RegionExit.Left;
            }
        }
        return exit;
    }

    // What may differ: handles, table pointers, and which copy of an instruction took a slow path.
    private static void Neutralise(ref CpuState s)
    {
        s.Owner = s.Mmu = s.SlowInsn = 0;
        s.ReadTable = s.WriteTable = null;
    }

    private static string Describe(in CpuState a, in CpuState b)
    {
        var text = new StringBuilder();
        for (int n = 0; n < 8; n++)
        {
            Compare(text, $"gpr {n}", a.Gpr[n], b.Gpr[n]);
        }
        Compare(text, "rip", a.Rip, b.Rip);
        Compare(text, "eflags", a.GetEflags(), b.GetEflags());
        Compare(text, "flags result", a.FlagsResult, b.FlagsResult);
        Compare(text, "flags aux", a.FlagsAux, b.FlagsAux);
        Compare(text, "budget", (ulong)a.Budget, (ulong)b.Budget);
        Compare(text, "block rip", a.BlockRip, b.BlockRip);
        Compare(text, "fault", (ulong)a.FaultVector, (ulong)b.FaultVector);
        Compare(text, "error", a.FaultErrorCode, b.FaultErrorCode);
        Compare(text, "cr2", a.Cr2, b.Cr2);
        Compare(text, "attention", (ulong)a.AttentionFlags, (ulong)b.AttentionFlags);
        Compare(text, "modify address", a.ModifyAddress, b.ModifyAddress);
        return text.Length == 0 ? "another field of the state\n" : text.ToString();
    }

    private static void Compare(StringBuilder text, string name, ulong a, ulong b)
    {
        if (a != b)
        {
            text.Append($"{name}: interpreted {a:x}, translated {b:x}\n");
        }
    }
}
