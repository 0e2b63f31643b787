using Emulator.Core.Cpu;
using Emulator.Mmu;
using Xunit;
using static Emulator.Tests.Mmu.PageTables;

namespace Emulator.Tests.Mmu;

/// <summary>The guest's page walk in its four forms (SDM Vol. 3A, chapter 4).</summary>
public sealed unsafe class PageWalkTests
{
    private const ulong LongModeActive = 0x400, NoExecuteEnable = 0x800, NoExecute = 1ul << 63;
    private const uint P = PageFaultError.Present, W = PageFaultError.Write, U = PageFaultError.User, Reserved = PageFaultError.Reserved;

    // 0040_3123: directory entry 1, table entry 3.
    private const uint Linear = 0x0040_3123;

    [Fact]
    public void ASmallPageIsFoundAndMarkedAsUsed()
    {
        using var tables = new PageTables();
        tables[Root, 1] = Second | Present | Write;
        tables[Second, 3] = Frame | Present | Write;
        Assert.Equal(-1, tables.Walk(Linear, write: false, user: false, out PageWalk walk));
        Assert.Equal(new PageWalk(Frame + 0x123, Writable: true, User: false, Dirty: false, Global: false, PageShift: 12, Accessed: false, Table: (Second >> 12) + 1, Directory: (Root >> 12) + 1), walk);
        Assert.Equal((Accessed, Accessed), (tables[Root, 1] & (Accessed | Dirty), tables[Second, 3] & (Accessed | Dirty)));
        Assert.Equal(-1, tables.Walk(Linear, write: true, user: false, out walk));
        Assert.True(walk.Dirty);
        Assert.Equal((Accessed, Accessed | Dirty), (tables[Root, 1] & (Accessed | Dirty), tables[Second, 3] & (Accessed | Dirty)));
    }

    [Fact]
    public void LookingLeavesNoMark()
    {
        using var tables = new PageTables();
        tables[Root, 1] = Second | Present;
        tables[Second, 3] = Frame | Present;
        Assert.True(tables.Mmu.Walker.TryPeek(tables.State, Linear, out PageWalk walk));
        Assert.Equal(Frame + 0x123ul, walk.Address);
        Assert.Equal((Second | Present, Frame | Present), (tables[Root, 1], tables[Second, 3]));
    }

    [Theory]
    [InlineData(0u, 0u, false, false, 0u)]
    [InlineData(0u, 0u, true, true, W | U)]
    [InlineData(7u, 0u, true, false, W)]
    [InlineData(7u, 6u, false, true, U)]
    public void WhatIsNotPresentFaultsWithP0(uint directory, uint table, bool write, bool user, uint error)
    {
        using var tables = new PageTables();
        tables[Root, 1] = directory == 0 ? 0 : Second | directory;
        tables[Second, 3] = Frame | table;
        Assert.Equal((int)error, tables.Walk(Linear, write, user, out _));
        Assert.Equal(Frame | table, tables[Second, 3]);
    }

    // SDM Vol. 3A, 4.6.1: the stricter level counts; a supervisor ignores R/W without CR0.WP.
    [Theory]
    [InlineData(Write | User, Write | User, true, true, true, -1)]
    [InlineData(Write | User, User, true, true, true, (int)(P | W | U))]
    [InlineData(User, Write | User, true, true, true, (int)(P | W | U))]
    [InlineData(Write | User, Write, false, true, true, (int)(P | U))]
    [InlineData(Write, Write | User, false, true, true, (int)(P | U))]
    [InlineData(User, User, false, true, true, -1)]
    [InlineData(User, User, true, true, false, (int)(P | W | U))]
    [InlineData(0ul, 0ul, false, false, true, -1)]
    [InlineData(0ul, 0ul, true, false, true, (int)(P | W))]
    [InlineData(0ul, 0ul, true, false, false, -1)]
    [InlineData(User, User, true, false, true, (int)(P | W))]
    [InlineData(User, User, true, false, false, -1)]
    public void RightsOfBothLevelsAndWriteProtect(ulong directory, ulong table, bool write, bool user, bool wp, int result)
    {
        using var tables = new PageTables();
        tables.State->Cr0 = wp ? tables.State->Cr0 | Cr0.WP : tables.State->Cr0 & ~Cr0.WP;
        tables[Root, 1] = Second | Present | directory;
        tables[Second, 3] = Frame | Present | table;
        Assert.Equal(result, tables.Walk(Linear, write, user, out _));
        Assert.Equal(result < 0 && write, (tables[Second, 3] & Dirty) != 0);
    }

