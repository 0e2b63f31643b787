using Xunit;

namespace Emulator.Tests.Floppy;

public sealed class FloppyTransferTests
{
    private const byte Read = 0xE6, Write = 0xC5;

    private readonly FloppyRig rig = new();

    [Fact]
    public void ReadOneSectorByDma()
    {
        rig.Seek(3);
        rig.Dma.Program(512);
        Assert.Equal([0x04, 0, 0, 3, 1, 6, 2], rig.Transfer(Read, 3, 1, 5, 18));
        Assert.Equal(Sectors(3, 1, 5, 1), rig.Dma.Buffer);
        Assert.Equal(2, rig.Irqs);
        Assert.False(rig.Irq.Level);
    }

    [Fact]
    public void BusyUntilTheInterrupt()
    {
        rig.Dma.Program(512);
        rig.Send(Read, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF);
        Assert.Equal(0x10, rig.Status);
        Assert.Equal(0, rig.Irqs);
        rig.Run();
        Assert.Equal(0xD0, rig.Status);
        Assert.True(rig.Irq.Level);
        rig.In(FloppyRig.Fifo);
        Assert.False(rig.Irq.Level);
    }

    [Fact]
    public void MultiTrackReadsACylinder()
    {
        rig.Dma.Program(36 * 512);
        Assert.Equal([0x04, 0, 0, 1, 0, 1, 2], rig.Transfer(Read, 0, 0, 1, 18));
        Assert.Equal(Sectors(0, 0, 1, 36), rig.Dma.Buffer);
    }

    [Fact]
    public void TerminalCountAtTheEndOfASideNamesTheNext()
    {
        rig.Dma.Program(512);
        Assert.Equal([0x04, 0, 0, 0, 1, 1, 2], rig.Transfer(Read, 0, 0, 18, 18));
        rig.Dma.Program(512);
        Assert.Equal([0x00, 0, 0, 1, 0, 1, 2], rig.Transfer(0x46, 0, 0, 18, 18));
    }

    [Fact]
    public void WithoutTerminalCountTheCylinderEnds()
    {
        rig.Dma.Program(4 * 512);
        Assert.Equal([0x40, 0x80, 0], rig.Transfer(0x46, 0, 0, 17, 18)[..3]);
        Assert.Equal(1024, rig.Dma.Position);
    }

    [Fact]
    public void WrongPlaceIsNoData()
    {
        Assert.Equal([0x40, 0x04, 0x10], rig.Transfer(Read, 5, 0, 1, 18)[..3]);
        Assert.Equal([0x40, 0x04, 0x00], rig.Transfer(Read, 0, 0, 19, 36)[..3]);
        Assert.Equal([0x40, 0x04, 0x00], rig.Command(Read, 0, 0, 1, 1, 2, 18, 0x1B, 0xFF)[..3]);
        Assert.Equal([0x40, 0x04, 0x00], rig.Command(Read, 0, 0, 0, 1, 3, 18, 0x1B, 0xFF)[..3]);
    }

    [Fact]
    public void ImpliedSeekMovesTheHead()
    {
        rig.Command(0x13, 0, 0x40, 0);
        rig.Dma.Program(512);
        Assert.Equal(0, rig.Transfer(Read, 30, 0, 2, 18)[0]);
        Assert.Equal(30, rig.Drive.Cylinder);
        Assert.Equal(Sectors(30, 0, 2, 1), rig.Dma.Buffer);
    }

    [Fact]
    public void MaskedDmaOverruns()
    {
        rig.Dma.Masked = true;
        Assert.Equal([0x40, 0x10, 0], rig.Transfer(Read, 0, 0, 1, 18)[..3]);
        Assert.Equal([0x40, 0x10, 0], rig.Transfer(Write, 0, 0, 1, 18)[..3]);
    }

