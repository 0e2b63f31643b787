using Emulator.Core.Bus;
using Emulator.Core.Cpu;
using Emulator.Core.Memory;
using Emulator.Mmu;
using Emulator.Tests.Cpu;
using Xunit;
using static Emulator.Tests.Mmu.PageTables;

namespace Emulator.Tests.Mmu;

/// <summary>From linear address to memory or device: shadow tables, their flushes, and the map of the machine.</summary>
public sealed unsafe class TranslationTests
{
    private const uint Linear = 0x0040_3000, Other = 0x30_0000;

    [Fact]
    public void InvlpgAndCr3DropWhatTheTablesRemember()
    {
        using PageTables tables = Mapped(0);
        Assert.Equal(1u, Load(tables));
        tables[Second, 3] = Other | Present | Write;
        tables.Mmu.Invalidate(Linear + 0x1000);
        Assert.Equal(1u, Load(tables)); // another page's
        tables.Mmu.Invalidate(Linear + 0xFFF);
        Assert.Equal(2u, Load(tables));
        tables[Second, 3] = Frame | Present | Write;
        tables.Mmu.FlushNonGlobal();
        Assert.Equal(1u, Load(tables));
    }

    [Fact]
    public void AGlobalPageOutlivesCr3ButNotInvlpg()
    {
        using PageTables tables = Mapped(Global, Cr4.PGE);
        Assert.Equal(1u, Load(tables));
        tables[Second, 3] = Other | Present | Write | Global;
        tables.Mmu.FlushNonGlobal();
        Assert.Equal(1u, Load(tables));
        tables.Mmu.Invalidate(Linear);
        Assert.Equal(2u, Load(tables));
        tables[Second, 3] = Frame | Present | Write | Global;
        tables.Mmu.FlushAll();
        Assert.Equal(1u, Load(tables));
    }

    [Fact]
    public void InvlpgDropsAWholeLargePage()
    {
        using PageTables tables = Mapped(0, Cr4.PSE);
        tables[Root, 1] = 0x0040_0000 | Present | Write | Large;
        tables.Cpu.Memory.WriteValue(0x0040_3000, 4, 7);
        tables.Cpu.Memory.WriteValue(0x0080_3000, 4, 8);
        Assert.Equal(7u, Load(tables));
        tables[Root, 1] = 0x0080_0000 | Present | Write | Large;
        tables.Mmu.Invalidate(0x0040_0000);
        Assert.Equal(8u, Load(tables));
    }

    [Fact]
    public void AFirstWriteThroughAReadPageStillSetsD()
    {
        using PageTables tables = Mapped(0);
        Load(tables);
        Assert.Equal(0ul, tables[Second, 3] & Dirty);
        Assert.True(SlowAccess.StoreLinear(tables.State, Linear, 4, user: false, 9));
        Assert.Equal(Dirty, tables[Second, 3] & Dirty);
    }

    [Fact]
    public void AFaultNamesItsAddressAndReason()
    {
        using PageTables tables = Mapped(0);
        tables[Second, 3] = Frame | Present;
        Assert.False(SlowAccess.StoreLinear(tables.State, Linear + 5, 4, user: true, 0));
        Assert.Equal((Vector.PF, PageFaultError.Present | PageFaultError.Write | PageFaultError.User, Linear + 5ul),
            (tables.State->FaultVector, tables.State->FaultErrorCode, tables.State->Cr2));
    }

    [Fact]
    public void AStoreOverTwoPagesIsDoneWholeOrNotAtAll()
    {
        using PageTables tables = Mapped(0);
        Assert.False(SlowAccess.StoreLinear(tables.State, Linear + 0xFFE, 4, user: false, 0xAABBCCDD));
        Assert.Equal(Linear + 0x1000ul, tables.State->Cr2);
        Assert.Equal(0ul, tables.Cpu.Memory.ReadValue(Frame + 0xFFE, 2));
        tables[Second, 4] = Other | Present | Write;
        tables.State->FaultVector = -1;
        Assert.True(SlowAccess.StoreLinear(tables.State, Linear + 0xFFE, 4, user: false, 0xAABBCCDD));
        Assert.Equal((0xCCDDul, 0xAABBul), (tables.Cpu.Memory.ReadValue(Frame + 0xFFE, 2), tables.Cpu.Memory.ReadValue(Other, 2)));
        Assert.True(SlowAccess.LoadLinear(tables.State, Linear + 0xFFE, 4, user: false, out ulong value));
        Assert.Equal(0xAABBCCDDul, value);
    }

    [Fact]
    public void TheA20GateWrapsAddressesAtOneMegabyte()
    {
        using var cpu = new TestCpu();
        cpu.Memory.WriteValue(0x1234, 1, 1);
        cpu.Memory.WriteValue(0x10_1234, 1, 2);
        Assert.Equal(2u, Load(cpu, 0x10_1234, 1));
        cpu.Memory.A20 = false;
        Assert.Equal(1u, Load(cpu, 0x10_1234, 1));
        cpu.Memory.A20 = true;
        Assert.Equal(2u, Load(cpu, 0x10_1234, 1));
    }

