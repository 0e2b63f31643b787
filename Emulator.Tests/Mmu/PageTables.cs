using Emulator.Core.Cpu;
using Emulator.Mmu;
using Emulator.Tests.Cpu;

namespace Emulator.Tests.Mmu;

/// <summary>A processor with paging on, and page tables that a test writes entry by entry. The tables start at <see cref="Root"/>.</summary>
internal sealed unsafe class PageTables : IDisposable
{
    public const uint Root = 0x1000, Second = 0x2000, Third = 0x3000, Fourth = 0x4000, Frame = 0x20_0000;

    public const ulong Present = 1, Write = 2, User = 4, Accessed = 0x20, Dirty = 0x40, Large = 0x80, Global = 0x100;

    public PageTables(ulong cr4 = 0, ulong efer = 0)
    {
        State->Cr0 = Cr0.PE | Cr0.PG | Cr0.WP | Cr0.ET;
        State->Cr3 = Root;
        State->Cr4 = cr4;
        State->Efer = efer;
    }

    public TestCpu Cpu { get; } = new();

    public CpuState* State => Cpu.State;

    public Emulator.Mmu.Mmu Mmu => Cpu.Vcpu.Mmu;

    /// <summary>An entry of 4 bytes.</summary>
    public ulong this[uint table, int index]
    {
        get => Cpu.Memory.ReadValue(table + ((uint)index * 4), 4);
        set => Cpu.Memory.WriteValue(table + ((uint)index * 4), 4, value);
    }

    /// <summary>Writes an entry of 8 bytes.</summary>
    public void SetLong(uint table, int index, ulong value) => Cpu.Memory.WriteValue(table + ((uint)index * 8), 8, value);

    public ulong GetLong(uint table, int index) => Cpu.Memory.ReadValue(table + ((uint)index * 8), 8);

    /// <summary>Walks the tables: -1, or the page fault's error code.</summary>
    public int Walk(ulong linear, bool write, bool user, out PageWalk walk) => Mmu.Walker.Translate(State, linear, write, user, out walk);

    public void Dispose() => Cpu.Dispose();
}
