using Xunit;

namespace Emulator.Tests.Floppy;

/// <summary>82077AA data sheet, section 5.1: the SCAN commands; and every format from end to end.</summary>
public sealed class FloppyScanTests
{
    private const byte ScanEqual = 0x51, ScanLow = 0x59, ScanHigh = 0x5D;

    private readonly FloppyRig rig = new();

    [Fact]
    public void EqualDataAreAHit()
    {
        rig.Dma.Program(Sector(3));
        Assert.Equal([0x00, 0, 0x08, 0, 0, 4, 2], Scan(ScanEqual, first: 3, last: 18, step: 1));
    }

    [Fact]
    public void UnequalDataAreNotSatisfiedUntilTheLastSector()
    {
        Fill(1, 0x40);
        Fill(2, 0x40);
        rig.Dma.Program([.. Bytes(0x41), .. Bytes(0x41)]);
        Assert.Equal([0x00, 0, 0x04], Scan(ScanEqual, first: 1, last: 2, step: 1)[..3]);
        Assert.Equal(1024, rig.Dma.Position);
    }

    [Fact]
    public void TheScanGoesOnToTheSectorThatFits()
    {
        Fill(1, 0x40);
        Fill(2, 0x30);
        Fill(3, 0x20);
        // Each sector is compared with the bytes that come next.
        rig.Dma.Program([.. Bytes(0x20), .. Bytes(0x20), .. Bytes(0x20), .. Bytes(0x20)]);
        Assert.Equal([0x00, 0, 0x08, 0, 0, 4, 2], Scan(ScanEqual, first: 1, last: 18, step: 1));
        rig.Dma.Program([.. Bytes(0x20), .. Bytes(0x20), .. Bytes(0x20)]);
        Assert.Equal([0x00, 0, 0x08], Scan(ScanEqual, first: 1, last: 18, step: 2)[..3]);
        Assert.Equal(1024, rig.Dma.Position);
    }

    [Theory]
    [InlineData(ScanLow, 0x40, 0x41, 0x00)]
    [InlineData(ScanLow, 0x40, 0x40, 0x08)]
    [InlineData(ScanLow, 0x40, 0x3F, 0x04)]
    [InlineData(ScanHigh, 0x40, 0x3F, 0x00)]
    [InlineData(ScanHigh, 0x40, 0x41, 0x04)]
    [InlineData(ScanEqual, 0x40, 0xFF, 0x08)]
    [InlineData(ScanEqual, 0xFF, 0x12, 0x08)]
    public void LowAndHighCompareEveryByteAndFfFitsAll(byte command, byte disk, byte host, byte st2)
    {
        Fill(18, disk);
        rig.Dma.Program(Bytes(host));
        Assert.Equal([0x00, 0, st2], Scan(command, first: 18, last: 18, step: 1)[..3]);
    }

    [Fact]
    public void TheHostsBytesMayComeThroughTheDataRegister()
    {
        Fill(18, 0x40);
        rig.Command(0x03, 0xAF, 0x03);
        rig.Send(ScanEqual, 0, 0, 0, 18, 2, 18, 0x1B, 1);
        rig.Run();
        for (int n = 0; n < 512; n++)
        {
            Assert.Equal(0xB0, rig.Status);
            rig.Out(FloppyRig.Fifo, 0x40);
        }
        Assert.Equal([0x00, 0, 0x08], rig.Result()[..3]);
    }

    [Fact]
    public void AProtectedDiskMayBeScanned()
    {
        var protectedRig = new FloppyRig(new MemoryBlockBackend(1474560) { IsReadOnly = true });
        protectedRig.Dma.Program(protectedRig.Image.Data[..512]);
        Assert.Equal([0x00, 0, 0x08], protectedRig.Command(ScanEqual, 0, 0, 0, 1, 2, 18, 0x1B, 1)[..3]);
    }

    // Size, tracks, sides, sectors, data rate code.
    [Theory]
    [InlineData(163840, 40, 1, 8, 2)]
    [InlineData(184320, 40, 1, 9, 2)]
    [InlineData(327680, 40, 2, 8, 2)]
    [InlineData(368640, 40, 2, 9, 1)]
    [InlineData(737280, 80, 2, 9, 2)]
    [InlineData(1228800, 80, 2, 15, 0)]
    [InlineData(1474560, 80, 2, 18, 0)]
    [InlineData(2949120, 80, 2, 36, 3)]
    public void EveryFormatIsFormattedWrittenAndRead(int length, byte tracks, byte sides, byte sectors, byte rate)
    {
        var disk = new FloppyRig(new MemoryBlockBackend(length));
        disk.Out(FloppyRig.Ccr, rate);
        if (rate == 3)
        {
            disk.Command(0x12, 0x84);
        }
        for (byte track = 0; track < tracks; track++)
        {
            disk.Seek(track);
            for (byte side = 0; side < sides; side++)
            {
                disk.Dma.Program([.. Enumerable.Range(1, sectors).SelectMany(r => new byte[] { track, side, (byte)r, 2 })]);
                Assert.Equal(0, disk.Command(0x4D, (byte)(side << 2), 2, sectors, 0x50, track)[0] & 0xC0);
            }
        }
        for (int at = 0; at < length; at += 512)
        {
            Assert.Equal(at / 512 / sectors / sides, disk.Image.Data[at]);
        }
        byte last = (byte)(tracks - 1);
        byte[] data = [.. Enumerable.Range(0, sides * sectors * 512).Select(n => (byte)(n * 7))];
        disk.Dma.Program(data);
        Assert.Equal(0, disk.Transfer(0xC5, last, 0, 1, sectors)[0] & 0xC0);
        Assert.Equal(data, disk.Image.Data[^data.Length..]);
        disk.Dma.Program(data.Length);
        Assert.Equal(0, disk.Transfer(0xE6, last, 0, 1, sectors)[0] & 0xC0);
        Assert.Equal(data, disk.Dma.Buffer);
        Assert.Equal(0x40, disk.Transfer(0xE6, last, 0, sectors + 1, sectors + 1)[0] & 0xC0);
    }

    private byte[] Scan(byte command, byte first, byte last, byte step) => rig.Command(command, 0, 0, 0, first, 2, last, 0x1B, step);

    private byte[] Sector(int number) => rig.Image.Data[((number - 1) * 512)..(number * 512)];

    private void Fill(int number, byte value) => Array.Fill(rig.Image.Data, value, (number - 1) * 512, 512);

    private static byte[] Bytes(byte value) => [.. Enumerable.Repeat(value, 512)];
}