    [Fact]
    public void RomIgnoresWrites()
    {
        using var cpu = new TestCpu();
        ulong rom = cpu.Memory.Allocate(0x1000);
        cpu.Memory.Machine(rom, 1)[0] = 0x55;
        cpu.Memory.Map(new MemoryRegion("rom", 0xF000_0000, 0x1000, MemoryKind.Rom, rom, null, 0));
        Assert.Equal(0x55u, Load(cpu, 0xF000_0000, 1));
        Assert.True(SlowAccess.StoreLinear(cpu.State, 0xF000_0000, 1, user: false, 0xAA));
        Assert.Equal(0x55u, Load(cpu, 0xF000_0000, 1));
    }

    // PAM registers of the 440FX (data sheet 290549, 3.2.17): read enable and write enable apart.
    [Theory]
    [InlineData(false, false, 0x55u, 0x11u)]
    [InlineData(false, true, 0x55u, 0xAAu)]
    [InlineData(true, false, 0x11u, 0x11u)]
    [InlineData(true, true, 0xAAu, 0xAAu)]
    public void ShadowRamSendsReadsAndWritesWhereTheChipSetSays(bool readRam, bool writeRam, uint read, uint inRam)
    {
        using var cpu = new TestCpu();
        ulong rom = cpu.Memory.Allocate(0x1_0000);
        cpu.Memory.Machine(rom, 1)[0] = 0x55;
        cpu.Memory.Machine(0xF_0000, 1)[0] = 0x11;
        cpu.Memory.Map(new MemoryRegion("bios", 0xF_0000, 0x1_0000, MemoryKind.Rom, rom, null, 1));
        Assert.Equal(0x55u, Load(cpu, 0xF_0000, 1));
        cpu.Memory.SetShadowing(0xF_0000, 0x1_0000, readRam, writeRam);
        Assert.True(SlowAccess.StoreLinear(cpu.State, 0xF_0000, 1, user: false, 0xAA));
        Assert.Equal((read, inRam), (Load(cpu, 0xF_0000, 1), cpu.Memory.Machine(0xF_0000, 1)[0]));
    }

    [Fact]
    public void ADeviceSeesOffsetSizeAndEveryAccess()
    {
        using var cpu = new TestCpu();
        var device = new Recorder();
        cpu.Memory.Map(new MemoryRegion("device", 0xE000_0000, 0x1000, MemoryKind.Mmio, 0, device, 0));
        Assert.Equal(0x10u, Load(cpu, 0xE000_0010, 4));
        Assert.Equal(0x10u, Load(cpu, 0xE000_0010, 4));
        Assert.True(SlowAccess.StoreLinear(cpu.State, 0xE000_0020, 2, user: false, 0xBEEF));
        // Half of it lies behind the device.
        Assert.True(SlowAccess.StoreLinear(cpu.State, 0xE000_0FFE, 4, user: false, 0x44332211));
        Assert.Equal(["R 10 4", "R 10 4", "W 20 2 beef", "W ffe 1 11", "W fff 1 22"], device.Log);
    }

    [Fact]
    public void DirtyBitsTellWhichPagesWereWrittenSinceTheyWereAsked()
    {
        using var cpu = new TestCpu();
        for (int round = 0; round < 2; round++)
        {
            // The second store goes by the shadow table.
            Assert.True(SlowAccess.StoreLinear(cpu.State, Frame + 8, 4, user: false, 1));
            Assert.True(SlowAccess.StoreLinear(cpu.State, Frame + 12, 4, user: false, 1));
            Assert.True(cpu.Memory.ConsumeDirty(Frame, 0x1000));
            Assert.False(cpu.Memory.ConsumeDirty(Frame, 0x1000));
        }
        cpu.Memory.Write(Frame + 0x1FFF, [1, 2]);
        Assert.True(cpu.Memory.ConsumeDirty(Frame + 0x1000, 0x1000));
        Assert.True(cpu.Memory.ConsumeDirty(Frame + 0x2000, 0x1000));
    }

    private static PageTables Mapped(ulong flags, ulong cr4 = 0)
    {
        var tables = new PageTables(cr4);
        tables[Root, 1] = Second | Present | Write | User;
        tables[Second, 3] = Frame | Present | Write | User | flags;
        tables.Cpu.Memory.WriteValue(Frame, 4, 1);
        tables.Cpu.Memory.WriteValue(Other, 4, 2);
        return tables;
    }

    private static uint Load(PageTables tables) => Load(tables.Cpu, Linear, 4);

    private static uint Load(TestCpu cpu, uint linear, int size)
    {
        Assert.True(SlowAccess.LoadLinear(cpu.State, linear, size, user: false, out ulong value));
        return (uint)value;
    }

    private sealed class Recorder : IMmioDevice
    {
        public List<string> Log { get; } = [];

        public ulong ReadMmio(ulong offset, int size)
        {
            Log.Add($"R {offset:x} {size}");
            return offset;
        }

        public void WriteMmio(ulong offset, int size, ulong value) => Log.Add($"W {offset:x} {size} {value:x}");
    }
}
