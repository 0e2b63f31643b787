using Emulator.BT.Decode;
using Emulator.BT.Model;
using Emulator.Core.Cpu;
using Emulator.Tests.Cpu;
using CodeBlock = Emulator.BT.Decode.Block;

namespace Emulator.Tests.Simd;

/// <summary>
/// A processor in flat 32-bit protected mode at CPL 0 with 4 MiB mapped one to one by 4 KiB pages and SSE switched on, which runs single
/// instructions. EDI points at <see cref="Data"/>, the last 16 bytes of a page.
/// </summary>
internal sealed unsafe class SimdRig : IDisposable
{
    public const uint Data = 0x20_0FF0, NextPage = 0x20_1000;
    private const uint Directory = 0x1000, Table = 0x2000, Code = 0x10_0000;

    private readonly TestCpu cpu;

    public SimdRig(CpuModel? model = null)
    {
        cpu = new TestCpu(model: model);
        var words = (uint*)cpu.Memory.Host;
        words[Directory / 4] = Table | 3;
        for (uint n = 0; n < 1024; n++)
        {
            words[(Table / 4) + n] = n << 12 | 3;
        }
        CpuState* s = State;
        s->Cr0 = Cr0.PE | Cr0.PG | Cr0.WP | Cr0.NE;
        s->Cr3 = Directory;
        s->Cr4 = Cr4.OSFXSR | Cr4.OSXMMEXCPT;
        s->CodeMode = CodeMode.Bits32;
        s->StackMask = uint.MaxValue;
        for (int n = 0; n < 6; n++)
        {
            s->Segments[n] = new SegmentRegister { Limit = uint.MaxValue, Access = (ushort)((n == Seg.CS ? 0x9B : 0x93) | SegmentRegister.DBit) };
            s->Segments[n].UpdateLimits();
        }
        s->Rip = Code;
        s->Gpr[7] = Data;
        cpu.Vcpu.Mmu.FlushAll();
    }

    public CpuState* State => cpu.State;

    public CpuModel Model => cpu.Vcpu.Model;

    /// <summary>Guest memory as mapped.</summary>
    public byte* Memory => cpu.Memory.Host;

    /// <summary>Changes the rights of the page after <see cref="Data"/>: 0 is not present, 1 read-only, 3 writable.</summary>
    public void SetNextPage(uint rights)
    {
        ((uint*)cpu.Memory.Host)[(Table / 4) + (NextPage >> 12)] = NextPage | rights;
        cpu.Vcpu.Mmu.FlushAll();
    }

    /// <summary>Runs one instruction; returns the exception that it raised, or -1.</summary>
    public int Run(params byte[] code)
    {
        cpu.Vcpu.Cache.Reset();
        code.CopyTo(cpu.Memory.Machine(Code, 16));
        // A return ends the block.
        cpu.Memory.Machine(Code + (ulong)code.Length, 1)[0] = 0xC3;
        CodeBlock* block = cpu.Vcpu.Cache.Decode(State, Code, CodeMode.Bits32);
        State->FaultVector = -1;
        State->BlockRip = Code;
        Insn* i = block->First;
        bool done = i->Handler(State, i);
        Xunit.Assert.Equal(done, State->FaultVector < 0);
        return State->FaultVector;
    }

    public void Dispose() => cpu.Dispose();
}
