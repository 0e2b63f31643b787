using Emulator.Core.Bus;
using Emulator.Core.Memory;
using Emulator.Devices.Pci;
using Xunit;

namespace Emulator.Tests.Pci;

public sealed class ChipSetTests : IDisposable
{
    private readonly PciRig rig = new();
    private readonly bool[] isa = new bool[16];
    private readonly Piix3Isa piix3;

    public ChipSetTests()
    {
        rig.Memory.Map(new MemoryRegion("ram", 0, 0xA0000, MemoryKind.Ram, 0, null, 0));
        ulong rom = rig.Memory.Allocate(0x40000);
        rig.Memory.Machine(rom, 0x40000).Fill(0xEE);
        rig.Memory.Map(new MemoryRegion("bios", 0xC0000, 0x40000, MemoryKind.Rom, rom, null, 0));
        rig.Bus.Add(0, 0, new I440Fx(rig.Memory));
        piix3 = new Piix3Isa(irq => new IrqLine(level => isa[irq] = level));
        rig.Bus.Add(1, 0, piix3);
    }

    public void Dispose() => rig.Dispose();

    [Fact]
    public void IdentitiesAreTheChips()
    {
        Assert.Equal(0x1237_8086u, rig.Read(0, 0, 0));
        Assert.Equal(0x7000_8086u, rig.Read(1, 0, 0));
        Assert.Equal(0x80u, rig.Read(1, 0, 0x0E, 1));
        Assert.Equal(0x0601u, rig.Read(1, 0, 0x0A, 2));
    }

    [Fact]
    public void BiosShadowingAsFirmwareDoesIt()
    {
        // Read ROM, write RAM; copy; then RAM for both; then write-protected RAM.
        rig.Write(0, 0, 0x59, 0x20, 1);
        rig.Memory.WriteValue(0xF0000, 1, 0x12);
        Assert.Equal(0xEEul, rig.Memory.ReadValue(0xF0000, 1));
        rig.Write(0, 0, 0x59, 0x30, 1);
        Assert.Equal(0x12ul, rig.Memory.ReadValue(0xF0000, 1));
        rig.Memory.WriteValue(0xF0000, 1, 0x34);
        rig.Write(0, 0, 0x59, 0x10, 1);
        rig.Memory.WriteValue(0xF0000, 1, 0x56);
        Assert.Equal(0x34ul, rig.Memory.ReadValue(0xF0000, 1));
        rig.Write(0, 0, 0x59, 0x00, 1);
        Assert.Equal(0xEEul, rig.Memory.ReadValue(0xF0000, 1));
    }

    [Theory]
    [InlineData(0x5A, 0x03, 0xC0000)]
    [InlineData(0x5A, 0x30, 0xC4000)]
    [InlineData(0x5C, 0x03, 0xD0000)]
    [InlineData(0x5F, 0x03, 0xE8000)]
    [InlineData(0x5F, 0x30, 0xEC000)]
    public void EachNibbleIsSixteenKilobytes(int register, uint value, ulong segment)
    {
        rig.Write(0, 0, register, value, 1);
        foreach (ulong pa in new[] { segment - 1, segment, segment + 0x3FFF, segment + 0x4000 })
        {
            rig.Memory.WriteValue(pa, 1, 0x99);
            bool inside = pa >= segment && pa < segment + 0x4000;
            ulong outside = pa < 0xC0000 ? 0xFFul : 0xEEul;
            Assert.Equal(inside ? 0x99ul : outside, rig.Memory.ReadValue(pa, 1));
        }
    }

    [Fact]
    public void ResetTakesShadowingBackAndSmramIsStored()
    {
        rig.Write(0, 0, 0x59, 0x30, 1);
        rig.Write(0, 0, 0x72, 0x0A, 1);
        Assert.Equal(0x0Au, rig.Read(0, 0, 0x72, 1));
        rig.Bus.Reset();
        Assert.Equal(0xEEul, rig.Memory.ReadValue(0xF0000, 1));
        Assert.Equal(0x02u, rig.Read(0, 0, 0x72, 1));
    }

    [Fact]
    public void PirqRoutesToIsaAndFollowsTheRegister()
    {
        var card = new TestFunction(rig.Memory);
        rig.Bus.Add(2, 0, card);
        Assert.Null(piix3.RouteOf(1));
        rig.Write(1, 0, 0x60, 0x0B0B_0A0A);
        Assert.Equal([10, 10, 11, 11], Enumerable.Range(0, 4).Select(i => piix3.RouteOf(i)!.Value));
        card.Interrupt(true);
        Assert.True(isa[10]);
        rig.Write(1, 0, 0x61, 0x05, 1);
        Assert.False(isa[10]);
        Assert.True(isa[5]);
        rig.Write(1, 0, 0x61, 0x80, 1);
        Assert.DoesNotContain(true, isa);
    }

    [Fact]
    public void ReservedRoutesLeadNowhere()
    {
        foreach (uint irq in new uint[] { 0, 1, 2, 8, 13 })
        {
            rig.Write(1, 0, 0x60, irq, 1);
            Assert.Null(piix3.RouteOf(0));
        }
    }

    [Fact]
    public void TwoWiresOnOneIrqAreOred()
    {
        var a = new TestFunction(rig.Memory);
        var b = new TestFunction(rig.Memory);
        rig.Bus.Add(2, 0, a);
        rig.Bus.Add(3, 0, b);
        rig.Write(1, 0, 0x60, 0x0B0B_0B0B);
        a.Interrupt(true);
        b.Interrupt(true);
        a.Interrupt(false);
        Assert.True(isa[11]);
        b.Interrupt(false);
        Assert.False(isa[11]);
    }
}
