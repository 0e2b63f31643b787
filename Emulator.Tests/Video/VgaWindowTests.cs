using Xunit;

namespace Emulator.Tests.Video;

public sealed class VgaWindowTests
{
    private const int A0000 = 0xA0000;

    [Fact]
    public void MapMaskChoosesThePlanesThatAreWritten()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        machine.Set(0x3C4, 2, 0x0A);
        machine.Poke(A0000 + 5, 0x5A);
        AssertPlanes(machine, 5, 0x00, 0x5A, 0x00, 0x5A);
    }

    [Fact]
    public void WriteMode0RotatesReplacesBySetResetAndMasks()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 0, 0x0F, 0x33, 0x55, 0xFF);
        machine.Set(0x3CE, 0, 0x01); // set/reset: plane 0 set
        machine.Set(0x3CE, 1, 0x03); // planes 0 and 1 take it
        machine.Set(0x3CE, 3, 0x02); // rotate right by 2
        machine.Set(0x3CE, 8, 0xF0);
        machine.Peek(A0000);
        machine.Poke(A0000, 0x83); // rotated: E0
        AssertPlanes(machine, 0, 0xFF, 0x03, 0xE5, 0xEF);
    }

    [Theory]
    [InlineData(0x08, 0x0C & 0xAA, 0xF0 & 0xAA)]
    [InlineData(0x10, 0x0C | 0xAA, 0xF0 | 0xAA)]
    [InlineData(0x18, 0x0C ^ 0xAA, 0xF0 ^ 0xAA)]
    public void WriteMode0CombinesWithTheLatches(int function, int plane0, int plane3)
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 7, 0x0C, 0x00, 0x00, 0xF0);
        machine.Set(0x3CE, 3, function);
        machine.Peek(A0000 + 7);
        machine.Poke(A0000 + 9, 0xAA);
        machine.Set(0x3CE, 3, 0);
        Assert.Equal(plane0, Plane(machine, 9, 0));
        Assert.Equal(plane3, Plane(machine, 9, 3));
    }

    [Fact]
    public void WriteMode1CopiesTheLatches()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 100, 1, 2, 3, 4);
        machine.Set(0x3CE, 5, 1);
        machine.Peek(A0000 + 100);
        machine.Poke(A0000 + 200, 0xEE);
        AssertPlanes(machine, 200, 1, 2, 3, 4);
    }

    [Fact]
    public void WriteMode2SpreadsAColourUnderTheBitMask()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 3, 0xFF, 0x00, 0xFF, 0x00);
        machine.Set(0x3CE, 5, 2);
        machine.Set(0x3CE, 8, 0x18);
        machine.Peek(A0000 + 3);
        machine.Poke(A0000 + 3, 0xFA); // planes 1 and 3
        AssertPlanes(machine, 3, 0xE7, 0x18, 0xE7, 0x18);
    }

    [Fact]
    public void WriteMode3UsesCpuDataAsBitMaskForSetReset()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 3, 0x00, 0xFF, 0x00, 0xFF);
        machine.Set(0x3CE, 0, 0x05);
        machine.Set(0x3CE, 3, 0x04); // rotate by 4
        machine.Set(0x3CE, 5, 3);
        machine.Set(0x3CE, 8, 0x3F);
        machine.Peek(A0000 + 3);
        machine.Poke(A0000 + 3, 0x0F); // rotated F0, masked 30
        AssertPlanes(machine, 3, 0x30, 0xCF, 0x30, 0xCF);
    }

    [Fact]
    public void ReadMode1ComparesColours()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 0, 0xF0, 0xCC, 0xAA, 0x0F);
        machine.Set(0x3CE, 5, 0x08);
        machine.Set(0x3CE, 2, 0x03); // colour 3: planes 0 and 1 set, 2 and 3 clear
        machine.Set(0x3CE, 7, 0x0F);
        Assert.Equal(0xF0 & 0xCC & ~0xAA & ~0x0F & 0xFF, machine.Peek(A0000));
        machine.Set(0x3CE, 7, 0x03);
        Assert.Equal(0xF0 & 0xCC, machine.Peek(A0000));
        machine.Set(0x3CE, 7, 0x00);
        Assert.Equal(0xFF, machine.Peek(A0000));
    }

    [Fact]
    public void WideAccessesGoByteByByteThroughTheLatches()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        machine.Memory.WriteValue(A0000 + 16, 8, 0x1122334455667788);
        Assert.Equal(0x88, Plane(machine, 16, 0));
        Assert.Equal(0x11, Plane(machine, 23, 3));
        Assert.Equal(0x55667788u, machine.Memory.ReadValue(A0000 + 16, 4));
    }

    [Fact]
    public void PlanesAreInterleavedByBytesInTheFramebuffer()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        SetPlanes(machine, 0x123, 1, 2, 3, 4);
        Assert.Equal([1, 2, 3, 4], machine.Framebuffer.Slice(0x123 * 4, 4).ToArray());
    }

    [Fact]
    public void Chain4SpreadsBytesOverThePlanes()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode13);
        machine.Memory.WriteValue(A0000 + 8, 4, 0x44332211);
        machine.Poke(A0000 + 13, 0x99);
        Assert.Equal(0x44332211u, machine.Memory.ReadValue(A0000 + 8, 4));
        Assert.Equal(0x99, machine.Peek(A0000 + 13));
        machine.Set(0x3C4, 4, 6); // unchained: four bytes are at one plane address, whose low bits are zero
        AssertPlanes(machine, 8, 0x11, 0x22, 0x33, 0x44);
        AssertPlanes(machine, 12, 0x00, 0x99, 0x00, 0x00);
    }

    [Fact]
    public void OddEvenPutsCharactersInPlane0AndAttributesInPlane1()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.PokeWord(0xB8000 + 6, 0x1F41);
        machine.Poke(0xB8000 + 8, 0x42);
        machine.Poke(0xB8000 + 9, 0x2E);
        machine.Memory.WriteValue(0xB8000 + 10, 2, 0x3D43);
        machine.Memory.WriteValue(0xB8000 + 12, 4, 0x5F45_4E44);
        Assert.Equal(0x41, machine.Peek(0xB8000 + 6));
        Assert.Equal(0x1F, machine.Peek(0xB8000 + 7));
        Assert.Equal(0x2E42_1F41u, machine.Memory.ReadValue(0xB8000 + 6, 4));
        Assert.Equal(0x3D43u, machine.Memory.ReadValue(0xB8000 + 10, 2));
        Assert.Equal(0x5F45_4E44u, machine.Memory.ReadValue(0xB8000 + 12, 4));

        machine.Set(0x3C4, 4, 6); // planes one by one
        machine.Set(0x3CE, 5, 0);
        machine.Set(0x3CE, 6, 5);
        machine.Set(0x3C4, 2, 0xF);
        AssertPlanes(machine, 6, 0x41, 0x1F, 0, 0);
        AssertPlanes(machine, 8, 0x42, 0x2E, 0, 0);
        AssertPlanes(machine, 14, 0x45, 0x5F, 0, 0);
    }

    [Theory]
    [InlineData(false, 0xB8000, 0x8000)]
    [InlineData(true, 0xA0000, 0x10000)]
    public void ThePlainPathsDoWhatTheLongOneDoes(bool chain4, int window, int length)
    {
        VgaMode mode = chain4 ? VgaMode.Mode13 : VgaMode.Text80x25;
        using VgaMachine quick = VgaMachine.InMode(mode), slow = VgaMachine.InMode(mode);
        slow.Set(0x3CE, 3, 0x10); // OR with latches that are zero: no effect, but not the plain set-up
        var bytes = new byte[length];
        var random = new Random(1);
        for (int i = 0; i < 20000; i++)
        {
            int size = 1 << random.Next(4);
            int at = random.Next(length / 4096) * 4096 + random.Next(4096 - size + 1);
            ulong value = (ulong)random.NextInt64();
            quick.Memory.WriteValue((ulong)(window + at), size, value);
            slow.Memory.WriteValue((ulong)(window + at), size, value);
            for (int b = 0; b < size; b++)
            {
                bytes[at + b] = (byte)(value >> (b * 8));
            }
        }
        Assert.True(quick.Framebuffer.SequenceEqual(slow.Framebuffer));
        for (int i = 0; i < 20000; i++)
        {
            int size = 1 << random.Next(4);
            int at = random.Next(length / 4096) * 4096 + random.Next(4096 - size + 1);
            ulong expected = 0;
            for (int b = 0; b < size; b++)
            {
                expected |= (ulong)bytes[at + b] << (b * 8);
            }
            Assert.Equal(expected, quick.Memory.ReadValue((ulong)(window + at), size));
        }
    }

    [Fact]
    public void PlainReadsLoadTheLatches()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.PokeWord(0xB8000, 0x1F41);
        machine.PokeWord(0xB8004, 0x2E42);
        Assert.Equal(0x1F41u, machine.Memory.ReadValue(0xB8000, 2));
        machine.Set(0x3CE, 5, 0x11); // write mode 1
        machine.Poke(0xB8008, 0);
        machine.Poke(0xB8009, 0);
        Assert.Equal(0x1F41u, machine.Memory.ReadValue(0xB8008, 2));
    }

    [Theory]
    [InlineData(0x04, 0xA0000, 0xB0000)]
    [InlineData(0x08, 0xB0000, 0xB8000)]
    [InlineData(0x0C, 0xB8000, 0xB0000)]
    public void MemoryMapSelectsWhereTheWindowIs(int select, int inside, int outside)
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        machine.Set(0x3CE, 6, 1 | select);
        machine.Poke(inside + 1, 0x77);
        machine.Poke(outside + 2, 0x88);
        Assert.Equal(0x77, machine.Peek(inside + 1));
        Assert.Equal(0xFF, machine.Peek(outside + 1));
        Assert.Equal(0x77, machine.Framebuffer[4]);
        Assert.Equal(0x00, machine.Framebuffer[8]);
    }

    [Fact]
    public void MapSelect0IsAll128KiB()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Mode12);
        machine.Set(0x3CE, 6, 1);
        machine.Poke(0xA0010, 0x11);
        Assert.Equal(0x11, machine.Peek(0xA0010));
        Assert.Equal(0x11, machine.Peek(0xB0010)); // planes have 64 KiB
    }

    [Fact]
    public void MiscOutputBit1ClosesTheWindow()
    {
        using VgaMachine machine = VgaMachine.InMode(VgaMode.Text80x25);
        machine.Out(0x3C2, 0x65);
        machine.PokeWord(0xB8000, 0x0741);
        Assert.Equal(0xFFFFu, machine.Memory.ReadValue(0xB8000, 2));
        machine.Out(0x3C2, 0x67);
        Assert.Equal(0u, machine.Memory.ReadValue(0xB8000, 2));
    }

    private static void SetPlanes(VgaMachine machine, int address, params int[] bytes)
    {
        for (int plane = 0; plane < 4; plane++)
        {
            machine.Set(0x3C4, 2, 1 << plane);
            machine.Poke(A0000 + address, bytes[plane]);
        }
        machine.Set(0x3C4, 2, 0x0F);
    }

    private static void AssertPlanes(VgaMachine machine, int address, params int[] bytes)
    {
        int[] found = [Plane(machine, address, 0), Plane(machine, address, 1), Plane(machine, address, 2), Plane(machine, address, 3)];
        Assert.Equal(bytes, found);
    }

    private static int Plane(VgaMachine machine, int address, int plane)
    {
        machine.Set(0x3CE, 4, plane);
        return machine.Peek(A0000 + address);
    }
}