    [Fact]
    public void ALargePageNeedsPse()
    {
        using var tables = new PageTables(Cr4.PSE);
        tables[Root, 1] = 0x0080_0000 | Present | Write | Large;
        Assert.Equal(-1, tables.Walk(Linear, write: true, user: false, out PageWalk walk));
        Assert.Equal((0x0080_3123ul, 22), (walk.Address, walk.PageShift));
        Assert.Equal(Accessed | Dirty, tables[Root, 1] & (Accessed | Dirty));
        // Bits 13-21 are reserved.
        tables[Root, 1] |= 0x2000;
        Assert.Equal((int)(P | Reserved), tables.Walk(Linear, write: false, user: false, out _));
        // Without PSE the bit says nothing, and the entry leads to a table.
        tables.State->Cr4 = 0;
        tables[Root, 1] = Second | Present | Large;
        tables[Second, 3] = Frame | Present;
        Assert.Equal(-1, tables.Walk(Linear, write: false, user: false, out walk));
        Assert.Equal(Frame + 0x123ul, walk.Address);
    }

    [Fact]
    public void AGlobalPageNeedsPge()
    {
        using var tables = new PageTables(Cr4.PGE);
        tables[Root, 1] = Second | Present;
        tables[Second, 3] = Frame | Present | Global;
        Assert.Equal(-1, tables.Walk(Linear, write: false, user: false, out PageWalk walk));
        Assert.True(walk.Global);
        tables.State->Cr4 = 0;
        Assert.Equal(-1, tables.Walk(Linear, write: false, user: false, out walk));
        Assert.False(walk.Global);
    }

    [Fact]
    public void PhysicalAddressExtensionWalksFromItsFourLoadedPointers()
    {
        // C060_3123: pointer 3, directory entry 3, table entry 3.
        const uint linear = 0xC060_3123;
        using var tables = new PageTables(Cr4.PAE);
        tables.SetLong(Root, 3, Second | Present);
        Assert.True(tables.Mmu.Walker.LoadPdptes(Root));
        tables.SetLong(Second, 3, Third | Present | Write | User);
        tables.SetLong(Third, 3, Frame | Present | Write | User);
        Assert.Equal(-1, tables.Walk(linear, write: true, user: true, out PageWalk walk));
        Assert.Equal((Frame + 0x123ul, 12), (walk.Address, walk.PageShift));
        Assert.Equal(Second | Present, tables.GetLong(Root, 3)); // has no A bit
        Assert.Equal((Accessed, Accessed | Dirty), (tables.GetLong(Second, 3) & (Accessed | Dirty), tables.GetLong(Third, 3) & (Accessed | Dirty)));
        // 2 MiB, whatever CR4.PSE says.
        tables.SetLong(Second, 3, 0x0060_0000 | Present | Large);
        Assert.Equal(-1, tables.Walk(linear, write: false, user: false, out walk));
        Assert.Equal((0x0060_3123ul, 21), (walk.Address, walk.PageShift));
        // The pointers are those that CR3 loaded.
        tables.SetLong(Root, 3, 0);
        Assert.Equal(-1, tables.Walk(linear, write: false, user: false, out _));
        Assert.True(tables.Mmu.Walker.LoadPdptes(Root));
        Assert.Equal(0, tables.Walk(linear, write: false, user: false, out _));
        // Reserved bits: of a pointer, refused when it is loaded; of an entry, a fault; NX is reserved until EFER.NXE.
        tables.SetLong(Root, 3, Second | Present | Write);
        Assert.False(tables.Mmu.Walker.LoadPdptes(Root));
        tables.SetLong(Root, 3, Second | Present);
        Assert.True(tables.Mmu.Walker.LoadPdptes(Root));
        tables.SetLong(Second, 3, Third | Present | (1ul << 40));
        Assert.Equal((int)(P | Reserved), tables.Walk(linear, write: false, user: false, out _));
        tables.SetLong(Second, 3, Third | Present | NoExecute);
        Assert.Equal((int)(P | Reserved), tables.Walk(linear, write: false, user: false, out _));
        tables.State->Efer = NoExecuteEnable;
        Assert.Equal(-1, tables.Walk(linear, write: false, user: false, out _));
    }