    [Fact]
    public void WriteByDma()
    {
        byte[] data = new byte[3 * 512];
        new Random(5).NextBytes(data);
        rig.Seek(2);
        rig.Dma.Program(data);
        Assert.Equal([0x04, 0, 0, 3, 0, 1, 2], rig.Transfer(Write, 2, 1, 16, 18));
        Assert.Equal(data, Sectors(2, 1, 16, 3));
    }

    [Fact]
    public void WhatTerminalCountCutsOffIsWrittenAsZeros()
    {
        rig.Dma.Program(Enumerable.Repeat((byte)7, 100).ToArray());
        Assert.Equal(0, rig.Transfer(Write, 0, 0, 1, 18)[0]);
        byte[] sector = Sectors(0, 0, 1, 1);
        Assert.All(sector[..100], b => Assert.Equal(7, b));
        Assert.All(sector[100..], b => Assert.Equal(0, b));
    }

    [Fact]
    public void WriteProtectedDiskIsNotWritable()
    {
        rig.Image.IsReadOnly = true;
        rig.Dma.Program(new byte[512]);
        Assert.Equal([0x40, 0x02, 0], rig.Transfer(Write, 0, 0, 1, 18)[..3]);
        Assert.Equal([0x40, 0x02, 0], rig.Command(0x4D, 0, 2, 18, 0x50, 0xF6)[..3]);
    }

    [Fact]
    public void HostErrorsAreDataErrors()
    {
        rig.Image.BadSectors.Add(4);
        rig.Dma.Program(512);
        Assert.Equal([0x40, 0x20, 0x20, 0, 0, 5, 2], rig.Transfer(Read, 0, 0, 5, 18));
        Assert.Equal([0x40, 0x20, 0x20], rig.Transfer(Write, 0, 0, 5, 18)[..3]);
    }

    [Fact]
    public void ProgrammedReadGoesThroughTheDataRegister()
    {
        rig.Command(0x03, 0xAF, 0x03);
        rig.Send(0x46, 0, 0, 0, 17, 2, 18, 0x1B, 0xFF);
        rig.Run();
        byte[] data = new byte[1024];
        for (int i = 0; i < data.Length; i++)
        {
            Assert.Equal(0xF0, rig.Status);
            data[i] = rig.In(FloppyRig.Fifo);
        }
        Assert.Equal(Sectors(0, 0, 17, 2), data);
        // There is no TC pin in this mode: the end of the cylinder ends the command.
        Assert.Equal([0x40, 0x80, 0, 1, 0, 1, 2], rig.Result());
        Assert.Equal(3, rig.Irqs);
    }

    [Fact]
    public void ProgrammedWriteGoesThroughTheDataRegister()
    {
        rig.Command(0x03, 0xAF, 0x03);
        rig.Send(0x45, 0, 0, 0, 18, 2, 18, 0x1B, 0xFF);
        rig.Run();
        for (int i = 0; i < 512; i++)
        {
            Assert.Equal(0xB0, rig.Status);
            rig.Out(FloppyRig.Fifo, i * 3);
        }
        Assert.Equal(0x80, rig.Result()[1]);
        Assert.Equal(Enumerable.Range(0, 512).Select(i => (byte)(i * 3)), Sectors(0, 0, 18, 1));
    }

    [Fact]
    public void FormatFillsTheTrack()
    {
        rig.Seek(4);
        byte[] ids = [.. Enumerable.Range(1, 18).SelectMany(r => new byte[] { 4, 1, (byte)r, 2 })];
        rig.Dma.Program(ids);
        Assert.Equal([0x04, 0, 0], rig.Command(0x4D, 4, 2, 18, 0x50, 0xF6)[..3]);
        Assert.All(Sectors(4, 1, 1, 18), b => Assert.Equal(0xF6, b));
        Assert.Equal(MemoryBlockBackend.Pattern(5 * 36 * 512), Sectors(5, 0, 1, 1)[0]);
    }

