using Emulator.BT.Helpers;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Machine.Board;

namespace Emulator.Bench.Fuzz;

/// <summary>
/// Puts a processor into protected mode with paging on descriptor tables that hold every kind of descriptor and gate. Exceptions
/// return one byte behind where they came from, so that random code goes on.
/// </summary>
internal sealed unsafe class FuzzTables(Random random, PcBoard board)
{
    private const uint Idt = 0x1000, Tss = 0x2000, OtherTss = 0x2800, Ldt = 0x3000, PageDirectory = 0x4000, PageTable = 0x5000, Handlers = 0x6000,
        InnerStack = 0x7F00, Gdt = 0x8000, OuterStack = 0xF000, Code = 0x10000;

    private const int Code0 = 0x08, Data0 = 0x10, Code3 = 0x18, Data3 = 0x20, TssSelector = 0x28, LdtSelector = 0x30, RandomDescriptors = 0x70, GdtEnd = 0x100;

    // ADD ESP,4; INC DWORD [ESP]; IRETD
    private static readonly byte[] SkipErrorCode = [0x83, 0xC4, 0x04, 0xFF, 0x04, 0x24, 0xCF];

    private readonly PhysicalMemory memory = board.Memory;

    /// <summary>Writes the tables and enters.</summary>
    public void Enter(ReadOnlySpan<byte> code)
    {
        memory.Write(Code, code);
        memory.Write(Handlers, SkipErrorCode);
        WriteGdt();
        WriteIdt();
        WriteTss();
        WritePages();
        EnterProtectedMode(random.Next(2) == 0 ? 0 : 3);
    }

    private static ulong Segment(uint start, uint limit, int access, int flags) =>
        (limit & 0xFFFF) | (ulong)(start & 0xFFFFFF) << 16 | (ulong)(uint)access << 40 | (ulong)(limit >> 16 & 15) << 48 | (ulong)(uint)flags << 52 | (ulong)(start >> 24) << 56;

    private static ulong Gate(int selector, uint offset, int access) =>
        (offset & 0xFFFF) | (ulong)(uint)selector << 16 | (ulong)(uint)access << 40 | (ulong)(offset >> 16) << 48;

    private void WriteGdt()
    {
        const int flat = 0xC, small = 0x4, bits16 = 0;
        ulong[] descriptors =
        [
            0, Segment(0, 0xFFFFF, 0x9B, flat), Segment(0, 0xFFFFF, 0x93, flat), Segment(0, 0xFFFFF, 0xFB, flat), Segment(0, 0xFFFFF, 0xF3, flat),
            Segment(Tss, 0x7FF, 0x89, bits16), Segment(Ldt, 0x3F, 0x82, bits16), Segment(OtherTss, 0x67, 0xE9, bits16),
            Segment(Code, 0x7FFF, 0xFB, bits16), Segment(Code, 0x7FFF, 0xF3, bits16), Segment(0, 0x80, 0xF7, small), Segment(0, 0xFFFFF, 0xFF, flat),
            Gate(Code0, Code + 0x1000, 0xEC) | 3ul << 32, Gate(0x38, 0, 0xE5),
        ];
        for (int n = 0; n < descriptors.Length; n++)
        {
            memory.WriteValue(Gdt + ((uint)n * 8), 8, descriptors[n]);
        }
        for (uint at = RandomDescriptors; at < GdtEnd; at += 8)
        {
            memory.WriteValue(Gdt + at, 8, (ulong)random.NextInt64());
        }
        for (uint at = 0; at < 0x40; at += 8)
        {
            memory.WriteValue(Ldt + at, 8, random.Next(2) == 0 ? descriptors[random.Next(descriptors.Length)] : (ulong)random.NextInt64());
        }
    }

    private void WriteIdt()
    {
        for (uint vector = 0; vector < 256; vector++)
        {
            bool hasErrorCode = vector is 8 or (>= 10 and <= 14) or 17;
            ulong gate = Gate(Code0, Handlers + (hasErrorCode ? 0u : 3), 0x8E | (random.Next(4) == 0 ? 0x60 : 0) | random.Next(2));
            memory.WriteValue(Idt + (vector * 8), 8, random.Next(60) switch
            {
                0 => Gate(0x38, 0, 0xE5),
                1 => (ulong)random.NextInt64(),
                2 => Gate(Code0, Handlers + 3, 0x86),
                3 => Gate(Code0, Handlers + 3, 0x0E),
                _ => gate,
            });
        }
    }