    [Fact]
    public void FourLevels()
    {
        // Entry 1, 2, 3, 4 of the four tables, offset 123.
        const ulong linear = (1ul << 39) | (2ul << 30) | (3ul << 21) | (4ul << 12) | 0x123;
        using var tables = new PageTables(Cr4.PAE, LongModeActive | NoExecuteEnable);
        tables.SetLong(Root, 1, Second | Present | Write | User);
        tables.SetLong(Second, 2, Third | Present | Write | User);
        tables.SetLong(Third, 3, Fourth | Present | Write | User);
        tables.SetLong(Fourth, 4, Frame | Present | Write | User | NoExecute);
        Assert.Equal(-1, tables.Walk(linear, write: true, user: true, out PageWalk walk));
        Assert.Equal(new PageWalk(Frame + 0x123, Writable: true, User: true, Dirty: true, Global: false, PageShift: 12, Accessed: false, Table: (Fourth >> 12) + 1, Directory: (Third >> 12) + 1), walk);
        foreach ((uint table, int index) in ((uint, int)[])[(Root, 1), (Second, 2), (Third, 3)])
        {
            Assert.Equal(Accessed, tables.GetLong(table, index) & (Accessed | Dirty));
        }
        Assert.Equal(Accessed | Dirty, tables.GetLong(Fourth, 4) & (Accessed | Dirty));
        // Rights of every level count.
        tables.SetLong(Root, 1, Second | Present | User);
        Assert.Equal((int)(P | W | U), tables.Walk(linear, write: true, user: true, out _));
        tables.SetLong(Root, 1, Second | Present | Write);
        Assert.Equal((int)(P | U), tables.Walk(linear, write: false, user: true, out _));
        // 2 MiB and 1 GiB.
        tables.SetLong(Third, 3, 0x0060_0000 | Present | Large);
        Assert.Equal(-1, tables.Walk(linear, write: false, user: false, out walk));
        Assert.Equal((0x0060_4123ul, 21), (walk.Address, walk.PageShift));
        tables.SetLong(Second, 2, 0x4000_0000 | Present | Large);
        Assert.Equal(-1, tables.Walk(linear, write: false, user: false, out walk));
        Assert.Equal((0x4000_0000ul | (linear & 0x3FFF_FFFF), 30), (walk.Address, walk.PageShift));
        tables.SetLong(Second, 2, 0x4000_0000 | Present | Large | 0x2000);
        Assert.Equal((int)(P | Reserved), tables.Walk(linear, write: false, user: false, out _));
    }

    [Fact]
    public void TheClosedA20GateMasksTheTablesAsWell()
    {
        using var tables = new PageTables();
        tables.Cpu.Memory.A20 = false;
        tables.State->Cr3 = Root | 0x10_0000;
        tables[Root, 1] = Second | 0x10_0000 | Present;
        tables[Second, 3] = 0x30_0000 | Present;
        Assert.Equal(-1, tables.Walk(Linear, write: false, user: false, out PageWalk walk));
        Assert.Equal(0x20_0123ul, walk.Address);
    }
}
