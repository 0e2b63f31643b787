using Emulator.Devices.Floppy;
using Xunit;

namespace Emulator.Tests.Floppy;

public sealed class FloppyControllerTests
{
    private readonly FloppyRig rig = new();

    [Fact]
    public void ResetGivesOneInterruptAndFourSenses()
    {
        rig.Out(FloppyRig.Dor, 0x18);
        Assert.Equal(0, rig.Status);
        rig.Out(FloppyRig.Dor, 0x1C);
        Assert.Equal(0, rig.Irqs);
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        for (int drive = 0; drive < 4; drive++)
        {
            Assert.Equal([(byte)(0xC0 | drive), 0], rig.Command(0x08));
            Assert.False(rig.Irq.Level);
        }
        Assert.Equal([0x80], rig.Command(0x08));
    }

    [Fact]
    public void DataRateSelectResetsToo()
    {
        rig.Out(FloppyRig.Msr, 0x80);
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        Assert.Equal([0xC0, 0], rig.Command(0x08));
    }

    [Fact]
    public void DmaGateHoldsTheInterrupt()
    {
        rig.Out(FloppyRig.Dor, 0x10);
        rig.Out(FloppyRig.Dor, 0x14);
        rig.Run();
        Assert.False(rig.Irq.Level);
        rig.Out(FloppyRig.Dor, 0x1C);
        Assert.True(rig.Irq.Level);
    }

    [Fact]
    public void VersionDumpAndUnknownCommands()
    {
        Assert.Equal([0x90], rig.Command(0x10));
        Assert.Equal([0x80], rig.Command(0x18));
        Assert.Equal([0x80], rig.Command(0x1F));
        Assert.Equal([0, 0, 0, 0, 0xAF, 0x02, 0, 0, 0x20, 0], rig.Command(0x0E));
    }

    [Fact]
    public void LockKeepsTheConfigurationOverAReset()
    {
        rig.Command(0x13, 0, 0x57, 0x10);
        Assert.Equal([0x10], rig.Command(0x94));
        rig.Out(FloppyRig.Msr, 0x80);
        rig.Run();
        Assert.Equal([0x80, 0x57, 0x10], rig.Command(0x0E)[7..]);
        Assert.Equal([0x00], rig.Command(0x14));
        rig.Out(FloppyRig.Msr, 0x80);
        rig.Run();
        Assert.Equal([0x00, 0x20, 0x00], rig.Command(0x0E)[7..]);
    }

    [Fact]
    public void PerpendicularModeKeepsDriveBitsWithoutOverwrite()
    {
        rig.Command(0x12, 0x84);
        rig.Command(0x12, 0x0B);
        Assert.Equal(0x07, rig.Command(0x0E)[7]);
    }

    [Fact]
    public void SeekAndRecalibrateEndWithSenseInterrupt()
    {
        rig.Send(0x0F, 0, 40);
        Assert.Equal(0x81, rig.Status);
        rig.Run();
        Assert.Equal(1, rig.Irqs);
        Assert.Equal([0x20, 40], rig.Command(0x08));
        Assert.Equal(0x80, rig.Status);
        Assert.Equal(40, rig.Drive.Cylinder);
        rig.Command(0x07, 0);
        Assert.Equal([0x20, 0], rig.Command(0x08));
        rig.Command(0xCF, 0, 5);
        rig.Command(0x08);
        rig.Command(0x8F, 0, 2);
        Assert.Equal([0x20, 3], rig.Command(0x08));
    }

    [Fact]
    public void RecalibrateOfAnAbsentDriveFails()
    {
        rig.Command(0x07, 1);
        Assert.Equal([0x71, 0], rig.Command(0x08));
    }

    [Fact]
    public void DriveStatusShowsTrackZeroAndProtection()
    {
        Assert.Equal([0x38], rig.Command(0x04, 0));
        rig.Image.IsReadOnly = true;
        rig.Seek(1);
        Assert.Equal([0x6C], rig.Command(0x04, 4));
        Assert.Equal([0x29], rig.Command(0x04, 1));
    }

    [Fact]
    public void DiskChangeLineFallsWithAStep()
    {
        Assert.Equal(0x80, rig.In(FloppyRig.Dir));
        rig.Seek(0);
        Assert.Equal(0x80, rig.In(FloppyRig.Dir));
        rig.Seek(1);
        Assert.Equal(0x00, rig.In(FloppyRig.Dir));
        rig.Drive.Medium = null;
        Assert.Equal(0x80, rig.In(FloppyRig.Dir));
        rig.Seek(2);
        Assert.Equal(0x80, rig.In(FloppyRig.Dir));
        rig.Drive.Medium = rig.Image;
        rig.Seek(0);
        Assert.Equal(0x00, rig.In(FloppyRig.Dir));
    }

    [Fact]
    public void ReadIdNeedsTheRightRateAndDensity()
    {
        rig.Seek(7);
        Assert.Equal([0x04, 0, 0, 7, 1, 1, 2], rig.Command(0x4A, 4));
        Assert.Equal(2, rig.Irqs);
        rig.Out(FloppyRig.Ccr, 2);
        Assert.Equal([0x40, 0x01], rig.Command(0x4A, 0)[..2]);
        rig.Out(FloppyRig.Ccr, 0);
        Assert.Equal([0x40, 0x01], rig.Command(0x0A, 0)[..2]);
        rig.Drive.Medium = null;
        Assert.Equal([0x40, 0x01], rig.Command(0x4A, 0)[..2]);
    }

    [Fact]
    public void HardwareResetHoldsTheController()
    {
        rig.Controller.Reset();
        Assert.Equal(0, rig.Status);
        Assert.Equal(0, rig.In(FloppyRig.Dor));
        rig.Out(FloppyRig.Fifo, 0x10);
        rig.Out(FloppyRig.Dor, 0x0C);
        Assert.Equal(0x80, rig.Status);
    }

    [Theory]
    [InlineData(163840, 40, 1, 8, 1)]
    [InlineData(184320, 40, 1, 9, 1)]
    [InlineData(327680, 40, 2, 8, 1)]
    [InlineData(368640, 40, 2, 9, 1)]
    [InlineData(737280, 80, 2, 9, 3)]
    [InlineData(1228800, 80, 2, 15, 2)]
    [InlineData(1474560, 80, 2, 18, 4)]
    [InlineData(2949120, 80, 2, 36, 5)]
    [InlineData(1296384, 80, 2, 18, 4)]
    [InlineData(1000000, 80, 2, 18, 4)]
    [InlineData(512, 40, 1, 8, 1)]
    [InlineData(10_000_000, 80, 2, 36, 5)]
    public void GeometryFollowsTheImageSize(long length, int cylinders, int heads, int sectors, int cmosType)
    {
        var geometry = FloppyGeometry.OfImage(length);
        Assert.Equal((cylinders, heads, sectors, cmosType), (geometry.Cylinders, geometry.Heads, geometry.SectorsPerTrack, geometry.CmosType));
    }
}