    private void WriteTss()
    {
        var bytes = new byte[0x800];
        random.NextBytes(bytes);
        memory.Write(OtherTss, bytes);
        memory.Write(Tss, bytes);
        memory.WriteValue(Tss + 4, 4, InnerStack);
        memory.WriteValue(Tss + 8, 4, Data0);
        memory.WriteValue(Tss + 0x66, 2, 0x68);
        memory.WriteValue(OtherTss + 0x1C, 4, PageDirectory);
        memory.WriteValue(OtherTss + 0x20, 4, Code + (uint)random.Next(0x4000));
        memory.WriteValue(OtherTss + 0x4C, 4, Code0);
        memory.WriteValue(OtherTss + 0x50, 4, Data0);
    }

    private void WritePages()
    {
        const uint present = 1, writable = 2, user = 4, all = present | writable | user, large = 0x80;
        memory.WriteValue(PageDirectory, 4, PageTable | all);
        for (uint n = 1; n < 1024; n++)
        {
            uint entry = random.Next(8) switch { 0 => 0u, 1 => (uint)random.Next(), 2 => (n << 22) | all | large, _ => PageTable | all };
            memory.WriteValue(PageDirectory + (n * 4), 4, entry);
        }
        for (uint n = 0; n < 1024; n++)
        {
            bool needed = n is (>= 1 and <= 0xF) or (>= 0x10 and < 0x18);
            uint rights = needed ? all : random.Next(16) switch { 0 => 0, 1 => present, 2 => present | writable, 3 => present | user, _ => all };
            memory.WriteValue(PageTable + (n * 4), 4, (n << 12) | rights | (random.Next(8) == 0 ? 0x100u : 0));
        }
    }

    private void EnterProtectedMode(int cpl)
    {
        CpuState* cpu = board.Cpu.State;
        cpu->Gdtr = new TableRegister { Base = Gdt, Limit = GdtEnd - 1 };
        cpu->Idtr = new TableRegister { Base = Idt, Limit = 0x7FF };
        cpu->Cr4 = (ulong)random.NextInt64() & board.Cpu.Model.Cr4Mask & ~Cr4.PAE;
        SystemRegisters.LoadCr3(cpu, PageDirectory);
        ulong some = random.Next(3) == 0 ? (ulong)random.Next() & (Cr0.WP | Cr0.AM | Cr0.NE | Cr0.MP | Cr0.EM | Cr0.TS) : 0;
        SystemRegisters.LoadCr0(cpu, Cr0.PE | Cr0.PG | Cr0.ET | some);
        SetFromGdt(cpu, Seg.CS, cpl == 0 ? Code0 : Code3 | 3);
        foreach (int segment in (ReadOnlySpan<int>)[Seg.SS, Seg.DS, Seg.ES, Seg.FS, Seg.GS])
        {
            SetFromGdt(cpu, segment, cpl == 0 ? Data0 : Data3 | 3);
        }
        Segmentation.SetSystem(ref cpu->Tr, TssSelector, new Descriptor(memory.ReadValue(Gdt + TssSelector, 8) | 2ul << 40));
        Segmentation.SetSystem(ref cpu->Ldtr, LdtSelector, new Descriptor(memory.ReadValue(Gdt + LdtSelector, 8)));
        uint flags = (uint)random.Next() & Eflags.Arithmetic;
        flags |= random.Next(4) == 0 ? Eflags.AC : 0;
        flags |= random.Next(2) == 0 ? Eflags.IF : 0;
        flags |= random.Next(16) == 0 ? Eflags.TF : 0;
        flags |= random.Next(3) == 0 ? Eflags.IOPL : 0;
        cpu->SetEflags(flags);
        board.Cpu.FlagsChanged();
        if (random.Next(8) == 0)
        {
            for (int n = 0; n < 4; n++)
            {
                cpu->Dr[n] = Code + (ulong)random.Next(0x8000);
            }
            cpu->Dr[7] = 0x400 | (uint)random.Next();
            board.Cpu.DebugRegistersChanged();
        }
        for (int n = 0; n < 8; n++)
        {
            cpu->Gpr[n] = random.Next(2) == 0 ? (uint)random.Next() : (uint)random.Next(0x20000);
        }
        cpu->Gpr[4] = cpl == 0 ? InnerStack : OuterStack;
        cpu->Rip = Code;
        board.Cpu.Mmu.SelectPrivilege();
    }

    private void SetFromGdt(CpuState* cpu, int segment, int selector) =>
        Segmentation.Set(cpu, segment, selector, new Descriptor(memory.ReadValue(Gdt + ((uint)selector & ~7u), 8)));
}