    [Fact]
    public void VerifyMovesNoData()
    {
        rig.Dma.Masked = true;
        Assert.Equal([0x00, 0, 0], rig.Transfer(0x56, 0, 0, 1, 18)[..3]);
        Assert.Equal([0x00, 0, 0], rig.Command(0x56, 0x80, 0, 0, 1, 2, 18, 0x1B, 5)[..3]);
        Assert.Equal([0x40, 0x04, 0], rig.Command(0x56, 0x80, 0, 0, 1, 2, 18, 0x1B, 19)[..3]);
    }

    [Fact]
    public void ReadTrackStartsAtTheFirstSector()
    {
        rig.Dma.Program(18 * 512);
        Assert.Equal(0, rig.Transfer(0x42, 0, 0, 9, 18)[0]);
        Assert.Equal(Sectors(0, 0, 1, 18), rig.Dma.Buffer);
    }

    [Fact]
    public void DeletedDataAreNeverFound()
    {
        rig.Dma.Program(1024);
        Assert.Equal([0x00, 0, 0x40], rig.Transfer(0x4C, 0, 0, 1, 18)[..3]);
        Assert.Equal(512, rig.Dma.Position);
        rig.Dma.Program(1024);
        Assert.Equal([0x40, 0x80, 0], rig.Transfer(0x6C, 0, 0, 1, 18)[..3]);
        Assert.Equal(0, rig.Dma.Position);
        rig.Dma.Program([.. Enumerable.Repeat((byte)1, 512)]);
        Assert.Equal(0, rig.Transfer(0xC9, 0, 0, 1, 18)[0]);
        Assert.Equal(1, rig.Image.Data[0]);
    }

    [Fact]
    public void ShortImageReadsZerosBeyondItsEnd()
    {
        var short144 = new FloppyRig(MemoryBlockBackend.Patterned(1296384));
        short144.Seek(79);
        short144.Dma.Program(512);
        Assert.Equal(0, short144.Transfer(Read, 79, 1, 18, 18)[0] & 0xC0);
        Assert.All(short144.Dma.Buffer, b => Assert.Equal(0, b));
        short144.Dma.Program(512);
        Assert.Equal([0x44, 0x20], short144.Transfer(Write, 79, 1, 18, 18)[..2]);
    }

    [Fact]
    public void SingleSidedDiskHasNoSecondSide()
    {
        var single = new FloppyRig(MemoryBlockBackend.Patterned(184320));
        single.Out(FloppyRig.Ccr, 2);
        single.Dma.Program(512);
        Assert.Equal([0x44, 0x01], single.Transfer(0x46, 0, 1, 1, 9)[..2]);
        Assert.Equal(0, single.Transfer(0x46, 0, 0, 9, 9)[0]);
        Assert.Equal(single.Image.Data[(8 * 512)..(9 * 512)], single.Dma.Buffer);
    }

    [Fact]
    public void AnyBytesLeaveTheControllerUsable()
    {
        var random = new Random(6);
        for (int i = 0; i < 20_000; i++)
        {
            rig.Dma.Masked = random.Next(4) == 0;
            rig.Dma.Program(random.Next(1, 3000));
            rig.Out(random.Next(8), random.Next(256));
            rig.In(FloppyRig.Fifo);
            rig.Run();
        }
        rig.Controller.Reset();
        rig.Out(FloppyRig.Dor, 0x1C);
        rig.Out(FloppyRig.Ccr, 0);
        rig.Dma.Masked = false;
        rig.Drive.Medium = MemoryBlockBackend.Patterned(1474560);
        rig.Command(0x07, 0);
        rig.Command(0x08);
        rig.Command(0x07, 0);
        rig.Command(0x08);
        rig.Dma.Program(512);
        Assert.Equal([0x00, 0, 0], rig.Transfer(Read, 0, 0, 1, 18)[..3]);
    }

    private byte[] Sectors(int cylinder, int head, int sector, int count)
    {
        int first = (((cylinder * 2) + head) * 18) + sector - 1;
        return rig.Image.Data[(first * 512)..((first + count) * 512)];
    }
}
